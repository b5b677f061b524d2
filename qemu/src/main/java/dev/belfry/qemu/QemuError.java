package dev.belfry.qemu;

/// A QEMU that cannot be reached, does not answer, or refuses. The message says which and why.
public class QemuError extends RuntimeException {

    private static final long serialVersionUID = 1;

    /// An error without a cause of its own.
    public QemuError(String message) {
        super(message);
    }

    /// An error that another one led to.
    public QemuError(String message, Throwable cause) {
        super(message, cause);
    }
}
