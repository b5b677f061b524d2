package dev.belfry.kernel.firmware;

/// Firmware tables that cannot be read: missing, cut short, or against their specification.
public final class FirmwareError extends RuntimeException {

    private static final long serialVersionUID = 1;

    /// @param message what is wrong, and where
    public FirmwareError(String message) {
        super(message);
    }
}
