package dev.belfry.vmm.msi;

import dev.belfry.host.kvm.KvmMsi;
import dev.belfry.host.kvm.KvmVm;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// Routes to a vITS: each message has a GSI of its own, the lowest that is free, and a route with
/// the doorbell's address, the guest's data and the DeviceID.
public final class ItsRoutes implements KvmRoutes {

    private static final int IRQFD_DEASSIGN = 1;

    private final KvmVm vm;
    private final Map<Integer, Route> routes = new TreeMap<>();
    private final BitSet gsis = new BitSet();
    private final RefusalLog log;

    /// @param log where refusals of KVM and of the fixup go
    public ItsRoutes(KvmVm vm, RefusalLog log) {
        this.vm = vm;
        this.log = log;
    }

    @Override
    public Optional<Route> add(Requester requester, long address, int data) {
        int gsi = gsis.nextClearBit(0);
        return make(gsi, requester, address, data).filter(this::put);
    }

    @Override
    public Optional<Route> update(Route route, Requester requester, long address, int data) {
        Optional<Route> made = make(route.gsi(), requester, address, data);
        if (made.isEmpty()) {
            release(route);
            return made;
        }
        return made.get().equals(route) ? made : made.filter(this::put);
    }

    private Optional<Route> make(int gsi, Requester requester, long address, int data) {
        OptionalInt deviceId = OptionalInt.of(requester.deviceId());
        return switch (requester.fixup(address)) {
            case MsiRouteFixup.Outcome.Unchanged(String rule) ->
                    Optional.of(new Route(gsi, address, data, deviceId, rule));
            case MsiRouteFixup.Outcome.Doorbell(var doorbell, String rule) ->
                    Optional.of(new Route(gsi, doorbell.value(), data, deviceId, rule));
            case MsiRouteFixup.Outcome.Refused(String rule) -> {
                log.add(rule);
                yield Optional.empty();
            }
        };
    }

    /// When KVM does not take the table, it goes on with the one before, and this GSI is not used.
    private boolean put(Route route) {
        routes.put(route.gsi(), route);
        gsis.set(route.gsi());
        boolean taken = commit();
        if (!taken) {
            release(route);
        }
        return taken;
    }

    /// The whole table is set anew each time, as the ioctl wants it.
    private boolean commit() {
        List<dev.belfry.host.kvm.Route> table = new ArrayList<>();
        for (Route r : routes.values()) {
            KvmMsi message =
                    new KvmMsi(
                            r.address(), r.data(), KvmMsi.VALID_DEVID, r.deviceId().orElseThrow());
            table.add(new dev.belfry.host.kvm.Route.Msi(r.gsi(), message));
        }
        return log.passed("routes of the VM", vm.setGsiRouting(table));
    }

    @Override
    public boolean connect(Route route, EventFd fd) {
        disconnect(route, fd);
        return log.passed("irqfd of " + fd.name(), vm.irqfd(fd, route.gsi(), 0));
    }

    @Override
    public void disconnect(Route route, EventFd fd) {
        log.passed("irqfd of " + fd.name(), vm.irqfd(fd, route.gsi(), IRQFD_DEASSIGN));
    }

    @Override
    public void release(Route route) {
        routes.remove(route.gsi());
        gsis.clear(route.gsi());
        commit();
    }
}
