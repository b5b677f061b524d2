package dev.belfry.lab.explain;

import dev.belfry.lab.explain.ExplainReport.Range;
import dev.belfry.lab.explain.ExplainReport.Stage1;
import dev.belfry.lab.explain.StreamWalks.Walk;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Attributes;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import dev.belfry.model.smmu.spec.EventType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The whole stage 1 of a stream: the SMMU's engine is asked address after address, each answer
/// says how far it holds.
final class IovaMap {

    /// More address bits than there are.
    private static final int ALL = 64;

    private static final int MOST_QUESTIONS = 1 << 21;
    private static final int MOST_RANGES = 1 << 16;

    private final Inventory inventory;
    private final Streams streams;
    private final List<Range> ranges = new ArrayList<>();
    private int substream = Smmu.NO_SUBSTREAM;

    IovaMap(Inventory inventory, Streams streams) {
        this.inventory = inventory;
        this.streams = streams;
    }

    /// @param pasid whose context is meant; empty for accesses without one
    Stage1 of(Bdf bdf, OptionalInt pasid) {
        substream = pasid.orElse(Smmu.NO_SUBSTREAM);
        Streams.Seen stream = streams.of(bdf);
        String name = inventory.topology().name(bdf);
        if (stream.smmu().isEmpty() || !stream.stage1()) {
            return new Stage1(name, pasid, stream.policy(), List.of(), List.of(), true);
        }
        Context context = context(stream);
        boolean complete = half(stream, 0, context.lowerBits(), context);
        if (context.upperBits() > 0) {
            long start = -1L << context.upperBits();
            complete &= half(stream, start, context.upperBits(), context);
        }
        List<Integer> pasids = new Pasids(inventory, stream).valid();
        return new Stage1(name, pasid, stream.policy(), ranges, pasids, complete);
    }

    /// What a stream's context says about its input addresses.
    ///
    /// @param lowerBits size of the lower half, log2; 0 when it is disabled
    /// @param upperBits of the upper half
    /// @param lowerGranule log2
    /// @param upperGranule log2
    private record Context(int lowerBits, int upperBits, int lowerGranule, int upperGranule) {}

    private Context context(Streams.Seen stream) {
        Walk walk = streams.walk(stream, substream, 0, Access.READ);
        Optional<Hop> cd = walk.hops().stream().filter(h -> h.kind() == HopKind.CD).findFirst();
        if (cd.isEmpty() || cd.get().bytes().equals(Bytes.NONE)) {
            return new Context(0, 0, 12, 12);
        }
        int tg0 = number(cd.get(), "TG0");
        int tg1 = number(cd.get(), "TG1");
        return new Context(
                number(cd.get(), "EPD0") == 1 ? 0 : 64 - number(cd.get(), "T0SZ"),
                number(cd.get(), "EPD1") == 1 ? 0 : 64 - number(cd.get(), "T1SZ"),
                tg0 == 1 ? 16 : tg0 == 2 ? 14 : 12,
                tg1 == 3 ? 16 : tg1 == 1 ? 14 : 12);
    }

    private static int number(Hop hop, String field) {
        String value = hop.fields().getOrDefault(field, "0");
        return value.matches("\\d{1,3}") ? Integer.parseInt(value) : 0;
    }

    /// @return false when there is more than was asked
    private boolean half(Streams.Seen stream, long start, int bits, Context context) {
        if (bits <= 0 || bits > 56) {
            return bits <= 0;
        }
        int granule = start == 0 ? context.lowerGranule : context.upperGranule;
        long size = 1L << bits;
        long done = 0;
        for (int asked = 0; Long.compareUnsigned(done, size) < 0; asked++) {
            if (asked == MOST_QUESTIONS || ranges.size() > MOST_RANGES) {
                return false;
            }
            long step = 1L << Math.min(bits, ask(stream, start + done, granule));
            done = (done & -step) + step;
        }
        return true;
    }

