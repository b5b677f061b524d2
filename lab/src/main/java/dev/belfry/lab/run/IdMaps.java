package dev.belfry.lab.run;

import dev.belfry.kernel.firmware.AcpiTables;
import dev.belfry.kernel.firmware.FirmwareMemory;
import dev.belfry.kernel.firmware.Iort;
import dev.belfry.kernel.firmware.IortFaults;
import dev.belfry.kernel.firmware.IortFaults.Fault;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.virt.GuestFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is wrong with the IORT that a guest was given, also where no device is hit by it.
///
/// @param platform that has booted
record IdMaps(Platform platform) {

    /// One sentence each.
    List<String> faults() {
        if (!platform.hasAcpi()) {
            return List.of();
        }
        Optional<Iort> iort =
                AcpiTables.at(FirmwareMemory.of(platform.port()), platform.tables()).iort();
        List<Fault> out = new ArrayList<>();
        iort.map(IortFaults::of).ifPresent(out::addAll);
        for (PciBus root : platform.vm().described().pci().roots()) {
            if (platform.vm().described().smmuOf(root).isPresent()) {
                iort.map(t -> IortFaults.gaps(t, 0, root.number(), lastBus(root)))
                        .ifPresent(out::addAll);
            }
        }
        return out.stream().map(Fault::sentence).toList();
    }

    /// The last bus below a root, as firmware has numbered them: those without devices, too.
    private int lastBus(PciBus root) {
        int last = root.number();
        for (GuestFunction f : platform.vm().functions()) {
            boolean here = platform.vm().described().pci().rootOf(f.described()).equals(root);
            if (here && f.described() instanceof PciFunction.Bridge) {
                last = Math.max(last, subordinate(f));
            }
        }
        return last;
    }

    private int subordinate(GuestFunction bridge) {
        long ecam = platform.vm().described().map().ecam().base().value();
        return Math.toIntExact(
                platform.port()
                        .read(
                                ecam
                                        + ((long) bridge.requesterId() << 12)
                                        + ConfigRegister.SUBORDINATE_BUS_NUMBER.offset(),
                                1));
    }
}
