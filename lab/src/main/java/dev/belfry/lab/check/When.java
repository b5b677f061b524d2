package dev.belfry.lab.check;

import dev.belfry.vmm.machine.Phase;
import java.util.Locale;

/// When QEMU meets something.
///
/// @param key as JSON has it: `machine-done`
/// @param sentence what happens then
public record When(String key, String sentence) {

    static When of(Phase phase) {
        String sentence =
                switch (phase) {
                    case OPTIONS -> "QEMU reads its options";
                    case MACHINE -> "QEMU makes the machine";
                    case OBJECT -> "QEMU makes the objects";
                    case BOARD -> "the board makes itself: CPUs, interrupt controller, memory";
                    case DEVICE_ADD -> "QEMU looks the device up and sets its properties";
                    case PRE_PLUG -> "the board lets the device in, before it makes itself";
                    case REALIZE -> "the device makes itself";
                    case PLUG -> "the board gives the device its place";
                    case ATTACH -> "the device is bound to the SMMU and the host's kernel";
                    case MACHINE_DONE -> "all devices are there, before the guest starts";
                    case GUEST -> "the guest runs";
                };
        return new When(phase.name().toLowerCase(Locale.ROOT).replace('_', '-'), sentence);
    }
}
