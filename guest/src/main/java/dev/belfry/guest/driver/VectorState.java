package dev.belfry.guest.driver;

/// A vector that the driver has, as it is now.
///
/// @param index in the MSI-X table
/// @param messageAddress as programmed
/// @param messageData as programmed
/// @param doorbell physical address behind the message
/// @param intId LPI or SPI
/// @param cpu where it goes
/// @param masked whether the table entry is masked
/// @param taken how often it was handled
public record VectorState(
        int index,
        long messageAddress,
        int messageData,
        long doorbell,
        int intId,
        int cpu,
        boolean masked,
        long taken) {

    VectorState movedTo(int newCpu) {
        return new VectorState(
                index, messageAddress, messageData, doorbell, intId, newCpu, masked, taken);
    }

    VectorState withMasked(boolean nowMasked) {
        return new VectorState(
                index, messageAddress, messageData, doorbell, intId, cpu, nowMasked, taken);
    }

    VectorState takenOnceMore() {
        return new VectorState(
                index, messageAddress, messageData, doorbell, intId, cpu, masked, taken + 1);
    }
}
