package dev.belfry.vmm.virt;

import dev.belfry.model.pci.Bridge;
import dev.belfry.model.pci.PciBus;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.firmware.FirmwareInputs.Slot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/// The functions that ACPI has devices for: those on `pcie.0` and below its bridges.
final class FirmwareSlots {

    private FirmwareSlots() {}

    static List<Slot> of(List<GuestFunction> functions, PciBus bus) {
        return of(functions, bus, false);
    }

    /// @param hotPlug whether functions on that bus can be unplugged
    private static List<Slot> of(List<GuestFunction> functions, PciBus bus, boolean hotPlug) {
        List<Slot> slots = new ArrayList<>();
        for (GuestFunction f : functions) {
            if (f.hardware().isAttached() && f.hardware().bus() == bus) {
                slots.add(
                        new Slot(
                                f.hardware().devfn(),
                                hotPlug ? OptionalInt.empty() : acpiIndex(f),
                                below(functions, f)));
            }
        }
        slots.sort(Comparator.comparingInt(Slot::devfn));
        return slots;
    }

    private static List<Slot> below(List<GuestFunction> functions, GuestFunction f) {
        if (!(f.hardware() instanceof Bridge bridge)) {
            return List.of();
        }
        boolean hotPlug =
                f.described() instanceof dev.belfry.vmm.machine.PciFunction.Bridge described
                        && described.hotPlug();
        return of(functions, bridge.secondary(), hotPlug);
    }

    private static OptionalInt acpiIndex(GuestFunction f) {
        long index =
                Quantities.number(f.described().plugged().params().get("acpi-index", "0"))
                        .orElse(0);
        return index == 0 ? OptionalInt.empty() : OptionalInt.of((int) index);
    }
}
