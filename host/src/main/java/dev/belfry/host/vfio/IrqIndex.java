package dev.belfry.host.vfio;

import java.util.Optional;

/// Interrupt indices of a VFIO PCI device (`VFIO_PCI_*_IRQ_INDEX`).
public enum IrqIndex {
    INTX,
    MSI,
    MSIX,
    ERR,
    REQ;

    /// By number; empty when there is no such index.
    static Optional<IrqIndex> of(int index) {
        return index >= 0 && index < values().length
                ? Optional.of(values()[index])
                : Optional.empty();
    }
}
