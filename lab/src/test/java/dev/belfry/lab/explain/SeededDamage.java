package dev.belfry.lab.explain;

import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.FrameKind;
import dev.belfry.model.system.SystemView.Function;
import java.util.List;
import java.util.SplittableRandom;

/// Breaks something on a message's way, by a seed.
final class SeededDamage {

    private static final List<Register> REGISTERS =
            List.of(
                    new Register(FrameKind.SMMU, 0x20, 1, HopKind.SMMU),
                    new Register(FrameKind.SMMU, 0x84, 0x3ffff, HopKind.STREAM_TABLE),
                    new Register(FrameKind.SMMU, 0x80, 0xffff_ffc0L, HopKind.STREAM_TABLE),
                    new Register(FrameKind.SMMU, 0x88, 0x307ff, HopKind.STREAM_TABLE),
                    new Register(FrameKind.ITS, 0, 1, HopKind.ITS),
                    new Register(FrameKind.ITS, 0x100, 0xffff_03ffL, HopKind.ITS),
                    new Register(FrameKind.ITS, 0x104, 0xc000_ffffL, HopKind.ITS),
                    new Register(FrameKind.ITS, 0x108, 0xffff_03ffL, HopKind.ITS),
                    new Register(FrameKind.ITS, 0x10c, 0xc000_ffffL, HopKind.ITS),
                    new Register(FrameKind.REDISTRIBUTOR, 0, 1, HopKind.LPI),
                    new Register(FrameKind.REDISTRIBUTOR, 0x14, 2, HopKind.LPI),
                    new Register(FrameKind.REDISTRIBUTOR, 0x70, 0xffff_f01fL, HopKind.LPI),
                    new Register(FrameKind.REDISTRIBUTOR, 0x74, 0xfffffL, HopKind.LPI),
                    new Register(FrameKind.REDISTRIBUTOR, 0x78, 0xffff_0000L, HopKind.LPI),
                    new Register(FrameKind.REDISTRIBUTOR, 0x7c, 0xfffffL, HopKind.LPI),
                    new Register(FrameKind.DISTRIBUTOR, 0, 2, HopKind.CPU));

    /// @param mask its bits that software may write
    /// @param from the first hop that it bears upon
    private record Register(FrameKind kind, long offset, long mask, HopKind from) {}

    /// A damaged system.
    ///
    /// @param what was changed, for messages
    /// @param from the first hop that this bears upon
    record Damaged(Snapshot view, String what, HopKind from) {}

    private final Snapshot healthy;
    private final SplittableRandom random;

    SeededDamage(Snapshot healthy, SplittableRandom random) {
        this.healthy = healthy;
        this.random = random;
    }

    /// Breaks something that this vector depends on.
    Damaged of(Vector v) {
        int what = random.nextInt(10);
        if (what < 6) {
            return structure(v);
        }
        return what < 8 ? register() : function(v);
    }

    private long changed(long word, long mask) {
        return switch (random.nextInt(6)) {
            case 0 -> word & ~mask;
            case 1 -> word | mask;
            case 2 -> (word & ~mask) | (random.nextLong() & mask);
            case 3 -> word ^ bit(mask) ^ bit(mask);
            default -> word ^ bit(mask);
        };
    }

    /// One bit of a mask.
    private long bit(long mask) {
        long out = 0;
        while (out == 0) {
            out = mask & (1L << random.nextInt(64));
        }
        return out;
    }

    private Damaged structure(Vector v) {
        List<Hop> hops =
                v.hops().stream()
                        .filter(h ->
                                h.address().isPresent()
                                        && h.kind() != HopKind.MSI_ENTRY
                                        && h.bytes().length() > 0
                                        && healthy.memory().accepts(h.address().getAsLong(), 1))
                        .toList();
        Hop hop = hops.get(random.nextInt(hops.size()));
        long at = hop.address().getAsLong();
        boolean small = hop.bytes().length() < 8;
        long mask = small ? (1L << (8 * hop.bytes().length())) - 1 : -1;
        int word = small ? 0 : random.nextInt(Math.max(1, hop.bytes().length() / 8));
        boolean level1 = hop.kind() == HopKind.DTE && random.nextInt(4) == 0;
        if (level1) {
            at = Long.decode(hop.fields().get("L1_address"));
            word = 0;
        }
        long aligned = at + 8L * word & -8L;
        int shift = (int) (8 * (at & 7));
        long[] now = new long[1];
        Snapshot view =
                Poked.word(
                        healthy,
                        aligned,
                        d -> {
                            now[0] =
                                    small || shift == 0
                                            ? changed(d, mask << shift)
                                            : changed(d, -1L << shift);
                            return now[0];
                        });
        String what = "%s word at %x is %x".formatted(hop.kind(), aligned, now[0]);
        HopKind from = hop.kind() == HopKind.STAGE2 ? HopKind.CD_TABLE : hop.kind();
        return new Damaged(view, what, from);
    }

    private Damaged register() {
        Register r = REGISTERS.get(random.nextInt(REGISTERS.size()));
        long old = healthy.frames(r.kind).getFirst().registers().read32(r.offset).orElseThrow();
        long now = changed(old, r.mask) & 0xffff_ffffL;
        Snapshot view = Poked.register(healthy, r.kind, r.offset, now);
        if (r.kind == FrameKind.SMMU && r.offset == 0x20) {
            view = Poked.register(view, FrameKind.SMMU, 0x24, now);
        }
        return new Damaged(view, "%s %x is %x".formatted(r.kind, r.offset, now), r.from);
    }

    private Damaged function(Vector v) {
        Function f = function(healthy, v.device());
        int control = capability(f, 0x11) + 2;
        byte[] config = f.config().toArray();
        int part = random.nextInt(6);
        boolean table = part > 1;
        int offset = part == 0 ? 4 : part == 1 ? control : 16 * v.vector() + 4 * (part - 2);
        int width = table ? 4 : 2;
        long mask = part == 0 ? 4 : part == 1 ? 0xc000 : part == 5 ? 1 : 0xffff_ffffL;
        byte[] from = table ? f.msixTable().toArray() : config;
        long old = 0;
        for (int i = width - 1; i >= 0; i--) {
            old = old << 8 | (from[offset + i] & 0xff);
        }
        long now = changed(old, mask);
        Snapshot view = Poked.function(healthy, v.device(), table, offset, width, now);
        return new Damaged(
                view,
                "%s %s %x is %x".formatted(v.device(), table ? "table" : "config", offset, now),
                HopKind.MSI_ENTRY);
    }

    static Function function(Snapshot view, String device) {
        return view.functions().stream()
                .filter(f -> f.bdf().withoutSegment().equals(device))
                .findFirst()
                .orElseThrow();
    }

    /// Where a capability is, by the list.
    static int capability(Function f, int id) {
        byte[] config = f.config().toArray();
        int at = config[0x34] & 0xfc;
        while (at != 0 && (config[at] & 0xff) != id) {
            at = config[at + 1] & 0xfc;
        }
        return at;
    }
}
