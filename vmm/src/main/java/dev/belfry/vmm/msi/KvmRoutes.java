package dev.belfry.vmm.msi;

import dev.belfry.host.uapi.EventFd;
import java.util.Optional;
import java.util.OptionalInt;

/// The VM's GSI routes as the VMM keeps them.
public interface KvmRoutes {

    /// Whose messages are routed: it decides about the address, and gives the DeviceID.
    interface Requester {
        /// Its requester id now.
        int deviceId();

        /// What the route's address shall be.
        MsiRouteFixup.Outcome fixup(long address);
    }

    /// A route, or with GICv2m a GSI that needs none.
    ///
    /// @param gsi KVM's number
    /// @param address of the doorbell; 0 when the GSI is direct
    /// @param data as the guest programmed it
    /// @param deviceId beside the message; empty when the controller takes none
    /// @param rule why the address is what it is
    record Route(int gsi, long address, int data, OptionalInt deviceId, String rule) {}

    /// Adds a route for a message; empty when there can be none.
    Optional<Route> add(Requester requester, long address, int data);

    /// Changes a route to another message; empty when there can be none any more, and the route is
    /// gone.
    Optional<Route> update(Route route, Requester requester, long address, int data);

    /// Binds an eventfd to the route (`KVM_IRQFD`).
    ///
    /// @return false when KVM refused
    boolean connect(Route route, EventFd fd);

    /// Takes it off again.
    void disconnect(Route route, EventFd fd);

    /// Gives the GSI back.
    void release(Route route);
}
