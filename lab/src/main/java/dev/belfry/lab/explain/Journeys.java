package dev.belfry.lab.explain;

import dev.belfry.guest.firmware.ReservedMemory;
import dev.belfry.lab.Sentences;
import dev.belfry.lab.explain.Arrivals.Arrival;
import dev.belfry.lab.explain.Doorbells.Place;
import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.lab.explain.Messages.Message;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import dev.belfry.model.smmu.spec.EventType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// One vector's way, from its entry to a CPU.
final class Journeys {

    private final Inventory inventory;
    private final Streams streams;
    private final Damage damage;
    private final IdentityHashMap<Streams.Seen, OptionalLong> windows = new IdentityHashMap<>();

    Journeys(Inventory inventory, Streams streams) {
        this.inventory = inventory;
        this.streams = streams;
        this.damage = new Damage(inventory, streams);
    }

    /// The way as far as it goes.
    private static final class Way {
        final List<Hop> hops = new ArrayList<>();
        final boolean watched;
        Verdict verdict = Verdict.OK;
        String doorbell = "-";
        Optional<EventType> event = Optional.empty();
        OptionalInt intId = OptionalInt.empty();
        OptionalInt cpu = OptionalInt.empty();

        Way(boolean watched) {
            this.watched = watched;
        }

        void add(Observation seen) {
            hops.add(new Hop(Where.GUEST, seen));
            worsen(seen.verdict());
        }

        void worsen(Verdict by) {
            if (verdict == Verdict.OK && (by == Verdict.BROKEN || by == Verdict.UNKNOWN)) {
                verdict = by;
            }
        }

        boolean goesOn() {
            return verdict == Verdict.OK;
        }
    }

    /// What becomes of a message.
    ///
    /// @param allHops whether a message that is well has its hops told, too
    /// @param askedFor whether just this vector was asked for: then a mask is what is wrong
    Vector of(Message message, boolean allHops, boolean askedFor) {
        if (!message.programmed()) {
            return unused(message);
        }
        Way way = follow(message, allHops);
        State state = state(message, way, askedFor);
        if (!allHops && state != State.DELIVERED) {
            way = follow(message, true);
            state = state(message, way, askedFor);
        }
        return describe(message, way, state, allHops);
    }

    private Way follow(Message message, boolean watched) {
        Way way = new Way(watched);
        Streams.Seen stream = streams.of(message.bdf());
        if (watched) {
            way.hops.add(new Hop(Where.GUEST, stream.hop()));
        }
        way.worsen(stream.hop().verdict());
        long address = message.address();
        if (way.goesOn() && stream.smmu().isPresent()) {
            StreamWalks.Walk walk = streams.write(stream, address);
            way.event = walk.event();
            if (watched) {
                way.hops.addAll(walk.hops());
            }
            if (walk.output().isEmpty()) {
                way.worsen(
                        walk.hops().isEmpty() ? Verdict.BROKEN : walk.hops().getLast().verdict());
            }
            address = walk.output().orElse(address);
        }
        if (way.goesOn()) {
            ring(message, address, way);
        }
        if (way.goesOn()) {
            hostsDoorbell(stream, way);
        }
        return way;
    }

    /// The host's half, as far as the guest's memory tells it. Behind an accelerated vSMMU the
    /// device sends to a doorbell of the host's, which the guest's stage 1 must pass.
    private void hostsDoorbell(Streams.Seen stream, Way way) {
        OptionalLong window = window(stream);
        if (window.isEmpty()) {
            return;
        }
        long base = window.getAsLong();
        StreamWalks.Walk walk = streams.write(stream, base);
        boolean passes = walk.output().orElse(~base) == base;
        if (!passes || way.watched) {
            Observation.Builder hop =
                    Observation.of(HopKind.STAGE1)
                            .hex("SW_MSI window", base)
                            .hex("output", walk.output().orElse(0));
            Observation seen =
                    passes
                            ? hop.ok(
                                    "The guest's stage 1 passes the host's doorbell window 1:1, as"
                                            + " the IORT's RMR asks.")
                            : hop.broken(
                                    "The host has the device send to a doorbell in its SW_MSI"
                                            + " window, and the guest's stage 1 does not pass that"
                                            + " 1:1, as the IORT's RMR asks: the message is lost"
                                            + " before it reaches the host.");
            way.hops.add(new Hop(Where.HOST, seen));
            way.worsen(seen.verdict());
        }
        if (passes && way.watched) {
            way.hops.add(
                    new Hop(
                            Where.HOST,
                            Observation.of(HopKind.STAGE2)
                                    .unknown(
                                            "Not to be seen from the guest: stage 2, the host's"
                                                    + " ITS, its eventfd and KVM's route.")));
        }
    }

