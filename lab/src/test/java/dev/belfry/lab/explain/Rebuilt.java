package dev.belfry.lab.explain;

import dev.belfry.model.gic.GicIdentity;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.ItsIdentity;
import dev.belfry.model.gic.MsiResult;
import dev.belfry.model.gic.spec.Icc;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.SmmuInterrupts;
import dev.belfry.model.smmu.Translation;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A machine with a capture's memory and registers, written into our engines as a CPU would write
/// them. Its CPUs are set up as Linux sets them up: group 1 on, priority mask 0xf0.
final class Rebuilt {

    private static final int CPU = 0;
    private static final int SPURIOUS = 1020;

    private final SparseRam ram;
    private final List<Smmu> smmus = new ArrayList<>();
    private final GicV3 gic;
    private final Its its;
    private final long translater;

    /// What became of a message.
    ///
    /// @param at kinds of hops one of which stopped it; empty when it arrived
    /// @param event the SMMU's event
    /// @param intId LPI, when it arrived
    /// @param cpu who took it
    record Fate(List<HopKind> at, Optional<String> event, int intId, int cpu) {
        static Fate lost(HopKind... at) {
            return new Fate(List.of(at), Optional.empty(), -1, -1);
        }

        boolean arrived() {
            return at.isEmpty();
        }
    }

    Rebuilt(Snapshot view) {
        ram = new SparseRam(view.ram().getFirst().base(), view.ram().getFirst().size());
        for (long page : view.memory().addresses()) {
            byte[] bytes = view.memory().page(page).toArray();
            ram.writeBytes(page, bytes, 0, bytes.length);
        }
        view.smmus().forEach(f -> smmus.add(smmu(f)));
        int cpus = view.redistributors().size();
        gic = new GicV3(new GicV3.Setup(GicIdentity.QEMU_TCG, ram, cpus, 256));
        gic(view, cpus);
        Frame frame = view.itss().getFirst();
        translater = frame.base() + 0x10040;
        long redistributors = view.redistributors().getFirst().base();
        its =
                new Its(
                        new Its.Setup(
                                "its",
                                frame.base(),
                                ItsIdentity.QEMU_TCG,
                                gic,
                                redistributors,
                                ram,
                                Probe.NONE));
        copy(frame, its, 0x80, 8);
        copy(frame, its, 0x100, 8);
        copy(frame, its, 0x108, 8);
        copy(frame, its, 0, 4);
    }

    private static long word(Frame frame, long offset, int width) {
        return (width == 8 ? frame.registers().read64(offset) : frame.registers().read32(offset))
                .orElse(0);
    }

    private static void copy(Frame from, MmioDevice to, long offset, int width) {
        to.write(offset, width, word(from, offset, width), CPU);
    }

    private Smmu smmu(Frame f) {
        int[] id = new int[8];
        for (int i = 0; i < id.length; i++) {
            id[i] = (int) word(f, 4L * i, 4);
        }
        Smmu smmu =
                new Smmu(
                        new Smmu.Setup(
                                f.name(),
                                new SmmuIdentity(
                                        f.name(), id[0], id[1], id[2], id[3], id[4], id[5], id[6],
                                        id[7]),
                                ram,
                                SmmuInterrupts.NONE,
                                new CacheMode.None(),
                                Probe.NONE));
        copy(f, smmu, 0x28, 4);
        copy(f, smmu, 0x2c, 4);
        smmu.write(0x44, 4, word(f, 0x44, 4) | 1L << 31, CPU);
        copy(f, smmu, 0x80, 8);
        copy(f, smmu, 0x88, 4);
        smmu.write(0x20, 4, word(f, 0x20, 4) & 1, CPU);
        return smmu;
    }

    private void gic(Snapshot view, int cpus) {
        copy(view.distributors().getFirst(), gic.distributor(), 0, 4);
        for (int i = 0; i < cpus; i++) {
            Frame f = view.redistributors().get(i);
            long at = i * 0x20000L;
            MmioDevice all = gic.redistributors();
            for (long register : new long[] {0x70, 0x78}) {
                all.write(at + register, 8, word(f, register, 8), CPU);
            }
            all.write(at + 0x14, 4, word(f, 0x14, 4), CPU);
            all.write(at, 4, word(f, 0, 4), CPU);
            gic.writeIcc(i, Icc.ICC_PMR_EL1, 0xf0);
            gic.writeIcc(i, Icc.ICC_IGRPEN1_EL1, 1);
        }
    }

    /// Sends a message.
    Fate send(int smmu, int requesterId, long address, int data) {
        Translation end =
                smmus.get(smmu).translate(requesterId, Smmu.NO_SUBSTREAM, address, Access.WRITE);
        return switch (end) {
            case Translation.Mapped m ->
                    m.pa() == translater ? ring(requesterId, data) : Fate.lost(HopKind.DOORBELL);
            case Translation.Faulted f ->
                    stopped(f.event().map(e -> e.type().label(e.type().code())));
            case Translation.Stalled s ->
                    stopped(Optional.of(s.event().type().label(s.event().type().code())));
        };
    }

    private static Fate stopped(Optional<String> event) {
        return new Fate(
                List.of(
                        HopKind.SMMU,
                        HopKind.STREAM_TABLE,
                        HopKind.STE,
                        HopKind.CD_TABLE,
                        HopKind.CD,
                        HopKind.STAGE1,
                        HopKind.STAGE2),
                event,
                -1,
                -1);
    }

    private Fate ring(int deviceId, int data) {
        return switch (its.translate(deviceId, data)) {
            case MsiResult.Dropped d -> Fate.lost(d.kind());
            case MsiResult.Unknown u -> Fate.lost(u.kind());
            case MsiResult.Held h -> Fate.lost(HopKind.LPI);
            case MsiResult.Virtual v -> Fate.lost(HopKind.VTE);
            case MsiResult.Delivered d ->
                    takes(d.cpu(), d.intid())
                            ? new Fate(List.of(), Optional.empty(), d.intid(), d.cpu())
                            : Fate.lost(HopKind.REDISTRIBUTOR, HopKind.CPU);
        };
    }

    /// Whether the CPU gets it, with whatever was pending before.
    private boolean takes(int cpu, int intId) {
        for (int i = 0; i < 64; i++) {
            int taken = gic.acknowledge(cpu);
            if (taken == intId) {
                return true;
            }
            if (taken >= SPURIOUS && taken < 8192) {
                return false;
            }
            gic.endOfInterrupt(cpu, taken);
        }
        return false;
    }
}
