package dev.belfry.qemu.qmp;

import dev.belfry.qemu.QemuError;

/// A command that QEMU answered with an error.
public final class QmpError extends QemuError {

    private static final long serialVersionUID = 1;

    private final String errorClass;

    QmpError(String command, String errorClass, String description) {
        super("QEMU refuses " + command + ": " + description);
        this.errorClass = errorClass;
    }

    /// QEMU's class of the error, for example `CommandNotFound`.
    public String errorClass() {
        return errorClass;
    }
}
