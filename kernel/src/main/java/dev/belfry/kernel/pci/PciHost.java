package dev.belfry.kernel.pci;

import dev.belfry.kernel.Machine;
import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.ExtendedCapabilityId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A host bridge with everything below it.
public final class PciHost {

    /// What the host bridge is.
    ///
    /// @param segment PCI segment
    /// @param ecamBase configuration space of `firstBus`
    /// @param firstBus root bus
    /// @param lastBus last bus, inclusive
    /// @param windows what it passes down
    /// @param preserveConfig BARs and windows are kept as firmware left them
    public record Setup(
            int segment,
            long ecamBase,
            int firstBus,
            int lastBus,
            List<HostWindow> windows,
            boolean preserveConfig) {
        public Setup {
            windows = List.copyOf(windows);
        }
    }

    /// `pci_hotplug_mmio_pref_size`.
    private static final long LINUX_FOR_SLOT = 2L << 20;

    private static final int COMMAND_IO = 1;
    private static final int COMMAND_MEMORY = 2;
    private static final int COMMAND_MASTER = 4;
    private static final int ACS_CAPABILITY = 4;
    private static final int ACS_CONTROL = 6;

    /// Source Validation, P2P Request Redirect, P2P Completion Redirect, Upstream Forwarding.
    private static final int ACS_ISOLATION = 1 | 1 << 2 | 1 << 3 | 1 << 4;

    private final Setup setup;
    private final long highForSlot;
    private final ConfigAccess config;
    private List<PciFunction> roots = List.of();
    private List<BarResource> unplaced = List.of();
    private List<HostWindow> left;

    /// As Linux has it: 2 MiB for each slot.
    public PciHost(Machine machine, Setup setup) {
        this(machine, setup, LINUX_FOR_SLOT);
    }

    /// @param highForSlot bytes of prefetchable memory beyond 4 GiB set aside for each hot-plug
    ///   slot
    public PciHost(Machine machine, Setup setup, long highForSlot) {
        this.highForSlot = highForSlot;
        this.setup = setup;
        this.left = setup.windows;
        this.config = new ConfigAccess(machine, setup.ecamBase, setup.firstBus);
    }

    /// What is left of the windows behind all that was placed in them: BARs, and what bridges
    /// forward for cards that may come.
    public List<HostWindow> left() {
        return left;
    }

    /// What it is.
    public Setup setup() {
        return setup;
    }

    /// Its configuration space.
    public ConfigAccess config() {
        return config;
    }

    /// Finds functions, numbers buses and places BARs.
    public void enumerate() {
        enumerate(false, 0);
    }

    /// Numbers all buses anew, `gap` numbers left out before each, and places BARs anew. Functions
    /// found before are gone: requester ids have changed.
    public void renumber(int gap) {
        enumerate(true, gap);
    }

    private void enumerate(boolean renumber, int gap) {
        BusScanner scanner = new BusScanner(config, setup.segment, setup.lastBus, renumber, gap);
        roots = scanner.scan(setup.firstBus);
        if (setup.preserveConfig && functions().stream().anyMatch(this::hasPlacedBar)) {
            functions().forEach(this::claim);
        } else {
            ResourceAssigner assigner = new ResourceAssigner(config, setup.windows, highForSlot);
            unplaced = assigner.assign(roots);
            left = assigner.left();
        }
        functions().stream().filter(PciFunction::isBridge).forEach(f -> enable(f, true));
    }

    /// What a look below one bridge found.
    ///
    /// @param functions that were not there before; bridges among them are left alone
    /// @param unplaced their BARs for which the bridge forwards too little
    public record Found(List<PciFunction> functions, List<BarResource> unplaced) {}

    /// Looks at a bridge's secondary bus again, after a card came, and places the BARs of what it
    /// finds.
    public Found rescan(PciFunction bridge) {
        BusScanner scanner = new BusScanner(config, setup.segment, setup.lastBus, false, 0);
        List<PciFunction> found =
                scanner.functionsOn(bridge.secondaryBus(), Optional.of(bridge)).stream()
                        .filter(f -> !f.isBridge() && find(f.routingId()).isEmpty())
                        .toList();
        found.forEach(bridge::addChild);
        return new Found(found, new LatePlacement(config, setup.windows).place(bridge, found));
    }

    /// A function is there no more.
    public void forget(PciFunction function) {
        function.parent().ifPresent(p -> p.removeChild(function));
    }

    private boolean hasPlacedBar(PciFunction function) {
        return function.bars().stream().anyMatch(bar -> bar.pciAddress() != 0);
    }

    /// Takes BARs over from firmware, as far as the windows hold them.
    private void claim(PciFunction function) {
        for (BarResource bar : function.bars()) {
            Optional<HostWindow> window =
                    setup.windows.stream()
                            .filter(w -> (w.space() == HostWindow.Space.IO) == isIo(bar))
                            .filter(w -> bar.pciAddress() != 0 && w.containsPci(bar.pciAddress()))
                            .findFirst();
            window.ifPresent(w -> bar.place(bar.pciAddress(), w.toCpu(bar.pciAddress())));
        }
    }

    private static boolean isIo(BarResource bar) {
        return bar.kind() == Bar.Kind.IO;
    }

    /// All functions, a bridge before those below it, buses in ascending order of discovery.
    public List<PciFunction> functions() {
        List<PciFunction> all = new ArrayList<>();
        collect(roots, all);
        return all;
    }

    private static void collect(List<PciFunction> functions, List<PciFunction> into) {
        for (PciFunction function : functions) {
            into.add(function);
            collect(function.children(), into);
        }
    }

    /// The function with this requester id.
    public Optional<PciFunction> find(int routingId) {
        return functions().stream().filter(f -> f.routingId() == routingId).findFirst();
    }

    /// BARs that found no room.
    public List<BarResource> unplaced() {
        return List.copyOf(unplaced);
    }

    /// Lets a function answer in the spaces for which it has BARs, and, for a driver or a bridge,
    /// issue requests.
    public void enable(PciFunction function, boolean master) {
        int id = function.routingId();
        int command = config.read(id, ConfigRegister.COMMAND);
        int spaces = function.isBridge() ? COMMAND_IO | COMMAND_MEMORY : 0;
        for (BarResource bar : function.bars()) {
            boolean io = isIo(bar);
            spaces |= bar.placed() ? (io ? COMMAND_IO : COMMAND_MEMORY) : 0;
        }
        int decoding = command | spaces;
        if (decoding != command) {
            config.write(id, ConfigRegister.COMMAND, decoding);
        }
        if (master && (decoding & COMMAND_MASTER) == 0) {
            config.write(id, ConfigRegister.COMMAND, decoding | COMMAND_MASTER);
        }
    }

    /// Turns on what isolates functions from each other (`pci_std_enable_acs`).
    ///
    /// @return whether the function has Access Control Services
    public boolean enableAcs(PciFunction function) {
        var acs = function.space().find(ExtendedCapabilityId.ACS);
        if (acs.isEmpty()) {
            return false;
        }
        int id = function.routingId();
        int at = acs.get().offset();
        int capability = config.read(id, at + ACS_CAPABILITY, 2);
        int control = config.read(id, at + ACS_CONTROL, 2);
        config.write(id, at + ACS_CONTROL, 2, control | (capability & ACS_ISOLATION));
        return true;
    }
}
