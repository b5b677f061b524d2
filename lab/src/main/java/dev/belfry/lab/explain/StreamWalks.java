package dev.belfry.lab.explain;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Attributes;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import dev.belfry.model.smmu.spec.Descriptor;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Asks the SMMUs' engines where an access goes, and puts right what they cannot know: whether a
/// page was not captured, and where an implementation does other than the architecture.
final class StreamWalks {

    private final SystemView view;
    private final WatchedMemory memory;
    private final Quirks quirks;
    private final List<Smmu> smmus = new ArrayList<>();
    private final JourneyRecorder recorder = new JourneyRecorder();
    private final Map<Key, Walk> known = new HashMap<>();

    private record Key(int smmu, int streamId, int substream, long address, Access access) {

        /// Written out, as [#hashCode]: see [dev.belfry.model.pci.spec.Bdf#equals].
        @Override
        public boolean equals(Object o) {
            return o instanceof Key k
                    && smmu == k.smmu
                    && streamId == k.streamId
                    && substream == k.substream
                    && address == k.address
                    && access == k.access;
        }

        @Override
        public int hashCode() {
            int ids = 31 * (31 * smmu + streamId) + substream;
            return 31 * (31 * ids + Long.hashCode(address)) + access.hashCode();
        }
    }

    StreamWalks(SystemView view, WatchedMemory memory, Quirks quirks) {
        this.view = view;
        this.memory = memory;
        this.quirks = quirks;
        for (Frame f : view.smmus()) {
            smmus.add(Smmu.over(f.name(), f.registers()::read32, memory));
        }
    }

    /// Where an access went.
    ///
    /// @param hops SMMU to the last descriptor
    /// @param output physical address; empty when it stopped
    /// @param attributes of the output
    /// @param event what the architecture records, if it stopped with an event
    /// @param toleratedAccessFlag whether a descriptor's AF = 0 was passed over
    record Walk(
            List<Hop> hops,
            OptionalLong output,
            Attributes attributes,
            Optional<EventType> event,
            boolean toleratedAccessFlag) {}

    /// The engine of an SMMU.
    Smmu smmu(int index) {
        return smmus.get(index);
    }

    /// Walks an access.
    ///
    /// @param substream PASID, or [Smmu#NO_SUBSTREAM]
    Walk walk(int smmu, int streamId, int substream, long address, Access access) {
        Key key = new Key(smmu, streamId, substream, address, access);
        Walk walk = known.get(key);
        if (walk == null) {
            walk = fresh(key);
            known.put(key, walk);
        }
        return walk;
    }

    /// Walks a read that nobody will ask for again.
    Walk once(int smmu, int streamId, int substream, long address) {
        return fresh(new Key(smmu, streamId, substream, address, Access.READ));
    }

    private Walk fresh(Key key) {
        Frame frame = view.smmus().get(key.smmu);
        if (frame.registers().read32(SmmuRegister.CR0.offset()).isEmpty()) {
            Observation hop =
                    Observation.of(HopKind.SMMU)
                            .address(frame.base())
                            .unknown("The registers of " + frame.name() + " could not be read.");
            return new Walk(
                    List.of(new Hop(Where.GUEST, hop)),
                    OptionalLong.empty(),
                    Attributes.INCOMING,
                    Optional.empty(),
                    false);
        }
        Walk walk = tables(honest(ask(key)));
        return quirks.ignoresAccessFlag() ? tolerant(key, walk) : walk;
    }

    private Walk ask(Key key) {
        recorder.start();
        Translation end =
                smmus.get(key.smmu)
                        .inspect(
                                key.streamId,
                                key.substream,
                                key.address,
                                key.access,
                                recorder.at(Where.GUEST));
        List<Hop> hops = recorder.stop().hops();
        return switch (end) {
            case Translation.Mapped m ->
                    new Walk(
                            hops, OptionalLong.of(m.pa()), m.attributes(), Optional.empty(), false);
            case Translation.Faulted f -> stopped(hops, f.event());
            case Translation.Stalled s -> stopped(hops, Optional.of(s.event()));
        };
    }

