package dev.belfry.model.memory;

/// A device with a register frame. Offsets are relative to its frame; widths are bytes.
public interface MmioDevice {

    /// Size of the frame in bytes.
    long size();

    /// Whether an access of this width at this offset is answered at all; a device that knows only
    /// 4-byte registers may refuse others, which the bus then reports as an abort.
    default boolean accepts(long offset, int width) {
        return width == 1 || width == 2 || width == 4 || width == 8;
    }

    /// Reads `width` bytes at `offset`, zero-extended.
    long read(long offset, int width);

    /// Writes the low `width` bytes of `value` at `offset`.
    ///
    /// @param requester DeviceID of the device that writes, or [PhysicalMemory#cpu]
    void write(long offset, int width, long value, int requester);
}
