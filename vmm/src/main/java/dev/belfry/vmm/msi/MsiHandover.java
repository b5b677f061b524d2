package dev.belfry.vmm.msi;

import java.util.Optional;

/// What the VMM does for the address in a passed-through device's own messages.
///
/// @param addresses it hands the guest's addresses to VFIO, as opaque numbers
/// @param doorbell whether it has the host map the doorbell in stage 2
/// @param window where it asks for the host's window; empty takes the host's
/// @param reserves whether firmware tells the guest of the window (RMR)
public record MsiHandover(
        boolean addresses, MapDoorbell doorbell, Optional<Window> window, boolean reserves) {

    /// A window for doorbells.
    ///
    /// @param start first guest-physical address, a multiple of 1 MiB
    /// @param mebibytes its size
    public record Window(long start, long mebibytes) {}

    /// Whether `IOMMU_MAP_MSI` is called.
    public enum MapDoorbell {
        NO,
        /// A kernel without the call is put up with.
        IF_POSSIBLE,
        /// A kernel without the call is no host for this machine.
        REQUIRED
    }

    /// Released VMMs: the host chooses, firmware tells the guest.
    public static final MsiHandover SW_MSI =
            new MsiHandover(false, MapDoorbell.NO, Optional.empty(), true);

    /// RFCv1's, and the override's: the guest's address goes down, the guest is told nothing.
    public static final MsiHandover GIVEN =
            new MsiHandover(true, MapDoorbell.IF_POSSIBLE, Optional.empty(), false);

    /// Both stages are the machine's own: nothing goes without the doorbell's mapping.
    public static final MsiHandover TWO_STAGE =
            new MsiHandover(true, MapDoorbell.REQUIRED, Optional.empty(), false);

    /// A hole of `virt`'s map, behind virtio's registers and before the platform bus.
    private static final long WINDOW = 0x0b00_0000L;

    /// As many pages of 64 KiB as a kernel counts, 64, fit into this.
    private static final long WINDOW_MEBIBYTES = 4;

    /// The VMM chooses the window, by the unmerged options.
    public static final MsiHandover CHOSEN_WINDOW =
            new MsiHandover(
                    false, MapDoorbell.NO, Optional.of(new Window(WINDOW, WINDOW_MEBIBYTES)), true);
}
