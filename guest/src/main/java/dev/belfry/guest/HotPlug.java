package dev.belfry.guest;

import dev.belfry.guest.driver.PortDriver;
import dev.belfry.kernel.pci.BarResource;
import dev.belfry.kernel.pci.HotPlugPort;
import dev.belfry.kernel.pci.PciFunction;
import dev.belfry.kernel.pci.PciHost;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Cards that come and go while the guest runs: which ports drive slots, and what is done when one
/// of them calls.
final class HotPlug {

    /// What is done with a function that came: an IOMMU group, a driver.
    interface Added {
        void function(PciHost host, PciFunction above, PciFunction function);
    }

    private record Port(PciHost host, PortDriver driver) {}

    private final Map<PciFunction, Port> ports = new LinkedHashMap<>();
    private final Added added;
    private final Consumer<PciFunction> removed;
    private final List<String> problems;

    /// @param removed what is done with a function that leaves: no driver, no IOMMU group
    HotPlug(Added added, Consumer<PciFunction> removed, List<String> problems) {
        this.added = added;
        this.removed = removed;
        this.problems = problems;
    }

    void add(PciHost host, PortDriver driver) {
        ports.put(driver.port(), new Port(host, driver));
    }

    void remove(PciFunction port) {
        Port gone = ports.remove(port);
        if (gone != null) {
            gone.driver.detach();
        }
    }

    /// Looks after the slots that called.
    ///
    /// @return whether any of them changed
    boolean lookAfter() {
        boolean changed = false;
        for (Port p : List.copyOf(ports.values())) {
            if (p.driver.takeCall()) {
                changed |= handle(p);
            }
        }
        return changed;
    }

    private boolean handle(Port p) {
        HotPlugPort slot = p.driver.slot();
        switch (slot.handle()) {
            case NOTHING -> {
                return false;
            }
            case INSERTED -> {
                slot.powerOn();
                PciHost.Found found = p.host.rescan(slot.port());
                found.unplaced().forEach(bar -> noRoom(slot.port(), bar));
                found.functions().forEach(f -> added.function(p.host, slot.port(), f));
            }
            case REMOVAL_ASKED -> {
                slot.announceRemoval();
                removeBelow(p);
                slot.powerOff();
            }
            case GONE -> {
                removeBelow(p);
                slot.powerOff();
            }
        }
        return true;
    }

    private void removeBelow(Port p) {
        for (PciFunction f : List.copyOf(p.driver.slot().port().children())) {
            removed.accept(f);
            p.host.forget(f);
        }
    }

    private void noRoom(PciFunction port, BarResource bar) {
        problems.add(
                "pci "
                        + port.bdf()
                        + ": no room for BAR "
                        + bar.index()
                        + " of "
                        + bar.size()
                        + " bytes of the card below: firmware set too little aside for the slot");
    }
}
