package dev.belfry.qemu.live;

import java.util.List;
import java.util.OptionalLong;

/// A way to read a QEMU's physical address space. Each throws [dev.belfry.qemu.QemuError] when it
/// is no way any more.
interface Port {

    /// What it is, for people.
    String name();

    /// One 4-byte read, zero-extended; empty when nothing answers.
    OptionalLong read32(long address);

    /// Several of them, in this order.
    default List<OptionalLong> read32(List<Long> addresses) {
        return addresses.stream().map(this::read32).toList();
    }

    /// `length` bytes of RAM, ECAM or an MSI-X table, where the width of accesses does not matter;
    /// no bytes when they cannot be read.
    byte[] bytes(long address, int length);

    /// As many bytes at each of several addresses, in this order.
    default List<byte[]> bytes(List<Long> addresses, int length) {
        return addresses.stream().map(a -> bytes(a, length)).toList();
    }

    /// What a line of the human monitor prints.
    String monitor(String line);
}
