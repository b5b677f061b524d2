package dev.belfry.kernel.its;

import java.util.Optional;

/// Gives devices vectors: which message a device has to write, and what becomes of it.
public interface MsiDomain {

    /// Vectors of one device.
    ///
    /// @param deviceId whose
    /// @param firstIntId interrupt id of vector 0; the others follow
    /// @param firstData message data of vector 0; the others follow
    /// @param count how many
    record Vectors(long deviceId, int firstIntId, int firstData, int count) {

        /// Interrupt id of vector `index`.
        public int intId(int index) {
            return firstIntId + index;
        }

        /// Message data of vector `index`.
        public int data(int index) {
            return firstData + index;
        }
    }

    /// Physical address that a message is written to.
    long doorbell();

    /// Takes `count` vectors for a device.
    ///
    /// @return what the device gets; empty when there are not so many (`ENOSPC`)
    Optional<Vectors> allocate(long deviceId, int count);

    /// Lets vector `index` lead to `cpu`; it stays masked.
    void activate(Vectors vectors, int index, int cpu);

    /// Lets vector `index` through.
    void unmask(Vectors vectors, int index);

    /// Holds vector `index` back.
    void mask(Vectors vectors, int index);

    /// Lets vector `index` lead to another CPU. The message stays the same.
    void setAffinity(Vectors vectors, int index, int cpu);

    /// Vector `index` leads nowhere any more.
    void deactivate(Vectors vectors, int index);

    /// Gives all of a device's vectors back; they are not active.
    void release(Vectors vectors);
}
