package dev.belfry.model.memory;

/// Something that answers to physical addresses: RAM, an address map, a view of another machine's
/// memory.
///
/// Accesses are little-endian, 1, 2, 4 or 8 bytes wide, and need not be aligned unless the target
/// says so. An access that nothing answers (in bus terms, an external abort) is a result:
/// [#accepts] is false, reads give 0, writes change nothing and give false. No method throws for
/// any address.
public interface PhysicalMemory {

    /// Requester of accesses that come from a CPU, not from a device: the first one, where it
    /// matters which.
    int CPU = -1;

    /// Requester of accesses that come from CPU number `n`.
    ///
    /// @param n 0..511
    static int cpu(int n) {
        return CPU - n;
    }

    /// The CPU that a requester is; -1 for a device.
    static int cpuOf(int requester) {
        return requester <= CPU && requester > CPU - 512 ? CPU - requester : -1;
    }

    /// Whether an access of `length` bytes at `address` would be answered, all of it by one target.
    ///
    /// @param address physical address, unsigned
    /// @param length bytes, at least 1; for RAM any length that stays within it
    boolean accepts(long address, long length);

    /// Reads `width` bytes, zero-extended; 0 when nothing answers.
    long read(long address, int width);

    /// Writes the low `width` bytes of `value` on behalf of `requester`.
    ///
    /// @param requester DeviceID of the device that writes, or [#cpu]
    /// @return false when nothing answers; nothing is changed then
    boolean write(long address, int width, long value, int requester);

    /// As [#write(long, int, long, int)], from a CPU.
    default boolean write(long address, int width, long value) {
        return write(address, width, value, CPU);
    }

    /// Replaces the 8 bytes at an 8-byte aligned `address` by `update` if they are `expected`, as
    /// one step: hardware update of access flag and dirty state.
    ///
    /// @return whether it was replaced; false too when nothing answers
    default boolean compareAndSet(long address, long expected, long update) {
        return accepts(address, 8)
                && read(address, 8) == expected
                && write(address, 8, update, CPU);
    }

    /// Reads `length` bytes into `into` at `offset`.
    ///
    /// @return false when not all of them are answered; what was read before is kept
    default boolean readBytes(long address, byte[] into, int offset, int length) {
        for (int i = 0; i < length; i++) {
            if (!accepts(address + i, 1)) {
                return false;
            }
            into[offset + i] = (byte) read(address + i, 1);
        }
        return true;
    }

    /// Writes `length` bytes of `from`, starting at `offset`.
    ///
    /// @return false when not all of them are answered; what was written before stays
    default boolean writeBytes(long address, byte[] from, int offset, int length) {
        for (int i = 0; i < length; i++) {
            if (!write(address + i, 1, from[offset + i] & 0xffL)) {
                return false;
            }
        }
        return true;
    }
}
