package dev.belfry.vmm.vfio;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.IrqSet;
import dev.belfry.model.pci.Msi;
import dev.belfry.model.pci.PciFunction;
import dev.belfry.model.pci.PciListener;
import dev.belfry.model.pci.spec.MsiCapability;
import dev.belfry.vmm.msi.KvmRoutes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the VMM does when the guest programs a passed-through device's MSI: when it is enabled, all
/// its vectors get a route, an irqfd and a physical vector at once; MSI vectors cannot be added
/// later.
public final class MsiInterrupts implements PassedInterrupts, PciListener {

    /// `VFIO_PCI_MSI_IRQ_INDEX`.
    private static final int MSI = 1;

    /// A vector while MSI is on.
    private static final class Vector {
        private final EventFd fd;
        private Optional<KvmRoutes.Route> route = Optional.empty();
        private boolean direct;

        Vector(EventFd fd) {
            this.fd = fd;
        }
    }

    private final VfioPci device;
    private final Msi msi;
    private final KvmRoutes.Requester requester;
    private final VfioInterrupts.Wiring wiring;
    private final VfioInterrupts.Notify notify;
    private final List<Vector> vectors = new ArrayList<>();

    /// @param device attached
    /// @param msi of the guest's function
    /// @param requester whose routes they are
    /// @param notify what the VMM does itself for a vector that is masked or has no route
    public MsiInterrupts(
            VfioPci device,
            Msi msi,
            KvmRoutes.Requester requester,
            VfioInterrupts.Wiring wiring,
            VfioInterrupts.Notify notify) {
        this.device = device;
        this.msi = msi;
        this.requester = requester;
        this.wiring = wiring;
        this.notify = notify;
        device.function().addListener(this);
    }

    @Override
    public Optional<KvmRoutes.Route> route(int vector) {
        return vector < vectors.size() ? vectors.get(vector).route : Optional.empty();
    }

    @Override
    public void configWritten(PciFunction function, int offset, int width, long value) {
        MsiCapability now = msi.capability();
        int end = msi.offset() + MsiCapability.length(now.messageControl());
        if (offset >= end || offset + width <= msi.offset()) {
            return;
        }
        if (!now.enabled()) {
            close();
        } else if (vectors.isEmpty()) {
            enable(now);
        } else {
            update(now);
        }
    }

    /// MSI is off then.
    @Override
    public void functionReset(PciFunction function) {
        close();
    }

    private void enable(MsiCapability now) {
        List<Optional<EventFd>> fds = new ArrayList<>();
        for (int n = 0; n < now.vectorsEnabled(); n++) {
            Vector v = new Vector(new EventFd(device.hostName() + " MSI " + n));
            v.route = wiring.routes().add(requester, now.address(), now.dataOf(n));
            vectors.add(v);
            fds.add(Optional.of(v.fd));
            connect(n, v, now.masked(n));
        }
        check("enabling MSI", device.setIrqs(IrqSet.trigger(MSI, 0, fds)));
    }

    /// To KVM, or to the VMM itself, which latches pending bits.
    private void connect(int n, Vector v, boolean masked) {
        v.direct = !masked && v.route.isPresent() && wiring.routes().connect(v.route.get(), v.fd);
        if (!v.direct) {
            v.fd.listen(() -> notify.vector(n));
        }
    }

    private void disconnect(Vector v) {
        if (v.direct) {
            v.route.ifPresent(r -> wiring.routes().disconnect(r, v.fd));
        }
        v.direct = false;
    }

    /// Address, data or masks are others.
    private void update(MsiCapability now) {
        for (int n = 0; n < vectors.size(); n++) {
            Vector v = vectors.get(n);
            disconnect(v);
            int data = now.dataOf(n);
            v.route =
                    v.route.isPresent()
                            ? wiring.routes().update(v.route.get(), requester, now.address(), data)
                            : wiring.routes().add(requester, now.address(), data);
            connect(n, v, now.masked(n));
        }
    }

    @Override
    public void close() {
        if (vectors.isEmpty()) {
            return;
        }
        check("disabling MSI", device.setIrqs(IrqSet.disable(MSI)));
        for (Vector v : vectors) {
            disconnect(v);
            v.route.ifPresent(r -> wiring.routes().release(r));
            v.fd.close();
        }
        vectors.clear();
    }

    private void check(String what, Result<Done> result) {
        wiring.log().passed("interrupts of " + device.hostName() + ", " + what, result);
    }
}