    private OptionalLong window(Streams.Seen stream) {
        if (stream.smmu().isEmpty() || !stream.stage1()) {
            return OptionalLong.empty();
        }
        return windows.computeIfAbsent(
                stream,
                s ->
                        inventory.ids().reserved(s.smmu().getAsInt(), s.streamId()).stream()
                                .mapToLong(ReservedMemory::base)
                                .filter(Doorbells::inSwMsiWindow)
                                .findFirst());
    }

    private void ring(Message message, long address, Way way) {
        Place place = inventory.doorbells().at(address);
        way.doorbell = place.name();
        if (way.watched) {
            way.add(doorbell(address, place));
        } else if (place instanceof Place.Other || place instanceof Place.Nothing) {
            way.worsen(Verdict.BROKEN);
        }
        switch (place) {
            case Place.Its its -> arrive(message, its, way);
            case Place.V2mFrame v2m -> join(way, inventory.spis().at(v2m.frame(), message.data()));
            case Place.Other _, Place.Nothing _ -> {}
        }
    }

    private static Observation doorbell(long address, Place place) {
        Observation.Builder hop =
                Observation.of(HopKind.DOORBELL).address(address).field("place", place.name());
        return switch (place) {
            case Place.Its its -> hop.ok("The address is " + its.name() + ".");
            case Place.V2mFrame v2m -> hop.ok("The address is " + v2m.name() + ".");
            case Place.Other other ->
                    hop.broken(
                            "The address is "
                                    + other.name()
                                    + ": a write there raises no interrupt.");
            case Place.Nothing nothing ->
                    hop.broken("The address is " + nothing.name() + ": nothing takes the message.");
        };
    }

    private void arrive(Message message, Place.Its its, Way way) {
        Ids.Device id = streams.device(message.bdf());
        if (way.watched) {
            way.add(
                    Observation.of(HopKind.DEVICE_ID)
                            .hex("requesterId", inventory.topology().requesterId(message.bdf()))
                            .hex("DeviceID", id.deviceId())
                            .ok(id.rule()));
        }
        join(way, inventory.arrivals().at(its.frame(), id.deviceId(), message.data(), way.watched));
    }

    private static void join(Way way, Arrival arrival) {
        if (way.watched) {
            way.hops.addAll(arrival.hops());
        }
        way.worsen(arrival.verdict());
        way.intId = arrival.intId();
        way.cpu = arrival.cpu();
    }

    /// A driver that masks a vector disables its interrupt as well; one that is masked and yet
    /// enabled was not masked by its driver.
    private static State state(Message message, Way way, boolean askedFor) {
        if (!message.blocked().isEmpty()) {
            return State.LOST;
        }
        if (message.masked()) {
            return way.verdict == Verdict.OK || askedFor ? State.LOST : State.MASKED;
        }
        return switch (way.verdict) {
            case OK, SKIPPED -> State.DELIVERED;
            case BROKEN -> State.LOST;
            case UNKNOWN -> State.UNKNOWN;
        };
    }

