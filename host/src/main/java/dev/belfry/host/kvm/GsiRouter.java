package dev.belfry.host.kvm;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// GSIs: routes, irqfds, and what is injected through them.
final class GsiRouter {

    /// `KVM_MAX_IRQ_ROUTES`.
    static final int MAX_ROUTES = 4096;

    /// `KVM_IRQCHIP_NUM_PINS`.
    static final int PINS = 1020 - 32;

    private static final int FIRST_SPI = 32;
    private static final String FAST = "at once: the translation is remembered";
    private static final String SLOW = "by a work item: EWOULDBLOCK at once";

    /// An eventfd that leads to a GSI.
    ///
    /// @param resample signalled when the guest is done with a level-sensitive interrupt
    private record Irqfd(int gsi, Optional<EventFd> resample) {}

    private final VgicDevices vgic;
    private final Probe probe;
    private final Map<EventFd, Irqfd> irqfds = new LinkedHashMap<>();
    private Map<Integer, List<Route>> routes = Map.of();
    private long fast;
    private long slow;

    GsiRouter(VgicDevices vgic, Probe probe) {
        this.vgic = vgic;
        this.probe = probe;
    }

    /// Routes of all SPIs to themselves, as the vGIC's initialisation sets them up.
    void routeSpis(int spis) {
        Map<Integer, List<Route>> made = new HashMap<>();
        for (int i = 0; i < Math.min(spis, MAX_ROUTES); i++) {
            made.put(i, List.of(new Route.Irqchip(i, i)));
        }
        routes = made;
    }

    IrqfdCounts counts() {
        return new IrqfdCounts(fast, slow);
    }

    List<Route> routes() {
        return routes.values().stream().flatMap(List::stream).toList();
    }

    /// `KVM_SET_GSI_ROUTING`: the whole table is replaced, or nothing is.
    Result<Done> setRouting(List<Route> table) {
        if (table.size() > MAX_ROUTES) {
            return Result.err(Errno.EINVAL, "more than " + MAX_ROUTES + " routes");
        }
        Map<Integer, List<Route>> made = new HashMap<>();
        Set<Integer> messages = new HashSet<>();
        for (Route r : table) {
            if (r.gsi() < 0 || r.gsi() >= MAX_ROUTES) {
                return Result.err(Errno.EINVAL, "GSI " + r.gsi() + " is beyond the last");
            }
            if (r instanceof Route.Irqchip(_, int pin) && (pin < 0 || pin >= PINS)) {
                return Result.err(Errno.EINVAL, "pin " + pin + " is beyond the last");
            }
            boolean taken = made.containsKey(r.gsi());
            if (taken && (r instanceof Route.Msi || messages.contains(r.gsi()))) {
                return Result.err(
                        Errno.EINVAL, "GSI " + r.gsi() + " has a message and another route");
            }
            if (r instanceof Route.Msi(int gsi, KvmMsi message)) {
                messages.add(gsi);
                if ((message.flags() & ~KvmMsi.VALID_DEVID) != 0) {
                    return Result.err(Errno.EINVAL, "unknown MSI flags");
                }
            }
            made.computeIfAbsent(r.gsi(), g -> new ArrayList<>()).add(r);
        }
        routes = made;
        return Result.done();
    }

    /// `KVM_IRQFD`.
    Result<Done> assign(EventFd fd, int gsi, Optional<EventFd> resample) {
        if (fd.isClosed() || resample.filter(EventFd::isClosed).isPresent()) {
            return Result.err(Errno.EBADF, "an eventfd is closed");
        }
        if (irqfds.containsKey(fd)) {
            return Result.err(Errno.EBUSY, "the eventfd has an irqfd already");
        }
        irqfds.put(fd, new Irqfd(gsi, resample));
        fd.listen(() -> {
            if (fd.read() > 0) {
                signal(gsi, resample.isPresent());
            }
        });
        if (fd.read() > 0) {
            signal(gsi, resample.isPresent());
        }
        return Result.done();
    }

    /// `KVM_IRQFD_FLAG_DEASSIGN`: what is not there is no error.
    void deassign(EventFd fd, int gsi) {
        Irqfd present = irqfds.get(fd);
        if (present == null || present.gsi != gsi) {
            return;
        }
        irqfds.remove(fd);
        fd.stopListening();
        if (present.resample.isPresent() && resamplers(gsi).isEmpty()) {
            // irqfd_resampler_shutdown: the last one takes the line down.
            setLines(gsi, false);
        }
    }

