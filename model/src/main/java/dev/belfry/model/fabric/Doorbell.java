package dev.belfry.model.fabric;

/// A frame in which a device's write becomes an interrupt.
///
/// @param name `GITS_TRANSLATER of its0`, `MSI_SETSPI_NS`
/// @param frameBase first byte of the frame that answers
/// @param frameSize bytes of the frame
/// @param register the one address in it that is the doorbell
public record Doorbell(String name, long frameBase, long frameSize, long register) {

    /// Whether `address` lies in the frame.
    public boolean covers(long address) {
        return Long.compareUnsigned(address - frameBase, frameSize) < 0;
    }
}
