package dev.belfry.vmm.msi;

import dev.belfry.host.kvm.KvmVm;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.Optional;
import java.util.OptionalInt;

/// GICv2m: the message's data is the SPI, so the GSI follows from it (`(data - 32) & 0xffff`),
/// KVM's default routes serve, and the route fixup is never called.
///
/// @param vm the virtual machine
/// @param log where refusals of KVM go
public record DirectRoutes(KvmVm vm, RefusalLog log) implements KvmRoutes {

    private static final int FIRST_SPI = 32;
    private static final int IRQFD_DEASSIGN = 1;

    @Override
    public Optional<Route> add(Requester requester, long address, int data) {
        return Optional.of(
                new Route(
                        (data - FIRST_SPI) & 0xffff,
                        address,
                        data,
                        OptionalInt.empty(),
                        "GICv2m: the GSI is the data's SPI, no route is needed"));
    }

    @Override
    public Optional<Route> update(Route route, Requester requester, long address, int data) {
        return add(requester, address, data);
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
    public void release(Route route) {}
}