    private Vector unused(Message message) {
        Observation seen = message.hop().skipped("The entry was never programmed.");
        return new Vector(
                name(message),
                message.vector(),
                State.UNUSED,
                message.masked(),
                Optional.empty(),
                name(message) + " vector " + message.vector() + " was never programmed.",
                "",
                "",
                message.address(),
                message.data(),
                "-",
                streams.of(message.bdf()).policy(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                List.of(new Hop(Where.GUEST, seen)));
    }

    private Observation entry(Message message, Way way) {
        Observation.Builder hop = message.hop();
        if (!message.blocked().isEmpty()) {
            return hop.broken(message.blocked());
        }
        if (!message.masked()) {
            return hop.ok("The vector is not masked (PCIe 7.7.2).");
        }
        return hop.broken(
                way.verdict == Verdict.OK
                        ? "The entry is programmed but masked, although its interrupt is enabled"
                                + " all the way: the function keeps the message back (PCIe 7.7.2)."
                        : "The vector is masked by its driver: the function keeps the message back"
                                + " (PCIe 7.7.2).");
    }

    private Vector describe(Message message, Way way, State state, boolean allHops) {
        List<Hop> hops = List.of();
        if (way.watched && (allHops || state != State.DELIVERED)) {
            hops = new ArrayList<>();
            hops.add(new Hop(Where.GUEST, entry(message, way)));
            hops.addAll(way.hops);
        }
        Optional<Hop> broken = first(hops, Verdict.BROKEN);
        boolean wrong = state == State.LOST;
        Optional<EventType> event =
                broken.filter(h -> h.kind() != HopKind.MSI_ENTRY).flatMap(h -> way.event);
        int classCode = inventory.topology().config(message.bdf()).classCode() >>> 8;
        return new Vector(
                name(message),
                message.vector(),
                state,
                message.masked(),
                broken.map(Hop::kind),
                sentence(message, way, state, hops, broken),
                wrong
                        ? broken.map(h ->
                                        Symptoms.of(
                                                h.kind(), event, classCode, damage.alone(message)))
                                .orElse("")
                        : "",
                wrong ? broken.map(h -> Symptoms.expected(h.kind())).orElse("") : "",
                message.address(),
                message.data(),
                way.doorbell,
                streams.of(message.bdf()).policy(),
                way.intId,
                way.cpu,
                hops);
    }

    private String who(Message message) {
        return name(message) + " vector " + message.vector();
    }

    private static Optional<Hop> first(List<Hop> hops, Verdict verdict) {
        for (Hop h : hops) {
            if (h.verdict() == verdict) {
                return Optional.of(h);
            }
        }
        return Optional.empty();
    }

    private String name(Message message) {
        return inventory.topology().name(message.bdf());
    }

    private String sentence(
            Message message, Way way, State state, List<Hop> hops, Optional<Hop> broken) {
        return switch (state) {
            case DELIVERED -> delivered(message, way);
            case MASKED -> who(message) + " is masked by its driver.";
            case UNUSED -> who(message) + " was never programmed.";
            case UNKNOWN ->
                    first(hops, Verdict.UNKNOWN)
                            .map(h -> who(message) + " cannot be followed beyond the " + where(h))
                            .orElse(who(message) + " cannot be followed.");
            case LOST ->
                    who(message) + " is lost at the " + broken.map(Journeys::where).orElse("?");
        };
    }

    private static String where(Hop hop) {
        String at = hop.address().isPresent() ? " at " + Hex.of(hop.address().getAsLong()) : "";
        String end = hop.rule().endsWith(".") ? "" : ".";
        return Sentences.name(hop.kind()) + at + ": " + hop.rule() + end;
    }

    /// By hand, because there may be half a million of them.
    private String delivered(Message message, Way way) {
        StringBuilder out = new StringBuilder(128);
        out.append(name(message)).append(" vector ").append(message.vector());
        out.append(" is delivered: ").append(Hex.of(message.address())).append(" is ");
        out.append(way.doorbell).append(", event ");
        out.append(Integer.toUnsignedString(message.data()));
        if (way.intId.isPresent()) {
            out.append(", INTID ").append(way.intId.getAsInt());
        }
        if (way.cpu.isPresent()) {
            out.append(" on CPU ").append(way.cpu.getAsInt());
        }
        return out.append('.').toString();
    }
}
