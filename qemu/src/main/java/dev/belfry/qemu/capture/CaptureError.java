package dev.belfry.qemu.capture;

/// A capture or bundle that cannot be used. The message names the file and says why, in one line.
public final class CaptureError extends RuntimeException {

    private static final long serialVersionUID = 1;

    /// An error without a cause of its own.
    public CaptureError(String message) {
        super(message);
    }

    /// An error that another one led to.
    public CaptureError(String message, Throwable cause) {
        super(message, cause);
    }
}
