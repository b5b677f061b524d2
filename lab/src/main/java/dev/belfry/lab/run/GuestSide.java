package dev.belfry.lab.run;

import dev.belfry.guest.GuestReport;
import dev.belfry.model.fabric.Doorbell;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import dev.belfry.model.pci.Msix;
import dev.belfry.model.pci.PciFunction;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import dev.belfry.vmm.virt.GuestFunction;
import dev.belfry.vmm.virt.SmmuUnit;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The guest's half of a passed-through device's vector: what its message means in the guest's own
/// tables. No hardware follows this way, so nothing on it can stop the interrupt.
final class GuestSide {

    private final Platform platform;
    private final IdentityHashMap<PciFunction, GuestFunction> functions = new IdentityHashMap<>();

    GuestSide(Platform platform) {
        this.platform = platform;
        platform.vm().functions().forEach(f -> functions.put(f.hardware(), f));
    }

    /// The function that a piece of hardware belongs to.
    Optional<GuestFunction> of(PciFunction hardware) {
        return Optional.ofNullable(functions.get(hardware));
    }

    boolean isPassedThrough(GuestFunction function) {
        return platform.vm().passedThrough().of(function).isPresent();
    }

    /// The engine of the SMMU in front of a function.
    Optional<Smmu> smmu(GuestFunction function) {
        return platform.vm().smmuOf(function.described()).map(SmmuUnit::engine);
    }

    /// Where the guest's tables take a write of the function at `address`.
    OptionalLong walk(GuestFunction function, long address, Probe probe) {
        Optional<Smmu> smmu = smmu(function);
        if (smmu.isEmpty()) {
            return OptionalLong.of(address);
        }
        Translation t =
                smmu.get()
                        .inspect(
                                function.requesterId(),
                                Smmu.NO_SUBSTREAM,
                                address,
                                Access.WRITE,
                                probe);
        return t instanceof Translation.Mapped m ? OptionalLong.of(m.pa()) : OptionalLong.empty();
    }

    /// The hops of the guest's message through the guest's tables.
    List<Hop> hops(GuestFunction function, GuestReport.Vector v) {
        JourneyRecorder recorder = new JourneyRecorder();
        Probe probe = recorder.at(Where.GUEST);
        recorder.start();
        function.hardware().msix().ifPresent(table -> probe.observe(entry(table, v)));
        probe.observe(
                Observation.of(HopKind.STREAM_ID)
                        .hex("requesterId", function.requesterId())
                        .hex("streamId", function.requesterId())
                        .hex("address", v.messageAddress())
                        .ok("the firmware maps the requester id to this StreamID"));
        OptionalLong gpa = walk(function, v.messageAddress(), probe);
        gpa.ifPresent(at -> probe.observe(doorbell(at)));
        return recorder.stop().hops().stream().map(GuestSide::withoutConsequence).toList();
    }

    private static Observation entry(Msix table, GuestReport.Vector v) {
        Observation.Builder seen = Observation.of(HopKind.MSI_ENTRY);
        OptionalLong at = table.entryAddress(v.vector());
        if (at.isPresent()) {
            seen.read(at.getAsLong(), bytes(table, v.vector()));
        }
        return seen.hex("address", v.messageAddress())
                .hex("data", Integer.toUnsignedLong(v.messageData()))
                .field("masked", table.masked(v.vector()))
                .ok(
                        "the guest's message; the VMM keeps this table, the device has one of the"
                                + " host's");
    }

    private static Bytes bytes(Msix table, int vector) {
        byte[] all = table.tableBytes();
        byte[] entry = new byte[16];
        System.arraycopy(all, vector * 16, entry, 0, 16);
        return Bytes.of(entry);
    }

    private Observation doorbell(long gpa) {
        for (Doorbell d : platform.vm().doorbells()) {
            if (d.register() == gpa) {
                return Observation.of(HopKind.DOORBELL)
                        .address(gpa)
                        .field("doorbell", d.name())
                        .ok("the guest's message is meant for " + d.name());
            }
        }
        return Observation.of(HopKind.DOORBELL)
                .address(gpa)
                .broken("this is not the guest's doorbell");
    }

    private static Hop withoutConsequence(Hop hop) {
        if (hop.verdict() != Verdict.BROKEN) {
            return hop;
        }
        Observation o = hop.seen();
        return new Hop(
                hop.where(), o.judged(Verdict.SKIPPED, "no hardware goes this way: " + o.rule()));
    }
}
