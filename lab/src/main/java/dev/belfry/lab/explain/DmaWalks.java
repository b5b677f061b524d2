package dev.belfry.lab.explain;

import dev.belfry.lab.Sentences;
import dev.belfry.lab.explain.ExplainReport.Dma;
import dev.belfry.lab.explain.StreamWalks.Walk;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Walks any address for a device.
final class DmaWalks {

    private final Inventory inventory;
    private final Streams streams;

    DmaWalks(Inventory inventory, Streams streams) {
        this.inventory = inventory;
        this.streams = streams;
    }

    /// @param pasid with which the device sends it
    Dma walk(Bdf bdf, OptionalInt pasid, ExplainRequest.Dma asked) {
        Streams.Seen stream = streams.of(bdf);
        List<Hop> hops = new ArrayList<>();
        hops.add(new Hop(Where.GUEST, stream.hop()));
        OptionalLong output = OptionalLong.empty();
        if (stream.smmu().isPresent()) {
            Walk walk =
                    streams.walk(
                            stream,
                            pasid.orElse(Smmu.NO_SUBSTREAM),
                            asked.address(),
                            asked.write() ? Access.WRITE : Access.READ);
            hops.addAll(walk.hops());
            output = walk.output();
        } else if (stream.hop().verdict() != Verdict.UNKNOWN) {
            output = OptionalLong.of(asked.address());
        }
        output.ifPresent(at -> hops.add(new Hop(Where.GUEST, place(at))));
        Optional<Hop> broken = hops.stream().filter(h -> h.verdict() == Verdict.BROKEN).findFirst();
        return new Dma(
                inventory.topology().name(bdf),
                pasid,
                asked.address(),
                asked.write(),
                output,
                broken.map(Hop::kind),
                sentence(bdf, pasid, asked, output, hops, broken),
                hops);
    }

    /// Where the access arrives.
    private Observation place(long at) {
        Doorbells.Place place = inventory.doorbells().at(at);
        Observation.Builder hop =
                Observation.of(HopKind.DOORBELL).address(at).field("place", place.name());
        return place instanceof Doorbells.Place.Nothing
                ? hop.broken("The access goes to " + place.name() + ": nothing answers.")
                : hop.ok("The access goes to " + place.name() + ".");
    }

    private String sentence(
            Bdf bdf,
            OptionalInt pasid,
            ExplainRequest.Dma asked,
            OptionalLong output,
            List<Hop> hops,
            Optional<Hop> broken) {
        String who =
                "A "
                        + (asked.write() ? "write" : "read")
                        + " of "
                        + inventory.topology().name(bdf)
                        + (pasid.isPresent() ? " with PASID " + pasid.getAsInt() : "")
                        + " at "
                        + Hex.of(asked.address());
        if (broken.isPresent()) {
            Hop h = broken.get();
            String at = h.address().isPresent() ? " at " + Hex.of(h.address().getAsLong()) : "";
            return who + " stops at the " + Sentences.name(h.kind()) + at + ": " + h.rule();
        }
        if (output.isEmpty()) {
            return who
                    + " cannot be followed beyond the "
                    + Sentences.name(hops.getLast().kind())
                    + ": "
                    + hops.getLast().rule();
        }
        return who
                + " goes to "
                + Hex.of(output.getAsLong())
                + ", "
                + inventory.doorbells().at(output.getAsLong()).name()
                + ".";
    }
}
