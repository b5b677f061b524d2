package dev.belfry.host.iommufd;

/// The input of `IOMMU_HWPT_ALLOC`.
///
/// @param flags [#NEST_PARENT], [#DIRTY_TRACKING], [#FAULT_ID_VALID], [#PASID]
/// @param devId a bound device
/// @param ptId an IOAS, or a vIOMMU for a nested HWPT
/// @param data the driver's part
/// @param faultId a fault queue, with [#FAULT_ID_VALID]
public record HwptAlloc(int flags, int devId, int ptId, HwptData data, int faultId) {

    public static final int NEST_PARENT = 1;
    public static final int DIRTY_TRACKING = 2;
    public static final int FAULT_ID_VALID = 4;
    public static final int PASID = 8;

    /// A paging HWPT of an IOAS.
    public static HwptAlloc paging(int flags, int devId, int ioasId) {
        return new HwptAlloc(flags, devId, ioasId, HwptData.NONE, 0);
    }

    /// A nested HWPT of a vIOMMU, from the first two words of the guest's STE.
    public static HwptAlloc nested(int devId, int viommuId, long ste0, long ste1) {
        return new HwptAlloc(0, devId, viommuId, HwptData.armSmmuV3(ste0, ste1), 0);
    }
}
