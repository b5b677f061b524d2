package dev.belfry.lab.run;

import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.guest.firmware.Gic;
import dev.belfry.guest.firmware.HostBridge;
import dev.belfry.guest.firmware.MsiController;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.pci.spec.MsixCapability;
import dev.belfry.model.system.SystemView;
import dev.belfry.vmm.virt.VirtMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Our own machine to look at, through nothing but its physical address space: what an inspector of
/// any machine sees.
final class MachineView implements SystemView {

    private static final long REDISTRIBUTOR = 0x20000;

    private final PhysicalMemory bus;
    private final FirmwareInfo firmware;
    private final List<Ram> ram;
    private final int cpus;
    private final PhysicalMemory memory = new RamOnly();
    private final List<Function> functions = new ArrayList<>();

    MachineView(VirtMachine vm, FirmwareInfo firmware) {
        this.bus = vm.bus();
        this.firmware = firmware;
        this.ram =
                List.of(
                        new Ram(
                                vm.described().map().ram().base().value(),
                                vm.described().map().ram().size()));
        this.cpus = vm.described().cpus().count();
        firmware.hostBridges().forEach(this::scan);
    }

    private void scan(HostBridge bridge) {
        for (int rid = bridge.firstBus() << 8; rid < (bridge.lastBus() + 1) << 8; rid++) {
            long at = bridge.configAddress(rid);
            if ((bus.read(at, 2) & 0xffff) != 0xffff && bus.accepts(at, 4)) {
                functions.add(function(Bdf.of(bridge.segment(), rid), at));
            }
        }
    }

    private Function function(Bdf bdf, long at) {
        Bytes config = registers(at, ConfigSpace.EXPRESS);
        ConfigSpace space = ConfigSpace.of(config);
        OptionalLong table = space.msixTableAddress();
        if (table.isEmpty() || !bus.accepts(table.getAsLong(), 4)) {
            return new Function(bdf, config, Bytes.NONE, 0);
        }
        int length = space.msix().map(MsixCapability::tableLength).orElse(0);
        return new Function(bdf, config, registers(table.getAsLong(), length), table.getAsLong());
    }

    private Bytes registers(long at, int length) {
        byte[] out = new byte[length];
        for (int i = 0; i < length; i += 4) {
            long word = bus.read(at + i, 4);
            for (int b = 0; b < 4; b++) {
                out[i + b] = (byte) (word >>> (8 * b));
            }
        }
        return Bytes.of(out);
    }

    @Override
    public String source() {
        return "our own machine, after its guest booted";
    }

    @Override
    public PhysicalMemory memory() {
        return memory;
    }

    @Override
    public List<Ram> ram() {
        return ram;
    }

    @Override
    public List<Long> search(long word) {
        List<Long> out = new ArrayList<>();
        byte[] chunk = new byte[4096];
        for (Ram r : ram) {
            for (long at = 0; at < r.size(); at += chunk.length) {
                if (bus.readBytes(r.base() + at, chunk, 0, chunk.length)) {
                    find(word, chunk, r.base() + at, out);
                }
            }
        }
        return out;
    }

    private static void find(long word, byte[] chunk, long base, List<Long> out) {
        for (int i = 0; i < chunk.length; i += 8) {
            if (chunk[i] == (byte) word) {
                long value = 0;
                for (int b = 7; b >= 0; b--) {
                    value = value << 8 | (chunk[i + b] & 0xff);
                }
                if (value == word) {
                    out.add(base + i);
                }
            }
        }
    }

    private Frame frame(String name, long base) {
        return new Frame(
                name,
                base,
                offset ->
                        bus.accepts(base + offset, 4)
                                ? OptionalLong.of(bus.read(base + offset, 4) & 0xffff_ffffL)
                                : OptionalLong.empty());
    }

    @Override
    public List<Frame> frames(FrameKind kind) {
        return switch (kind) {
            case SMMU -> firmware.smmus().stream().map(s -> frame("smmu", s.base())).toList();
            case ITS -> msiControllers("its", MsiController.Its.class);
            case V2M -> msiControllers("v2m", MsiController.V2m.class);
            case REDISTRIBUTOR -> redistributorFrames();
            case DISTRIBUTOR -> List.of(frame("gicd", firmware.gic().distributorBase()));
        };
    }

    private List<Frame> msiControllers(String name, Class<? extends MsiController> kind) {
        return firmware.msiControllers().stream()
                .filter(kind::isInstance)
                .map(c -> frame(name, c.base()))
                .toList();
    }

    private List<Frame> redistributorFrames() {
        List<Frame> out = new ArrayList<>();
        for (Gic.Range range : firmware.gic().redistributors()) {
            for (long at = 0; at < range.size() && out.size() < cpus; at += REDISTRIBUTOR) {
                out.add(frame("gicr" + out.size(), range.base() + at));
            }
        }
        return out;
    }

    @Override
    public List<Function> functions() {
        return functions;
    }

    /// The address space without its devices, which act on reads.
    private final class RamOnly implements PhysicalMemory {
        @Override
        public boolean accepts(long address, long length) {
            return ram.stream()
                    .anyMatch(r -> {
                        long within = address - r.base();
                        return within >= 0 && within < r.size() && length <= r.size() - within;
                    });
        }

        @Override
        public long read(long address, int width) {
            return accepts(address, width) ? bus.read(address, width) : 0;
        }

        @Override
        public boolean readBytes(long address, byte[] into, int offset, int length) {
            return accepts(address, length) && bus.readBytes(address, into, offset, length);
        }

        /// Looking changes nothing.
        @Override
        public boolean write(long address, int width, long value, int requester) {
            return false;
        }
    }
}
