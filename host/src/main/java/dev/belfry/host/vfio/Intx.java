package dev.belfry.host.vfio;

import dev.belfry.host.msi.InterruptTable;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.its.SpiController;
import dev.belfry.kernel.pci.ConfigAccess;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.spec.Command;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.Status;
import java.util.Optional;

/// INTx of one device (`vfio_pci_intrs.c`): the handler masks the pin with Interrupt Disable and
/// signals an eventfd; user space unmasks, by a call or by an eventfd of its own, which KVM signals
/// when the guest is done. A pin that is still up then is signalled again and stays masked.
final class Intx {

    /// Where the pin leads on the host.
    ///
    /// @param name PCI address of the device
    /// @param config configuration space
    /// @param id routing id of the device
    /// @param spi the host's interrupt
    /// @param gic who lets it through
    /// @param irqs where handlers are registered
    /// @param probe told when an eventfd is signalled
    record Wiring(
            String name,
            ConfigAccess config,
            int id,
            int spi,
            SpiController gic,
            InterruptTable irqs,
            Probe probe) {}

    private final Wiring wiring;
    private final Runnable handler = this::handle;
    private boolean enabled;
    private boolean masked;
    private boolean disabledByGuest;
    private Optional<EventFd> trigger = Optional.empty();
    private Optional<EventFd> unmask = Optional.empty();

    Intx(Wiring wiring) {
        this.wiring = wiring;
    }

    boolean enabled() {
        return enabled;
    }

    /// What the guest wrote to Interrupt Disable; the device's own bit is the kernel's.
    boolean disabledByGuest() {
        return disabledByGuest;
    }

    /// The guest writes Interrupt Disable (`virq_disabled`).
    void guestDisables(boolean now) {
        if (now == disabledByGuest) {
            return;
        }
        disabledByGuest = now;
        if (now) {
            mask();
        } else {
            unmask();
        }
    }

    /// `vfio_intx_enable`.
    Result<Done> enable(Optional<EventFd> fd) {
        enabled = true;
        masked = disabledByGuest;
        setDisable(masked);
        return setTrigger(fd);
    }

    /// `vfio_intx_set_signal`.
    Result<Done> setTrigger(Optional<EventFd> fd) {
        if (trigger.isPresent()) {
            release();
        }
        if (fd.isPresent()) {
            trigger = fd;
            wiring.irqs.share(wiring.spi, handler);
            wiring.gic.requestSpi(wiring.spi, false, 0);
        }
        return Result.done();
    }

    private void release() {
        trigger = Optional.empty();
        if (wiring.irqs.leave(wiring.spi, handler)) {
            wiring.gic.maskSpi(wiring.spi);
        }
    }

    /// `vfio_intx_disable`.
    void disable() {
        if (enabled) {
            stopUnmasking();
            trigger.ifPresent(fd -> release());
            enabled = false;
        }
    }

    /// `vfio_pci_intx_mask`.
    void mask() {
        if (!enabled) {
            setDisable(true);
        } else if (!masked) {
            masked = true;
            setDisable(true);
        }
    }

    /// `vfio_pci_intx_unmask`.
    void unmask() {
        if (!enabled) {
            setDisable(false);
        } else if (masked && !disabledByGuest) {
            if (pending()) {
                signal();
            } else {
                masked = false;
                setDisable(false);
            }
        }
    }

    /// `vfio_virqfd_enable`: an eventfd that unmasks. What it was signalled before counts.
    Result<Done> unmaskBy(EventFd fd) {
        if (unmask.isPresent()) {
            return Result.err(Errno.EBUSY, "an eventfd unmasks INTx of " + wiring.name);
        }
        unmask = Optional.of(fd);
        fd.listen(() -> {
            fd.read();
            unmask();
        });
        if (fd.read() > 0) {
            unmask();
        }
        return Result.done();
    }

    void stopUnmasking() {
        unmask.ifPresent(EventFd::stopListening);
        unmask = Optional.empty();
    }

    private boolean pending() {
        return Status.INTERRUPT_STATUS.isSet(wiring.config.read(wiring.id, ConfigRegister.STATUS));
    }

    private void setDisable(boolean on) {
        long command = wiring.config.read(wiring.id, ConfigRegister.COMMAND);
        wiring.config.write(
                wiring.id,
                ConfigRegister.COMMAND,
                Command.INTERRUPT_DISABLE.set(command, on ? 1 : 0));
    }

    /// `vfio_intx_handler`: others may share the interrupt.
    private void handle() {
        if (!masked && pending()) {
            masked = true;
            setDisable(true);
            signal();
        }
    }

    /// `vfio_send_intx_eventfd`.
    void signal() {
        if (!enabled || disabledByGuest) {
            return;
        }
        if (wiring.probe.on()) {
            Observation.Builder seen =
                    Observation.of(HopKind.EVENTFD)
                            .field("device", wiring.name)
                            .field("eventfd", trigger.map(EventFd::name).orElse("none"));
            wiring.probe.observe(
                    trigger.filter(EventFd::hasListener).isPresent()
                            ? seen.ok("VFIO masks INTx and signals its eventfd")
                            : seen.broken("VFIO signals INTx, but no irqfd listens to it"));
        }
        trigger.ifPresent(EventFd::signal);
    }
}
