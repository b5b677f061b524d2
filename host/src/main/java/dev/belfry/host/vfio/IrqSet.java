package dev.belfry.host.vfio;

import dev.belfry.host.uapi.EventFd;
import dev.belfry.model.address.Iova;
import java.util.List;
import java.util.Optional;

/// The input of `VFIO_DEVICE_SET_IRQS` (`struct vfio_irq_set`).
///
/// @param index 0 INTx, 1 MSI, 2 MSI-X, 3 error, 4 request
/// @param action what to do
/// @param start first interrupt
/// @param count how many
/// @param data one item an interrupt, or none
public record IrqSet(int index, Action action, int start, int count, Data data) {

    /// `VFIO_IRQ_SET_ACTION_*`.
    public enum Action {
        MASK,
        UNMASK,
        TRIGGER,
        /// Of RFCv1 (November 2024): tells addresses of vectors before they are allocated.
        PREPARE
    }

    /// `VFIO_IRQ_SET_DATA_*`.
    public sealed interface Data {

        /// Nothing: all of the range alike.
        record None() implements Data {}

        /// Which of the range are meant.
        record Bools(List<Boolean> values) implements Data {
            public Bools {
                values = List.copyOf(values);
            }
        }

        /// An eventfd each; empty (-1) disconnects.
        record EventFds(List<Optional<EventFd>> fds) implements Data {
            public EventFds {
                fds = List.copyOf(fds);
            }
        }

        /// Addresses that the device shall write to, one a vector (`DATA_MSI_IOVA` of RFCv1).
        record MsiIovas(List<Iova> addresses) implements Data {
            public MsiIovas {
                addresses = List.copyOf(addresses);
            }
        }
    }

    /// Tells the addresses of vectors from `start` on.
    public static IrqSet prepare(int index, int start, List<Iova> addresses) {
        return new IrqSet(
                index, Action.PREPARE, start, addresses.size(), new Data.MsiIovas(addresses));
    }

    /// Connects eventfds to interrupts from `start` on.
    public static IrqSet trigger(int index, int start, List<Optional<EventFd>> fds) {
        return new IrqSet(index, Action.TRIGGER, start, fds.size(), new Data.EventFds(fds));
    }

    /// Turns all interrupts of an index off.
    public static IrqSet disable(int index) {
        return new IrqSet(index, Action.TRIGGER, 0, 0, new Data.None());
    }
}
