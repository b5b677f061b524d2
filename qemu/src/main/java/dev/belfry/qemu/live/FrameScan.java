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
        if (!gic) {
            notes.add(
                    "KVM runs this machine: its GIC is in the kernel, whose registers QEMU does not"
                            + " show, and whose ITS tables are in memory only after a save.");
        }
        add(FrameKind.ITS, "its", tree.itss(), gic);
        List<MemoryTree.Region> distributors = new ArrayList<>(tree.named("gicv3_dist"));
        distributors.addAll(tree.named("gic_dist"));
        add(FrameKind.DISTRIBUTOR, "gicd", distributors, gic);
        redistributors(machine, gic);
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
