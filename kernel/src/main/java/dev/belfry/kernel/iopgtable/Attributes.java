package dev.belfry.kernel.iopgtable;

import dev.belfry.model.smmu.spec.Descriptor;

/// Attributes of leaf descriptors (Arm ARM D8.3.1.2, D8.3.2.2) as Linux writes them for an SMMU.
final class Attributes {

    private static final int AP_UNPRIVILEGED = 1;
    private static final int AP_READ_ONLY = 2;
    private static final int OUTER_SHAREABLE = 2;
    private static final int INNER_SHAREABLE = 3;

    /// Index into the MAIR that [dev.belfry.kernel.smmu] writes: 0 non-cacheable, 1 write-back, 2
    /// Device.
    private static final int MAIR_NON_CACHEABLE = 0;

    private static final int MAIR_WRITE_BACK = 1;
    private static final int MAIR_DEVICE = 2;

    private static final int S2_DEVICE_NGNRE = 1;
    private static final int S2_NON_CACHEABLE = 5;
    private static final int S2_WRITE_BACK = 15;

    /// With S2FWB: the stage 2 attribute wins and is write-back (D8.6.6).
    private static final int S2_FWB_WRITE_BACK = 6;

    private Attributes() {}

    /// @param dirty writable entries begin dirty, and are marked again by hardware
    static long stage1(Protection p, boolean dirty) {
        long d = Descriptor.NG.mask() | Descriptor.AF.mask();
        d =
                Descriptor.AP.set(
                        d, (p.write() ? 0 : AP_READ_ONLY) | (p.privileged() ? 0 : AP_UNPRIVILEGED));
        d = Descriptor.DBM.set(d, dirty && p.write() ? 1 : 0);
        int index = p.device() ? MAIR_DEVICE : p.cacheable() ? MAIR_WRITE_BACK : MAIR_NON_CACHEABLE;
        d = Descriptor.ATTR_INDX.set(d, index);
        return common(d, p);
    }

    /// Whether a stage 1 entry was written (D8.5.3): DBM, and not read-only.
    static boolean writableDirty(long descriptor) {
        return Descriptor.DBM.isSet(descriptor)
                && (Descriptor.AP.getInt(descriptor) & AP_READ_ONLY) == 0;
    }

    static long writableClean(long descriptor) {
        return Descriptor.AP.set(descriptor, Descriptor.AP.get(descriptor) | AP_READ_ONLY);
    }

    static long stage2(Protection p, boolean fwb) {
        long d = Descriptor.AF.mask();
        d = Descriptor.S2AP.set(d, (p.read() ? 1 : 0) | (p.write() ? 2 : 0));
        int writeBack = fwb ? S2_FWB_WRITE_BACK : S2_WRITE_BACK;
        int attr = p.device() ? S2_DEVICE_NGNRE : p.cacheable() ? writeBack : S2_NON_CACHEABLE;
        d = Descriptor.MEMATTR.set(d, attr);
        return common(d, p);
    }

    private static long common(long descriptor, Protection p) {
        long d = Descriptor.SH.set(descriptor, p.cacheable() ? INNER_SHAREABLE : OUTER_SHAREABLE);
        // UXN and PXN at stage 1, XN[1:0] at stage 2.
        return p.executable() ? d : d | Descriptor.XN.mask();
    }
}
