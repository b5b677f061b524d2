package dev.belfry.vmm.vfio;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.IrqInfo;
import dev.belfry.host.vfio.IrqSet;
import dev.belfry.model.pci.Msix;
import dev.belfry.model.pci.MsixListener;
import dev.belfry.model.pci.spec.MsixEntry;
import dev.belfry.vmm.msi.KvmRoutes;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// What the VMM does when the guest programs a passed-through device's MSI-X table: each vector
/// that it unmasks gets a KVM route and an irqfd, and the host is asked for the physical vector.
/// The guest's message itself never reaches the device, unless a design of the host wants its
/// address: then it is handed over, an opaque number, before the vector is allocated.
public final class VfioInterrupts implements PassedInterrupts, MsixListener {

    /// `VFIO_PCI_MSIX_IRQ_INDEX`.
    private static final int MSIX = 2;

    /// A vector that the guest has used.
    private static final class Vector {
        private final EventFd fd;
        private Optional<KvmRoutes.Route> route = Optional.empty();

        Vector(EventFd fd) {
            this.fd = fd;
        }
    }

    private final VfioPci device;
    private final Msix table;
    private final KvmRoutes.Requester requester;
    private final KvmRoutes routes;
    private final GivenAddresses given;
    private final Notify notify;
    private final TreeMap<Integer, Vector> vectors = new TreeMap<>();
    private final RefusalLog log;
    private int allocated;

    /// Signals a vector through the guest's own message, for vectors without a route.
    public interface Notify {
        void vector(int index);
    }

    /// Where the vectors are wired to.
    ///
    /// @param routes KVM's
    /// @param givesAddresses whether the guest's addresses go to the host
    /// @param log where refusals go
    public record Wiring(KvmRoutes routes, boolean givesAddresses, RefusalLog log) {}

    /// @param device attached
    /// @param table of the guest's function
    /// @param requester whose routes they are
    /// @param notify what the VMM does itself for a vector without a route
    public VfioInterrupts(
            VfioPci device,
            Msix table,
            KvmRoutes.Requester requester,
            Wiring wiring,
            Notify notify) {
        this.device = device;
        this.table = table;
        this.requester = requester;
        this.routes = wiring.routes;
        this.given = new GivenAddresses(device.device(), table, wiring.givesAddresses);
        this.notify = notify;
        this.log = wiring.log;
        table.addListener(this);
    }

    @Override
    public Optional<KvmRoutes.Route> route(int vector) {
        return Optional.ofNullable(vectors.get(vector)).flatMap(v -> v.route);
    }

    @Override
    public void enableChanged(boolean enabled, boolean functionMask) {
        if (!enabled) {
            disable();
        } else if (allocated == 0 && !given.wanted()) {
            // Vector 0 without an eventfd: the physical enable bit follows the guest's.
            check("enabling MSI-X", set(0, List.of(Optional.empty())));
            allocated = 1;
        }
    }

    @Override
    public void maskChanged(int vector, boolean masked) {
        if (!masked) {
            use(vector);
        } else if (vectors.containsKey(vector)) {
            Vector v = vectors.get(vector);
            // The route stays; the VMM takes the signals, so that the pending bit can be latched.
            v.route.ifPresent(r -> routes.disconnect(r, v.fd));
            v.fd.listen(() -> notify.vector(vector));
        }
    }

    @Override
    public void entryWritten(int vector, MsixEntry before, MsixEntry after) {
        Vector v = vectors.get(vector);
        if (v != null && v.route.isPresent() && !table.masked(vector)) {
            reroute(vector, v, v.route.get(), after);
            if (given.isOther(vector)) {
                renew(allocated > 0);
            }
        }
    }

    private void use(int vector) {
        Vector v =
                vectors.computeIfAbsent(
                        vector, n -> new Vector(new EventFd(device.hostName() + " MSI-X " + n)));
        MsixEntry entry = table.entry(vector);
        if (v.route.isPresent()) {
            reroute(vector, v, v.route.get(), entry);
        } else {
            v.route = routes.add(requester, entry.address(), entry.data());
        }
        if (v.route.isEmpty() || !routes.connect(v.route.get(), v.fd)) {
            v.fd.listen(() -> notify.vector(vector));
        }
        connect(vector, v.fd);
    }

    /// A route that cannot follow the message is gone, and the VMM signals the vector itself.
    private void reroute(int vector, Vector v, KvmRoutes.Route old, MsixEntry entry) {
        v.route = routes.update(old, requester, entry.address(), entry.data());
        if (v.route.isEmpty()) {
            routes.disconnect(old, v.fd);
            v.fd.listen(() -> notify.vector(vector));
        }
    }

    /// Asks the host for the physical vector; a kernel that cannot add vectors gets all of them
    /// anew.
    private void connect(int vector, EventFd fd) {
        boolean on = allocated > 0;
        boolean grows = vector >= allocated;
        if ((grows && !resizable()) || given.isOther(vector)) {
            allocated = Math.max(allocated, vector + 1);
            renew(on);
            return;
        }
        if (grows) {
            check("addresses of vectors", given.give(allocated == 0 ? 0 : vector, vector));
        }
        allocated = Math.max(allocated, vector + 1);
        check("vector " + vector, set(vector, List.of(Optional.of(fd))));
    }

    /// All vectors anew: those that are there cannot be changed.
    private void renew(boolean on) {
        if (on) {
            check("disabling all vectors", device.setIrqs(IrqSet.disable(MSIX)));
        }
        check("addresses of vectors", given.give(0, allocated - 1));
        List<Optional<EventFd>> all =
                new ArrayList<>(Collections.nCopies(allocated, Optional.empty()));
        vectors.forEach((n, v) -> all.set(n, Optional.of(v.fd)));
        check("all vectors", set(0, all));
    }

    private boolean resizable() {
        Result<IrqInfo> info = device.device().getIrqInfo(MSIX);
        log.passed("asking about MSI-X of " + device.hostName(), info);
        return info.map(i -> (i.flags() & IrqInfo.NORESIZE) == 0).equals(Result.ok(true));
    }

    private Result<Done> set(int start, List<Optional<EventFd>> fds) {
        return device.setIrqs(IrqSet.trigger(MSIX, start, fds));
    }

    private void disable() {
        if (allocated > 0) {
            check("disabling all vectors", device.setIrqs(IrqSet.disable(MSIX)));
        }
        vectors.forEach((n, v) -> {
            v.route.ifPresent(r -> {
                routes.disconnect(r, v.fd);
                routes.release(r);
            });
            // Takes an irqfd along that KVM would not let go of.
            v.fd.close();
        });
        vectors.clear();
        given.forget();
        allocated = 0;
    }

    private void check(String what, Result<Done> result) {
        log.passed("interrupts of " + device.hostName() + ", " + what, result);
    }

    @Override
    public void close() {
        disable();
    }
}
