package dev.belfry.lab.explain;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.ItsView;
import dev.belfry.model.gic.MsiResult;
import dev.belfry.model.gic.spec.Gicd;
import dev.belfry.model.gic.spec.GicdCtlr;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.ItsTableFormat;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import dev.belfry.model.system.ItsTables;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What becomes of a message at its doorbell.
final class Arrivals {

    private final SystemView view;
    private final WatchedMemory memory;
    private final Map<Long, Optional<ItsView>> itss = new HashMap<>();
    private final JourneyRecorder recorder = new JourneyRecorder();
    private final OptionalLong ctlr;
    private final Redistributors redistributors;
    private final Optional<KernelArrivals> kernel;

    Arrivals(SystemView view, WatchedMemory memory, Redistributors redistributors) {
        this.view = view;
        this.memory = memory;
        this.redistributors = redistributors;
        this.kernel = view.kernelGic().map(KernelArrivals::new);
        this.ctlr = distributor(Gicd.GICD_CTLR.offset());
        for (Frame its : view.itss()) {
            Optional<ItsTableFormat> format = view.itsTables(its).format();
            itss.put(its.base(), format.map(f -> Its.over(its, memory, f, view.redistributors())));
        }
    }

    /// The end of a message's way.
    ///
    /// @param hops ITS to CPU; empty when nobody watched
    /// @param verdict OK when a CPU takes it
    /// @param intId LPI or SPI, as far as it came
    /// @param cpu processor number
    record Arrival(List<Hop> hops, Verdict verdict, OptionalInt intId, OptionalInt cpu) {}

    /// A message at an ITS.
    ///
    /// @param watched whether hops are told
    Arrival at(Frame its, int deviceId, int eventId, boolean watched) {
        if (kernel.isPresent()) {
            return kernel.get().at(its, deviceId, eventId);
        }
        if (its.registers().read32(Gits.GITS_CTLR.offset()).isEmpty()) {
            return unreadable(its);
        }
        Optional<ItsView> engine = itss.getOrDefault(its.base(), Optional.empty());
        if (engine.isEmpty()) {
            return unknownFormat(its);
        }
        recorder.start();
        Probe probe = watched ? recorder.at(Where.GUEST) : Probe.NONE;
        MsiResult result = engine.get().inspect(deviceId, eventId, probe);
        List<Hop> hops = new ArrayList<>(recorder.stop().hops());
        return switch (result) {
            case MsiResult.Delivered d -> taken(hops, d.intid(), d.cpu(), watched);
            case MsiResult.Virtual v ->
                    new Arrival(
                            hops, Verdict.OK, OptionalInt.of(v.intid()), OptionalInt.of(v.cpu()));
            case MsiResult.Held h ->
                    new Arrival(
                            hops,
                            Verdict.BROKEN,
                            OptionalInt.of(h.intid()),
                            OptionalInt.of(h.cpu()));
            case MsiResult.Dropped d -> dropped(its, hops);
            case MsiResult.Unknown u -> unread(hops);
        };
    }

    /// KVM's ITS goes by what it keeps itself: an entry that is missing in memory may only never
    /// have been saved.
    private Arrival dropped(Frame its, List<Hop> hops) {
        Verdict verdict = Verdict.BROKEN;
        boolean table =
                !hops.isEmpty()
                        && switch (hops.getLast().kind()) {
                            case DTE, ITE, CTE -> true;
                            default -> false;
                        };
        if (table && view.itsTables(its) == ItsTables.KVM_ABI_0) {
            Hop last = hops.getLast();
            verdict = Verdict.UNKNOWN;
            Observation hop =
                    last.seen()
                            .judged(
                                    verdict,
                                    "The entry in memory is not valid, but KVM writes these tables only when"
                                            + " the ITS is saved: it may hold a mapping all the same.");
            hops.set(hops.size() - 1, new Hop(last.where(), hop));
        }
        return new Arrival(hops, verdict, OptionalInt.empty(), OptionalInt.empty());
    }

