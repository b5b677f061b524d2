package dev.belfry.vmm.cmdqv;

import dev.belfry.model.smmu.spec.CmdqvLayout;

/// Registers of one queue as the VMM keeps them while no hardware is behind it.
final class VcmdqCache {

    private static final long LOW = 0xffff_ffffL;

    private long cons;
    private long prod;
    private long config;
    private boolean enabled;
    private boolean refused;
    private long gerror;
    private long gerrorn;
    private long base;
    private long consIndexBase;

    /// Page 0 is as at reset; the base stays.
    void clearPage0() {
        cons = 0;
        prod = 0;
        config = 0;
        enabled = false;
        refused = false;
        gerror = 0;
        gerrorn = 0;
    }

    void reset() {
        clearPage0();
        base = 0;
        consIndexBase = 0;
    }

    long read(int register) {
        return switch (register) {
            case CmdqvLayout.VCMDQ_CONS -> cons;
            case CmdqvLayout.VCMDQ_PROD -> prod;
            case CmdqvLayout.VCMDQ_CONFIG -> config;
            case CmdqvLayout.VCMDQ_STATUS -> CmdqvLayout.EN.of(enabled ? 1 : 0);
            case CmdqvLayout.VCMDQ_GERROR -> CmdqvLayout.CMDQ_INIT_ERR.set(gerror, refused ? 1 : 0);
            case CmdqvLayout.VCMDQ_GERRORN -> gerrorn;
            default -> 0;
        };
    }

    void write(int register, long value) {
        switch (register) {
            case CmdqvLayout.VCMDQ_CONS -> cons = value;
            case CmdqvLayout.VCMDQ_PROD -> prod = value;
            case CmdqvLayout.VCMDQ_CONFIG -> {
                config = value;
                enabled = CmdqvLayout.EN.isSet(value) && !refused;
            }
            case CmdqvLayout.VCMDQ_GERRORN -> gerrorn = value;
            default -> {}
        }
    }

    /// The host's answer to the wish for a queue.
    void answered(boolean granted) {
        refused = !granted;
        enabled = granted;
    }

    long readPage1(int register) {
        return switch (register) {
            case CmdqvLayout.VCMDQ_BASE -> base;
            case CmdqvLayout.VCMDQ_BASE + 4 -> base >>> 32;
            case CmdqvLayout.VCMDQ_CONS_INDX_BASE -> consIndexBase;
            case CmdqvLayout.VCMDQ_CONS_INDX_BASE + 4 -> consIndexBase >>> 32;
            default -> 0;
        };
    }

    /// @return whether it was the base
    boolean writePage1(int register, int width, long value) {
        switch (register) {
            case CmdqvLayout.VCMDQ_BASE -> base = width == 8 ? value : low(base, value);
            case CmdqvLayout.VCMDQ_BASE + 4 -> base = width == 8 ? base : high(base, value);
            case CmdqvLayout.VCMDQ_CONS_INDX_BASE ->
                    consIndexBase = width == 8 ? value : low(consIndexBase, value);
            case CmdqvLayout.VCMDQ_CONS_INDX_BASE + 4 ->
                    consIndexBase = width == 8 ? consIndexBase : high(consIndexBase, value);
            default -> {}
        }
        return register == CmdqvLayout.VCMDQ_BASE
                || (register == CmdqvLayout.VCMDQ_BASE + 4 && width == 4);
    }

    private static long low(long register, long value) {
        return (register & ~LOW) | (value & LOW);
    }

    private static long high(long register, long value) {
        return (register & LOW) | value << 32;
    }

    boolean hasBase() {
        return base != 0;
    }

    /// Guest-physical address of the queue.
    long address() {
        return CmdqvLayout.ADDR.inPlace(base);
    }

    /// Bytes of the queue.
    long bytes() {
        return 16L << CmdqvLayout.LOG2SIZE.getInt(base);
    }
}
