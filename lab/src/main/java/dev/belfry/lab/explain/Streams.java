package dev.belfry.lab.explain;

import dev.belfry.lab.explain.StreamWalks.Walk;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Gbpa;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/// Each function's stream: who translates for it, under which id, and how.
final class Streams {

    private static final String STAGE_1 = "stage 1";

    private final Inventory inventory;
    private final Map<Bdf, Seen> known = new HashMap<>();
    private final Map<Bdf, Ids.Device> devices = new HashMap<>();

    Streams(Inventory inventory) {
        this.inventory = inventory;
    }

    /// A function's stream.
    ///
    /// @param smmu index of the SMMU; empty when none sees it, or nobody knows which
    /// @param streamId meaningful with `smmu`
    /// @param policy in words
    /// @param hop how the id was found
    record Seen(OptionalInt smmu, int streamId, String policy, Observation hop) {

        /// Whether stage 1 translates, alone or before stage 2.
        boolean stage1() {
            return policy.startsWith(STAGE_1);
        }

        /// Whether any stage translates.
        boolean translated() {
            return policy.startsWith("stage");
        }
    }

    /// The stream of a function.
    Seen of(Bdf bdf) {
        return known.computeIfAbsent(bdf, this::look);
    }

    /// The DeviceID of a function.
    Ids.Device device(Bdf bdf) {
        return devices.computeIfAbsent(bdf, inventory.ids()::device);
    }

    /// Walks a write of this stream.
    Walk write(Seen stream, long address) {
        return walk(stream, Smmu.NO_SUBSTREAM, address, Access.WRITE);
    }

    /// Walks an access of this stream.
    ///
    /// @param substream PASID, or [Smmu#NO_SUBSTREAM]
    Walk walk(Seen stream, int substream, long address, Access access) {
        return inventory
                .walks()
                .walk(stream.smmu.getAsInt(), stream.streamId, substream, address, access);
    }

    private Seen look(Bdf bdf) {
        Observation.Builder hop =
                Observation.of(HopKind.STREAM_ID)
                        .hex("requesterId", inventory.topology().requesterId(bdf));
        return switch (inventory.ids().stream(bdf)) {
            case Ids.Stream.None none ->
                    new Seen(OptionalInt.empty(), 0, "no SMMU", hop.skipped(none.rule()));
            case Ids.Stream.Unknown unknown ->
                    new Seen(OptionalInt.empty(), 0, "?", hop.unknown(unknown.rule()));
            case Ids.Stream.Behind behind ->
                    new Seen(
                            OptionalInt.of(behind.smmu()),
                            behind.streamId(),
                            policy(behind),
                            hop.hex("StreamID", behind.streamId()).ok(behind.rule()));
        };
    }

    private String policy(Ids.Stream.Behind behind) {
        Smmu smmu = inventory.walks().smmu(behind.smmu());
        if (!Cr0.SMMUEN.isSet(smmu.register(SmmuRegister.CR0ACK))) {
            return Gbpa.ABORT.isSet(smmu.register(SmmuRegister.GBPA))
                    ? "SMMU off, abort"
                    : "SMMU off, bypass";
        }
        return switch (smmu.stages(behind.streamId())) {
            case NONE_ABORT -> "abort";
            case NONE_BYPASS -> "bypass";
            case STAGE_1 -> STAGE_1;
            case STAGE_2 -> "stage 2";
            case STAGE_1_AND_2 -> STAGE_1 + " and 2";
        };
    }
}