    private List<EventFd> resamplers(int gsi) {
        return irqfds.values().stream()
                .filter(i -> i.gsi == gsi)
                .flatMap(i -> i.resample.stream())
                .toList();
    }

    private void setLines(int gsi, boolean level) {
        for (Route r : routes.getOrDefault(gsi, List.of())) {
            if (r instanceof Route.Irqchip c) {
                setLine(c, level);
            }
        }
    }

    /// A vCPU is done with an SPI (`kvm_notify_acked_irq`): lines that irqfds hold up go down, and
    /// who holds them up looks again.
    void ended(int intid) {
        List<Integer> gsis =
                routes.values().stream()
                        .flatMap(List::stream)
                        .filter(r ->
                                r instanceof Route.Irqchip(_, int pin) && pin + FIRST_SPI == intid)
                        .map(Route::gsi)
                        .toList();
        for (int gsi : gsis) {
            List<EventFd> resample = resamplers(gsi);
            if (!resample.isEmpty()) {
                setLines(gsi, false);
                resample.forEach(EventFd::signal);
            }
        }
    }

    /// An eventfd of a GSI was signalled: an edge, or with a resampler a level until the guest is
    /// done. Nobody waits for the result.
    private void signal(int gsi, boolean level) {
        List<Route> to = routes.getOrDefault(gsi, List.of());
        if (to.isEmpty() && probe.on()) {
            probe.observe(
                    Observation.of(HopKind.ROUTE)
                            .field("gsi", gsi)
                            .broken("the GSI has no route: the interrupt is lost"));
        }
        for (Route r : to) {
            switch (r) {
                case Route.Irqchip c -> {
                    fast++;
                    setLine(c, true);
                    if (!level) {
                        setLine(c, false);
                    }
                }
                case Route.Msi m -> signal(m);
            }
        }
    }

    /// First from where nothing may sleep: only a remembered translation will do there. Otherwise
    /// that gives `EWOULDBLOCK` and a work item injects, which here comes at once.
    private void signal(Route.Msi route) {
        boolean remembered = MsiInjector.isRemembered(vgic.placedItss(), route.message());
        fast += remembered ? 1 : 0;
        slow += remembered ? 0 : 1;
        tell(route, remembered ? FAST : SLOW);
        MsiInjector.inject(vgic.placedItss(), route.message(), probe);
    }

    private void tell(Route.Msi route, String how) {
        KvmMsi message = route.message();
        if (probe.on()) {
            probe.observe(
                    Observation.of(HopKind.ROUTE)
                            .field("gsi", route.gsi())
                            .hex("address", message.address())
                            .field("data", message.data())
                            .hex("deviceId", message.deviceId())
                            .field("injected", how)
                            .ok("the GSI is routed to this message"));
        }
    }

    /// `KVM_IRQ_LINE` on a GSI, as far as it is a pin.
    void setLine(Route.Irqchip route, boolean level) {
        if (level && probe.on()) {
            probe.observe(
                    Observation.of(HopKind.ROUTE)
                            .field("gsi", route.gsi())
                            .field("pin", route.pin())
                            .ok("the GSI is routed to a pin of the vGIC"));
            probe.observe(
                    Observation.of(HopKind.SPI)
                            .field("intid", route.pin() + FIRST_SPI)
                            .ok("KVM raises the SPI"));
        }
        vgic.controller().ifPresent(g -> g.setLine(route.pin() + FIRST_SPI, level));
    }

    /// An irqfd's interrupt has, or no longer has, a producer that the host's GIC can forward
    /// directly (`kvm_vgic_v4_set_forwarding`). Where that cannot be, software goes on.
    void setForwarding(EventFd fd, boolean now) {
        Irqfd irqfd = irqfds.get(fd);
        for (Route r :
                irqfd == null ? List.<Route>of() : routes.getOrDefault(irqfd.gsi, List.of())) {
            if (r instanceof Route.Msi(_, KvmMsi message)) {
                MsiInjector.forward(vgic.placedItss(), message, now);
            }
        }
    }

    /// `KVM_SIGNAL_MSI`.
    Injection inject(KvmMsi message) {
        return MsiInjector.inject(vgic.placedItss(), message, probe);
    }
}
