package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.Descriptor;

/// What a translation allows, as six bits: read, write and execute, unprivileged and privileged.
final class Permissions {

    static final int UR = 1;
    static final int UW = 2;
    static final int UX = 4;
    static final int PR = 8;
    static final int PW = 16;
    static final int PX = 32;
    static final int ALL = 63;
    static final int ANY_WRITE = UW | PW;

    private Permissions() {}

    /// The bit that an access needs. Writes are data, whatever InD says (13.1.2).
    static int need(boolean write, boolean privileged, boolean instruction) {
        int bit = write ? UW : instruction ? UX : UR;
        return privileged ? bit << 3 : bit;
    }

    /// The write bit of the privilege that `need` is of.
    static int writeOf(int need) {
        return need >= PR ? PW : UW;
    }

    /// Permissions of a stage 1 leaf (Arm ARM D8.4).
    ///
    /// @param leaf Block or Page descriptor
    /// @param tables the OR of the Table descriptors above it, 0 with HAD
    /// @param dirty whether hardware may make a clean page writable
    static int stage1(
            long leaf, long tables, boolean dirty, StreamConfig.World world, ContextConfig cd) {
        int ap = Descriptor.AP.getInt(leaf);
        int apTable = Descriptor.APTABLE.getInt(tables);
        boolean readOnly = (ap & 2) != 0 && !(dirty && Descriptor.DBM.isSet(leaf));
        boolean writable = !readOnly && (apTable & 2) == 0;
        boolean xn = Descriptor.UXN.isSet(leaf) || Descriptor.XNTABLE.isSet(tables);
        if (!world.twoPrivileges) {
            boolean execute = !xn && !(cd.wxn() && writable);
            return UR | PR | (writable ? UW | PW : 0) | (execute ? UX | PX : 0);
        }
        boolean pxn = Descriptor.PXN.isSet(leaf) || Descriptor.PXNTABLE.isSet(tables);
        boolean user = (ap & 1) != 0 && (apTable & 1) == 0;
        boolean userWrite = user && writable;
        int out = PR | (writable ? PW : 0) | (user ? UR : 0) | (userWrite ? UW : 0);
        if (!xn && !(cd.wxn() && userWrite)) {
            out |= UX;
        }
        // What EL0 can write is not executable at EL1.
        if (!pxn && !userWrite && !(cd.wxn() && writable)) {
            out |= PX;
        }
        return cd.pan() && user ? out & ~(PR | PW) : out;
    }

    /// Permissions of a stage 2 leaf (Arm ARM D8.4).
    ///
    /// @param dirty whether hardware may make a clean page writable
    /// @param xnx whether execution is told apart by privilege
    static int stage2(long leaf, boolean dirty, boolean xnx) {
        int ap = Descriptor.S2AP.getInt(leaf);
        boolean writable = (ap & 2) != 0 || (dirty && Descriptor.DBM.isSet(leaf));
        int out = ((ap & 1) != 0 ? UR | PR : 0) | (writable ? UW | PW : 0);
        int xn = Descriptor.XN.getInt(leaf);
        if (!xnx) {
            return (xn & 2) == 0 ? out | UX | PX : out;
        }
        return out
                | switch (xn) {
                    case 0 -> UX | PX;
                    case 1 -> UX;
                    case 3 -> PX;
                    default -> 0;
                };
    }
}
