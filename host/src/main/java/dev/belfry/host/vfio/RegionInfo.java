package dev.belfry.host.vfio;

/// `VFIO_DEVICE_GET_REGION_INFO`.
///
/// @param flags 1 read, 2 write, 4 mmap; 0 when the region does not exist
/// @param size bytes, 0 when the region does not exist
public record RegionInfo(int flags, long size) {
    public static final int READ = 1;
    public static final int WRITE = 2;
    public static final int MMAP = 4;
}