    /// Asks about one address.
    ///
    /// @return log2 of the aligned block for which the answer holds
    private int ask(Streams.Seen stream, long iova, int granule) {
        Smmu engine = inventory.walks().smmu(stream.smmu().orElse(0));
        for (Access access : List.of(Access.READ, Access.PRIVILEGED_READ)) {
            Translation t = engine.inspect(stream.streamId(), substream, iova, access, Probe.NONE);
            if (t instanceof Translation.Mapped m) {
                String kind = access == Access.READ ? "" : " privileged";
                add(
                        iova,
                        m.pa(),
                        m.blockBits(),
                        (m.writable() ? "rw" : "r") + kind,
                        m.attributes());
                return m.blockBits();
            }
        }
        return unmapped(stream, iova, granule);
    }

    /// An address that does not translate: the level at which its walk ended says how far that
    /// holds. A leaf that only refuses is mapped all the same.
    private int unmapped(Streams.Seen stream, long iova, int granule) {
        Walk walk =
                inventory.walks().once(stream.smmu().orElse(0), stream.streamId(), substream, iova);
        Hop last = walk.hops().getLast();
        if (last.kind() != HopKind.STAGE1 && last.kind() != HopKind.STAGE2) {
            return ALL; // the stream or its context is broken: nothing translates
        }
        if (last.kind() == HopKind.STAGE2 || !last.fields().containsKey("level")) {
            return granule;
        }
        int level = number(last, "level");
        int blockBits = granule + (3 - level) * (granule - 3);
        String out = last.fields().get("OutputAddress");
        boolean refused =
                walk.event()
                        .filter(e -> e == EventType.F_PERMISSION || e == EventType.F_ACCESS)
                        .isPresent();
        if (walk.output().isPresent()) {
            add(iova, walk.output().getAsLong(), blockBits, "rw, AF = 0", walk.attributes());
        } else if (refused && out != null) {
            String why = walk.event().get() == EventType.F_ACCESS ? "none, AF = 0" : "none";
            add(iova, Long.decode(out), blockBits, why, Attributes.INCOMING);
        }
        return blockBits;
    }

    private void add(long iova, long output, int bits, String access, Attributes attributes) {
        long size = 1L << Math.min(bits, 62);
        long from = Bits.alignDown(iova, bits);
        long to = Bits.alignDown(output, bits);
        String told = told(attributes);
        String what = inventory.memory().isRam(to) ? "RAM" : "";
        if (!ranges.isEmpty()) {
            Range r = ranges.getLast();
            if (r.iova() + r.size() == from
                    && r.output() + r.size() == to
                    && r.access().equals(access)
                    && r.attributes().equals(told)
                    && r.what().equals(what)) {
                ranges.set(
                        ranges.size() - 1,
                        new Range(r.iova(), r.size() + size, r.output(), access, told, what));
                return;
            }
        }
        ranges.add(new Range(from, size, to, access, told, place(to, size, what)));
    }

    private String place(long output, long size, String known) {
        return known.isEmpty() ? inventory.doorbells().inPage(output, size).name() : known;
    }

    private static String told(Attributes a) {
        if (a.incoming()) {
            return "-";
        }
        String share =
                switch (a.shareability()) {
                    case 2 -> ", outer shareable";
                    case 3 -> ", inner shareable";
                    default -> ", non-shareable";
                };
        return memory(a.memory()) + (a.isDevice() ? "" : share);
    }

    private static String memory(int attr) {
        return switch (attr) {
            case 0x00 -> "Device-nGnRnE";
            case 0x04 -> "Device-nGnRE";
            case 0x08 -> "Device-nGRE";
            case 0x0c -> "Device-GRE";
            case 0x44 -> "Normal non-cacheable";
            case 0xff -> "Normal write-back";
            case 0xbb -> "Normal write-through";
            default -> "Normal 0x" + Integer.toHexString(attr);
        };
    }
}
