package dev.belfry.host.vfio;

/// `VFIO_DEVICE_GET_REGION_INFO`.
///
/// @param flags 1 read, 2 write, 4 mmap, 8 it has capabilities: the one that it holds the MSI-X
///   table and may be mapped nevertheless; 0 when the region does not exist
/// @param size bytes, 0 when the region does not exist
public record RegionInfo(int flags, long size) {
    public static final int READ = 1;
    public static final int WRITE = 2;
    public static final int MMAP = 4;
    public static final int CAPS = 8;
}
