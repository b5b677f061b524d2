package dev.belfry.vmm.virt;

import dev.belfry.model.pci.Bridge;
import dev.belfry.model.pci.PciBus;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.firmware.FirmwareInputs.Slot;
import dev.belfry.vmm.version.QemuVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// The functions that ACPI has devices for: those on `pcie.0` and below its bridges.
final class FirmwareSlots {

    private static final int FUNCTIONS = 256;

    private final List<GuestFunction> functions;

    /// Whether virtual functions of SR-IOV are on the bus before anybody enables them.
    private final boolean virtual;

    private FirmwareSlots(List<GuestFunction> functions, boolean virtual) {
        this.functions = functions;
        this.virtual = virtual;
    }

    /// @param release of the QEMU whose tables are meant
    static List<Slot> of(List<GuestFunction> functions, PciBus bus, QemuVersion release) {
        return new FirmwareSlots(functions, release.isAtLeast(10, 1)).of(bus, false);
    }

    /// @param hotPlug whether functions on that bus can be unplugged
    private List<Slot> of(PciBus bus, boolean hotPlug) {
        List<Slot> slots = new ArrayList<>();
        for (GuestFunction f : functions) {
            if (f.hardware().isAttached() && f.hardware().bus() == bus) {
                slots.add(
                        new Slot(
                                f.hardware().devfn(),
                                hotPlug ? OptionalInt.empty() : acpiIndex(f),
                                below(f)));
                if (virtual) {
                    virtualFunctions(f)
                            .forEach(at -> slots.add(new Slot(at, OptionalInt.empty(), List.of())));
                }
            }
        }
        slots.sort(Comparator.comparingInt(Slot::devfn));
        return slots;
    }

    /// As far as its own bus has them.
    private static IntStream virtualFunctions(GuestFunction f) {
        int own = f.hardware().devfn();
        IntStream all =
                switch (f.described().plugged().driver()) {
                    case "igb" -> IntStream.range(0, 8).map(i -> own + 0x80 + 2 * i);
                    case "nvme" -> {
                        String count = f.described().plugged().params().get("sriov_max_vfs", "0");
                        long virtuals = Quantities.number(count).orElse(0);
                        yield IntStream.range(0, Math.clamp(virtuals, 0, FUNCTIONS))
                                .map(i -> own + 1 + i);
                    }
                    default -> IntStream.empty();
                };
        return all.filter(at -> at < FUNCTIONS);
    }

    private List<Slot> below(GuestFunction f) {
        if (!(f.hardware() instanceof Bridge bridge)) {
            return List.of();
        }
        boolean hotPlug =
                f.described() instanceof dev.belfry.vmm.machine.PciFunction.Bridge described
                        && described.hotPlug();
        return of(bridge.secondary(), hotPlug);
    }

    private static OptionalInt acpiIndex(GuestFunction f) {
        long index =
                Quantities.number(f.described().plugged().params().get("acpi-index", "0"))
                        .orElse(0);
        return index == 0 ? OptionalInt.empty() : OptionalInt.of((int) index);
    }
}
