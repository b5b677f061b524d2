package dev.belfry.qemu.live;

import static dev.belfry.model.bits.Field.bit;

import dev.belfry.model.bits.Field;
import dev.belfry.model.system.SystemView.Change;
import dev.belfry.model.system.SystemView.Frame;
import dev.belfry.model.system.SystemView.FrameKind;
import dev.belfry.model.system.SystemView.Registers;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// The register frames of a running machine.
final class FrameScan {

    private static final long GICR_TYPER = 8;
    private static final Field VLPIS = bit(1);

    /// RD_base and SGI_base, and with virtual LPIs VLPI_base and a reserved frame (IHI 0069 12.10).
    private static final long REDISTRIBUTOR = 0x20000;

    private final Port port;
    private final Map<FrameKind, List<Frame>> frames = new EnumMap<>(FrameKind.class);
    private final List<LiveRegisters> read = new ArrayList<>();

    FrameScan(Machine machine, Port port, List<String> notes) {
        this.port = port;
        MemoryTree tree = machine.tree();
        add(FrameKind.SMMU, "arm-smmuv3", tree.named("arm-smmuv3"), true);
        add(FrameKind.V2M, "gicv2m", tree.named("gicv2m"), true);
        boolean gic = !machine.kvm();
        add(FrameKind.ITS, "its", tree.itss(), gic);
        distributor(machine, gic, notes);
        redistributors(machine, gic);
    }

    /// QEMU's GICv2 looks for the CPU that reads its distributor. A reader from outside is none,
    /// and with more than one CPU that ends QEMU.
    private void distributor(Machine machine, boolean gic, List<String> notes) {
        List<MemoryTree.Region> v2 = machine.tree().named("gic_dist");
        if (v2.isEmpty()) {
            add(FrameKind.DISTRIBUTOR, "gicd", machine.tree().named("gicv3_dist"), gic);
            return;
        }
        boolean harmless = machine.cpus() == 1;
        if (gic && !harmless) {
            notes.add(
                    "The GICv2 distributor is not read: QEMU ends when it is read from outside"
                            + " while there are several CPUs.");
        }
        add(FrameKind.DISTRIBUTOR, "gicd", v2, gic && harmless);
    }

    private void add(
            FrameKind kind, String name, List<MemoryTree.Region> regions, boolean readable) {
        List<Frame> out = new ArrayList<>();
        for (MemoryTree.Region r : regions) {
            String numbered = regions.size() == 1 ? name : name + "[" + out.size() + "]";
            out.add(frame(numbered, r.base(), r.size(), readable));
        }
        frames.put(kind, List.copyOf(out));
    }

    private Frame frame(String name, long base, long size, boolean readable) {
        if (!readable) {
            Registers none = offset -> OptionalLong.empty();
            return new Frame(name, base, none);
        }
        LiveRegisters registers = new LiveRegisters(port, base, size);
        read.add(registers);
        return new Frame(name, base, registers);
    }

    private void redistributors(Machine machine, boolean readable) {
        List<Frame> out = new ArrayList<>();
        for (MemoryTree.Region r : machine.tree().redistributors()) {
            long stride = readable ? stride(r.base()) : REDISTRIBUTOR;
            for (long at = 0;
                    at + stride <= r.size() && out.size() < machine.cpus();
                    at += stride) {
                out.add(frame("gicr cpu" + out.size(), r.base() + at, stride, readable));
            }
        }
        frames.put(FrameKind.REDISTRIBUTOR, List.copyOf(out));
    }

    private long stride(long base) {
        return VLPIS.isSet(port.read32(base + GICR_TYPER).orElse(0))
                ? 2 * REDISTRIBUTOR
                : REDISTRIBUTOR;
    }

    List<Frame> of(FrameKind kind) {
        return frames.getOrDefault(kind, List.of());
    }

    List<Change> changes() {
        List<Change> out = new ArrayList<>();
        read.forEach(r -> out.addAll(r.changes()));
        return out;
    }
}
