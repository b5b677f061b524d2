package dev.belfry.model.smmu;

/// What a transaction does, as far as permissions and event records can tell it apart: read or
/// write, privileged (PnU), instruction (InD).
public enum Access {
    READ(false, false, false),
    WRITE(true, false, false),
    PRIVILEGED_READ(false, true, false),
    PRIVILEGED_WRITE(true, true, false),
    EXECUTE(false, false, true),
    PRIVILEGED_EXECUTE(false, true, true);

    private final boolean write;
    private final boolean privileged;
    private final boolean instruction;
    private final int number;

    Access(boolean write, boolean privileged, boolean instruction) {
        this.write = write;
        this.privileged = privileged;
        this.instruction = instruction;
        this.number = (write ? 1 : 0) | (privileged ? 2 : 0) | (instruction ? 4 : 0);
    }

    /// The three properties as a number below 8.
    int number() {
        return number;
    }

    /// Whether it writes (the event records' RnW is the opposite).
    public boolean isWrite() {
        return write;
    }

    /// PnU: privileged, not user.
    public boolean isPrivileged() {
        return privileged;
    }

    /// InD: instruction, not data.
    public boolean isInstruction() {
        return instruction;
    }
}
