package dev.belfry.lab.run;

import dev.belfry.vmm.refusal.HostRefusal;

/// The host refused a call that it was told to refuse, and no machine came of it: not the fault of
/// the input.
public final class HostRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String errno;

    HostRefused(HostRefusal refusal) {
        super(refusal.getMessage(), refusal);
        this.errno = refusal.errno().name();
    }

    /// What was refused; names the call and the errno.
    public String text() {
        return String.valueOf(getMessage());
    }

    /// The errno's name.
    public String errno() {
        return errno;
    }
}
