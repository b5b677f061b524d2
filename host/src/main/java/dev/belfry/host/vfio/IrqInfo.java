package dev.belfry.host.vfio;

/// `VFIO_DEVICE_GET_IRQ_INFO`.
///
/// @param flags [#EVENTFD], [#MASKABLE], [#AUTOMASKED], [#NORESIZE]
/// @param count how many interrupts the index has
public record IrqInfo(int flags, int count) {
    public static final int EVENTFD = 1;
    public static final int MASKABLE = 2;
    public static final int AUTOMASKED = 4;
    public static final int NORESIZE = 8;
}
