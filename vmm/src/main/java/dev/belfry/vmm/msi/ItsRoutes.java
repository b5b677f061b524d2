package dev.belfry.vmm.msi;

import dev.belfry.host.kvm.KvmMsi;
import dev.belfry.host.kvm.KvmVm;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Result;
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

    private final KvmVm vm;
    private final Map<Integer, Route> routes = new TreeMap<>();
    private final BitSet gsis = new BitSet();
    private final List<String> problems = new ArrayList<>();

    public ItsRoutes(KvmVm vm) {
        this.vm = vm;
    }

    /// What KVM or the fixup refused, one sentence each.
    public List<String> problems() {
        return List.copyOf(problems);
    }

    @Override
    public Optional<Route> add(Requester requester, long address, int data) {
        int gsi = gsis.nextClearBit(0);
        Optional<Route> made = make(gsi, requester, address, data);
        if (made.isPresent()) {
            gsis.set(gsi);
            put(made.get());
        }
        return made;
    }

    @Override
    public Optional<Route> update(Route route, Requester requester, long address, int data) {
        Optional<Route> made = make(route.gsi(), requester, address, data);
        if (made.isEmpty()) {
            release(route);
        } else if (!made.get().equals(route)) {
            put(made.get());
        }
        return made;
    }

    private Optional<Route> make(int gsi, Requester requester, long address, int data) {
        OptionalInt deviceId = OptionalInt.of(requester.deviceId());
        return switch (requester.fixup(address)) {
            case MsiRouteFixup.Outcome.Unchanged(String rule) ->
                    Optional.of(new Route(gsi, address, data, deviceId, rule));
            case MsiRouteFixup.Outcome.Doorbell(var doorbell, String rule) ->
                    Optional.of(new Route(gsi, doorbell.value(), data, deviceId, rule));
            case MsiRouteFixup.Outcome.Refused(String rule) -> {
                problems.add(rule);
                yield Optional.empty();
            }
        };
    }

    private void put(Route route) {
        routes.put(route.gsi(), route);
        commit();
    }

    /// The whole table is set anew each time, as the ioctl wants it.
    private void commit() {
        List<dev.belfry.host.kvm.Route> table = new ArrayList<>();
        for (Route r : routes.values()) {
            KvmMsi message =
                    new KvmMsi(
                            r.address(), r.data(), KvmMsi.VALID_DEVID, r.deviceId().orElseThrow());
            table.add(new dev.belfry.host.kvm.Route.Msi(r.gsi(), message));
        }
        note("KVM_SET_GSI_ROUTING", vm.setGsiRouting(table));
    }

    @Override
    public boolean connect(Route route, EventFd fd) {
        vm.irqfd(fd, route.gsi(), 1);
        return note("KVM_IRQFD", vm.irqfd(fd, route.gsi(), 0));
    }

    @Override
    public void disconnect(Route route, EventFd fd) {
        vm.irqfd(fd, route.gsi(), 1);
    }

    @Override
    public void release(Route route) {
        routes.remove(route.gsi());
        gsis.clear(route.gsi());
        commit();
    }

    private boolean note(String call, Result<Done> result) {
        if (result instanceof Result.Err<Done>(var errno, var why)) {
            problems.add(call + ": " + errno + ", " + why);
        }
        return result.isOk();
    }
}