    private static Arrival unreadable(Frame its) {
        return unknown(
                its,
                "The registers of this ITS could not be read. If KVM runs the VM, only the host's"
                        + " kernel knows what its ITS holds: --vgic shows it (docs/captures.md).");
    }

    private static Arrival unknownFormat(Frame its) {
        return unknown(
                its,
                "The format of this ITS's tables is not known (GITS_IIDR names neither QEMU nor KVM"
                        + " with ABI revision 0).");
    }

    private static Arrival unknown(Frame its, String rule) {
        Observation hop = Observation.of(HopKind.ITS).address(its.base()).unknown(rule);
        return new Arrival(
                List.of(new Hop(Where.GUEST, hop)),
                Verdict.UNKNOWN,
                OptionalInt.empty(),
                OptionalInt.empty());
    }

    /// Where the first level of a table is that could not be read.
    private static OptionalLong level1(Hop hop) {
        String address = hop.fields().get("L1_address");
        return address == null ? OptionalLong.empty() : OptionalLong.of(Long.decode(address));
    }

    /// What lies outside RAM was read as well as can be: there is nothing.
    private Arrival unread(List<Hop> hops) {
        boolean nowhere = false;
        if (!hops.isEmpty()) {
            Hop last = hops.getLast();
            OptionalLong at = last.address().isPresent() ? last.address() : level1(last);
            boolean table =
                    switch (last.kind()) {
                        case DTE, ITE, CTE, LPI -> true;
                        default -> false;
                    };
            nowhere = table && at.isPresent() && !memory.mayBeRam(at.getAsLong());
            if (nowhere) {
                Observation hop =
                        new Observation(
                                last.kind(),
                                at,
                                Bytes.NONE,
                                last.fields(),
                                Verdict.BROKEN,
                                "There is no RAM at " + Hex.of(at.getAsLong()) + ".");
                hops.set(hops.size() - 1, new Hop(Where.GUEST, hop));
            }
        }
        return new Arrival(
                hops,
                nowhere ? Verdict.BROKEN : Verdict.UNKNOWN,
                OptionalInt.empty(),
                OptionalInt.empty());
    }

    /// LPIs are Group 1: the distributor forwards them only while that group is enabled (IHI 0069
    /// 12.9.4).
    private Arrival taken(List<Hop> hops, int intId, int cpu, boolean watched) {
        Optional<Observation> obstacle = redistributors.obstacle(cpu, intId);
        if (obstacle.isPresent()) {
            Hop stop = new Hop(Where.GUEST, obstacle.get());
            if (watched && stop.kind() == HopKind.REDISTRIBUTOR) {
                hops.removeLast();
            }
            hops.add(stop);
            return new Arrival(hops, stop.verdict(), OptionalInt.of(intId), OptionalInt.of(cpu));
        }
        boolean off = ctlr.isPresent() && !GicdCtlr.ENABLE_GRP1.isSet(ctlr.getAsLong());
        if (watched) {
            Observation.Builder hop = Observation.of(HopKind.CPU).field("cpu", cpu);
            redistributors.affinity(cpu).ifPresent(a -> hop.hex("affinity", a));
            ctlr.ifPresent(v -> hop.hex("GICD_CTLR", v));
            String what = "INTID " + intId;
            Observation seen =
                    off
                            ? hop.broken(
                                    "GICD_CTLR.EnableGrp1 is 0: no CPU gets "
                                            + what
                                            + " (IHI 0069, GICD_CTLR).")
                            : hop.ok("CPU " + cpu + " takes " + what + ".");
            hops.add(new Hop(Where.GUEST, seen));
        }
        return new Arrival(
                hops,
                off ? Verdict.BROKEN : Verdict.OK,
                OptionalInt.of(intId),
                OptionalInt.of(cpu));
    }

    private OptionalLong distributor(int offset) {
        return view.distributors().isEmpty()
                ? OptionalLong.empty()
                : view.distributors().getFirst().registers().read32(offset);
    }
}
