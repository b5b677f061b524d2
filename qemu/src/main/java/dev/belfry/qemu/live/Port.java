package dev.belfry.qemu.live;

import java.util.OptionalLong;

/// A way to read a QEMU's physical address space.
interface Port {

    /// What it is, for people.
    String name();

    /// One 4-byte read, zero-extended; empty when nothing answers.
    OptionalLong read32(long address);

    /// `length` bytes of RAM, ECAM or an MSI-X table, where the width of accesses does not matter;
    /// no bytes when they cannot be read.
    byte[] bytes(long address, int length);
}