    private static Walk stopped(List<Hop> hops, Optional<EventRecord> event) {
        return new Walk(
                hops,
                OptionalLong.empty(),
                Attributes.INCOMING,
                event.map(EventRecord::type),
                false);
    }

    /// A structure that was not captured is not a structure that is not there.
    private Walk honest(Walk walk) {
        if (walk.hops.isEmpty() || walk.output.isPresent()) {
            return walk;
        }
        Hop last = walk.hops.getLast();
        boolean unread =
                last.verdict() == Verdict.BROKEN
                        && last.bytes().equals(Bytes.NONE)
                        && last.address().isPresent()
                        && memory.unread(last.address().getAsLong());
        if (!unread) {
            return walk;
        }
        Observation hop =
                last.seen()
                        .judged(
                                Verdict.UNKNOWN,
                                "This memory could not be read: it is RAM, but not in what was given.");
        return new Walk(
                replaceLast(walk.hops, hop),
                OptionalLong.empty(),
                Attributes.INCOMING,
                Optional.empty(),
                false);
    }

    /// A leaf that would allow what a table above it forbids is not what has to be put right.
    private static Walk tables(Walk walk) {
        if (walk.event.filter(e -> e == EventType.F_PERMISSION).isEmpty()) {
            return walk;
        }
        Hop last = walk.hops.getLast();
        for (Hop h : walk.hops) {
            boolean forbids = !"0".equals(h.fields().getOrDefault("APTable", "0"));
            if (h.kind() == last.kind() && forbids) {
                Observation hop =
                        last.seen()
                                .judged(
                                        Verdict.BROKEN,
                                        last.rule()
                                                + "; the Table descriptor of level "
                                                + h.fields().get("level")
                                                + " at "
                                                + Hex.of(h.address().orElse(0))
                                                + " limits it (APTable = "
                                                + h.fields().get("APTable")
                                                + ")");
                return new Walk(
                        replaceLast(walk.hops, hop),
                        walk.output,
                        walk.attributes,
                        walk.event,
                        walk.toleratedAccessFlag);
            }
        }
        return walk;
    }

    /// Goes on behind a leaf whose access flag this implementation does not look at: the engine
    /// walks again as if the flag were set.
    private Walk tolerant(Key key, Walk walk) {
        if (walk.event.isEmpty()
                || walk.event.get() != EventType.F_ACCESS
                || walk.hops.getLast().kind() != HopKind.STAGE1) {
            return walk;
        }
        Hop leaf = walk.hops.getLast();
        long at = leaf.address().orElse(0);
        long word = memory.read(at, 8);
        List<Walk> again = new ArrayList<>();
        memory.pretending(at, word | Descriptor.AF.mask(), () -> again.add(honest(ask(key))));
        Walk further = again.getFirst();
        if (further.output.isEmpty()) {
            // Its flag is not what stops the access here; the hop stays as it was read.
            Observation stopped = leaf.seen().judged(Verdict.BROKEN, further.hops.getLast().rule());
            return new Walk(
                    replaceLast(walk.hops, stopped),
                    OptionalLong.empty(),
                    Attributes.INCOMING,
                    further.event,
                    false);
        }
        Observation hop =
                leaf.seen()
                        .judged(
                                Verdict.OK,
                                "AF is 0: the architecture expects F_ACCESS here (CD.AFFD = 0, no hardware"
                                        + " update; IHI 0070 7.3.15), but this QEMU does not look at AF and"
                                        + " lets it pass.");
        List<Hop> hops = new ArrayList<>(further.hops);
        for (int i = 0; i < hops.size(); i++) {
            if (hops.get(i).kind() == HopKind.STAGE1
                    && hops.get(i).address().equals(leaf.address())) {
                hops.set(i, new Hop(Where.GUEST, hop));
            }
        }
        return new Walk(hops, further.output, further.attributes, further.event, true);
    }

    private static List<Hop> replaceLast(List<Hop> hops, Observation by) {
        List<Hop> out = new ArrayList<>(hops.subList(0, hops.size() - 1));
        out.add(new Hop(hops.getLast().where(), by));
        return out;
    }
}
