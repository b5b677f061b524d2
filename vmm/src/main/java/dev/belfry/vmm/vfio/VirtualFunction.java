package dev.belfry.vmm.vfio;

import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.RegionInfo;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.pci.BarFrame;
import dev.belfry.model.pci.Capabilities;
import dev.belfry.model.pci.Endpoint;
import dev.belfry.model.pci.FunctionIdentity;
import dev.belfry.model.pci.PciFunction;
import dev.belfry.model.pci.PciListener;
import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.Capability;
import dev.belfry.model.pci.spec.CapabilityId;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.pci.spec.MsixCapability;
import dev.belfry.model.pci.spec.MsixEntry;
import dev.belfry.model.pci.spec.PortType;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Builds the function that the guest sees in place of a device of the host: the same ids and BARs,
/// BARs mapped through, but a configuration space and an MSI-X table of the VMM's own.
final class VirtualFunction {

    private static final int CONFIG_REGION = 7;

    private final VfioDevice device;
    private final ConfigSpace config;
    private final RefusalLog log;

    private VirtualFunction(VfioDevice device, ConfigSpace config, RefusalLog log) {
        this.device = device;
        this.config = config;
        this.log = log;
    }

    /// Reads the device's configuration space and BARs, and builds the function.
    ///
    /// @param device bound, so that its regions can be read
    /// @param log where later refusals go
    static Result<Endpoint> of(VfioDevice device, RefusalLog log) {
        byte[] bytes = new byte[ConfigSpace.EXPRESS];
        for (int offset = 0; offset < bytes.length; offset += 4) {
            switch (device.read(CONFIG_REGION, offset, 4)) {
                case Result.Err<Long> e -> {
                    return e.as();
                }
                case Result.Ok<Long>(Long word) -> {
                    for (int i = 0; i < 4; i++) {
                        bytes[offset + i] = (byte) (word >>> (8 * i));
                    }
                }
            }
        }
        return new VirtualFunction(device, ConfigSpace.of(bytes), log).build();
    }

    private Result<Endpoint> build() {
        Endpoint function =
                new Endpoint(
                        new FunctionIdentity(
                                config.vendorId(),
                                config.deviceId(),
                                config.classCode(),
                                config.read(ConfigRegister.REVISION_ID),
                                config.read(ConfigRegister.SUBSYSTEM_VENDOR_ID),
                                config.read(ConfigRegister.SUBSYSTEM_ID)),
                        true);
        Optional<MsixCapability> msix = config.msix();
        for (Bar bar : config.bars()) {
            Result<RegionInfo> info = device.getRegionInfo(bar.index());
            if (!(info instanceof Result.Ok<RegionInfo>(RegionInfo region))) {
                return info.map(i -> function);
            }
            if (bar.kind() != Bar.Kind.IO && region.size() > 0) {
                BarFrame frame =
                        function.addBar(bar.index(), bar.kind(), bar.prefetchable(), region.size());
                Result<MmioDevice> mapped = device.mmap(bar.index());
                if (!(mapped instanceof Result.Ok<MmioDevice>(MmioDevice memory))) {
                    return mapped.map(m -> function);
                }
                fill(frame, memory, msix);
            }
        }
        addCapabilities(function, msix);
        function.onReset(() -> log.passed("resetting " + device.name(), device.reset()));
        function.addListener(new CommandForwarder());
        return Result.ok(function);
    }

    /// What the guest writes to the Command register reaches the device: without Bus Master Enable
    /// there it issues nothing. The rest of configuration space is the VMM's.
    private final class CommandForwarder implements PciListener {
        @Override
        public void configWritten(PciFunction function, int offset, int width, long value) {
            int command = ConfigRegister.COMMAND.offset();
            if (offset <= command && offset + width > command) {
                long written = function.configRead(command, 2);
                device.write(CONFIG_REGION, command, 2, written);
            }
        }
    }

    /// A range of a BAR that the VMM answers itself.
    private record Trapped(long start, long end) {}

    /// Maps the BAR through, except the MSI-X table and PBA.
    private static void fill(BarFrame frame, MmioDevice memory, Optional<MsixCapability> msix) {
        List<Trapped> trapped = new ArrayList<>();
        if (msix.isPresent()) {
            MsixCapability m = msix.get();
            if (m.tableBar() == frame.index()) {
                trapped.add(
                        new Trapped(
                                m.tableOffset(),
                                m.tableOffset() + (long) m.vectors() * MsixEntry.SIZE));
            }
            if (m.pbaBar() == frame.index()) {
                trapped.add(new Trapped(m.pbaOffset(), m.pbaOffset() + pbaBytes(m.vectors())));
            }
        }
        trapped.sort((a, b) -> Long.compare(a.start, b.start));
        long from = 0;
        for (Trapped t : trapped) {
            place(frame, memory, from, t.start);
            from = t.end;
        }
        place(frame, memory, from, frame.size());
    }

    /// The Pending Bit Array is made of 64-bit words.
    private static long pbaBytes(int vectors) {
        return (vectors + 63) / 64 * 8L;
    }

    private static void place(BarFrame frame, MmioDevice memory, long from, long to) {
        if (to > from) {
            frame.place(from, new BarSlice(memory, from, to - from));
        }
    }

    /// Capabilities at the device's own offsets, last first, so that the list has the device's
    /// order. What is not listed here is hidden from the guest.
    private void addCapabilities(Endpoint function, Optional<MsixCapability> msix) {
        for (Capability c : config.capabilities().reversed()) {
            if (c.id() == CapabilityId.POWER_MANAGEMENT) {
                Capabilities.powerManagement(function, c.offset());
            } else if (c.id() == CapabilityId.PCI_EXPRESS) {
                Capabilities.express(function, c.offset(), PortType.ENDPOINT, true);
            } else if (c.id() == CapabilityId.MSI) {
                config.msi()
                        .ifPresent(m ->
                                function.addMsi(
                                        m.offset(),
                                        m.vectorsCapable(),
                                        m.is64(),
                                        m.perVectorMasking()));
            } else if (c.id() == CapabilityId.MSI_X && msix.isPresent()) {
                MsixCapability m = msix.get();
                function.addMsix(
                        m.offset(),
                        m.vectors(),
                        m.tableBar(),
                        m.tableOffset(),
                        m.pbaBar(),
                        m.pbaOffset());
            }
        }
    }
}
