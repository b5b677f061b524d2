package dev.belfry.lab.run;

import dev.belfry.guest.GuestReport;
import dev.belfry.lab.Progress;
import dev.belfry.lab.Sentences;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.vmm.msi.KvmRoutes;
import dev.belfry.vmm.virt.GuestFunction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Fires every vector once and watches where it goes.
public final class VectorRuns {

    private record Key(Bdf bdf, int vector) {}

    /// A vector that was fired, before it is known whether the guest took it.
    private record Fired(GuestReport.Vector before, List<Hop> hops) {}

    private final Platform platform;
    private final GuestSide guestSide;

    /// @param platform booted
    public VectorRuns(Platform platform) {
        this.platform = platform;
        this.guestSide = new GuestSide(platform);
    }

    /// Fires all of them.
    public List<RunReport.Vector> fireAll(Progress progress) {
        return fire(v -> true, progress);
    }

    /// Fires those that `which` accepts.
    List<RunReport.Vector> fire(Predicate<GuestReport.Vector> which, Progress progress) {
        List<GuestReport.Vector> before =
                platform.guest().report().vectors().stream().filter(which).toList();
        List<Fired> fired = new ArrayList<>();
        for (GuestReport.Vector v : before) {
            progress.at("vectors", fired.size() + 1, before.size());
            fired.add(new Fired(v, v.masked() ? List.of() : fire(v)));
        }
        Map<Key, GuestReport.Vector> after = new HashMap<>();
        platform.guest()
                .report()
                .vectors()
                .forEach(v -> after.put(new Key(v.bdf(), v.vector()), v));
        return fired.stream()
                .sorted(Comparator.comparingInt(f -> f.before.bdf().routingId()))
                .map(f -> {
                    GuestReport.Vector now = after.get(new Key(f.before.bdf(), f.before.vector()));
                    boolean taken = now != null && now.taken() > f.before.taken();
                    return describe(f, taken);
                })
                .toList();
    }

    /// The guest's half first where hardware does not walk it, then what happens.
    private List<Hop> fire(GuestReport.Vector v) {
        Optional<GuestFunction> function = platform.vm().pci().find(v.bdf()).flatMap(guestSide::of);
        List<Hop> hops = new ArrayList<>();
        function.filter(guestSide::isPassedThrough)
                .ifPresent(f -> hops.addAll(guestSide.hops(f, v)));
        platform.recorder().start();
        platform.guest().raise(v.bdf(), v.vector());
        hops.addAll(platform.recorder().stop().hops());
        return hops;
    }

    private RunReport.Vector describe(Fired fired, boolean taken) {
        GuestReport.Vector v = fired.before;
        Optional<KvmRoutes.Route> route = route(v);
        List<Hop> hops = untilBroken(fired.hops, route);
        boolean lostBefore = !hops.isEmpty() && hops.getLast().verdict() == Verdict.BROKEN;
        if (!v.masked()) {
            hops.add(cpu(v, taken, lostBefore));
        }
        Optional<Hop> stopped =
                taken
                        ? Optional.empty()
                        : hops.stream().filter(h -> h.verdict() == Verdict.BROKEN).findFirst();
        RunReport.Way way = new WayReader(platform, guestSide).read(v, hops, taken);
        return new RunReport.Vector(
                v.bdf().withoutSegment(),
                v.vector(),
                v.masked(),
                taken,
                stopped.map(Hop::kind),
                sentence(v, taken, stopped, route, way),
                way,
                hops);
    }

    private String sentence(
            GuestReport.Vector v,
            boolean taken,
            Optional<Hop> stopped,
            Optional<KvmRoutes.Route> route,
            RunReport.Way way) {
        String name = v.bdf().withoutSegment() + " vector " + v.vector();
        if (taken) {
            return name + " is delivered: INTID " + v.intId() + " taken by vCPU " + v.cpu();
        }
        if (v.masked()) {
            return name + " is masked by the guest";
        }
        String cause =
                stopped.flatMap(hop -> new Causes(platform.handover()).of(hop, route, way))
                        .map(c -> "; " + c)
                        .orElse("");
        return name + " is " + stopped.map(Sentences::lostAt).orElse("lost") + cause;
    }

    private Optional<KvmRoutes.Route> route(GuestReport.Vector v) {
        return platform.vm()
                .pci()
                .find(v.bdf())
                .flatMap(guestSide::of)
                .flatMap(platform.vm().passedThrough()::of)
                .flatMap(d -> d.route(v.vector()));
    }

    /// What follows a broken hop is another interrupt: that of the event that the fault left.
    private static List<Hop> untilBroken(List<Hop> hops, Optional<KvmRoutes.Route> route) {
        List<Hop> out = new ArrayList<>();
        for (Hop hop : hops) {
            out.add(withRule(hop, route));
            if (hop.verdict() == Verdict.BROKEN) {
                break;
            }
        }
        return out;
    }

    /// KVM knows only that there is a route; why its address is what it is, the VMM knows.
    private static Hop withRule(Hop hop, Optional<KvmRoutes.Route> route) {
        if (hop.kind() != HopKind.ROUTE || route.isEmpty()) {
            return hop;
        }
        Observation o = hop.seen();
        return new Hop(hop.where(), o.judged(o.verdict(), o.rule() + "; " + route.get().rule()));
    }

    private static Hop cpu(GuestReport.Vector v, boolean taken, boolean stoppedBefore) {
        Observation.Builder seen =
                Observation.of(HopKind.CPU).field("vcpu", v.cpu()).field("intid", v.intId());
        return new Hop(
                Where.GUEST,
                taken
                        ? seen.ok("the guest's handler ran on vCPU " + v.cpu())
                        : stoppedBefore
                                ? seen.skipped("nothing arrives")
                                : seen.broken("no vCPU took INTID " + v.intId()));
    }
}
