package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.Window;

/// What a device has, or what a host bridge produces (`_CRS`): address space descriptors (ACPI 6.5,
/// 6.4.3.5), fixed at both ends and positively decoded, and interrupts (6.4.3.6).
final class ResourceTemplate {

    private static final int DWORD_ADDRESS = 0x87;
    private static final int WORD_ADDRESS = 0x88;
    private static final int QWORD_ADDRESS = 0x8a;
    private static final int END_TAG = 0x79;

    private static final int MEMORY = 0;
    private static final int IO = 1;
    private static final int BUS = 2;
    private static final int FIXED = 0xc; // _MIF, _MAF
    private static final int READ_WRITE = 1;
    private static final int CACHEABLE = 1 << 1;
    private static final int EXTENDED_INTERRUPT = 0x89;
    private static final int CONSUMED_EDGE_HIGH_EXCLUSIVE = 3;
    private static final int ENTIRE_RANGE = 3;

    private final TableBytes out = new TableBytes();

    ResourceTemplate buses(int first, int last) {
        return address(WORD_ADDRESS, 2, BUS, 0, first, last, 0);
    }

    /// Memory that has the same address on both sides.
    ResourceTemplate memory(Window window) {
        boolean wide = window.last() >>> 32 != 0;
        int type = wide ? QWORD_ADDRESS : DWORD_ADDRESS;
        return address(type, wide ? 8 : 4, MEMORY, READ_WRITE, window.base(), window.last(), 0);
    }

    /// Registers, in QEMU's form for a CMDQ-V: 64-bit addresses, cacheable.
    ResourceTemplate registers(Window window) {
        return address(
                QWORD_ADDRESS, 8, MEMORY, READ_WRITE | CACHEABLE, window.base(), window.last(), 0);
    }

    /// An interrupt that is signalled by an edge.
    ResourceTemplate edgeInterrupt(int gsi) {
        out.u8(EXTENDED_INTERRUPT).u16(6).u8(CONSUMED_EDGE_HIGH_EXCLUSIVE).u8(1).u32(gsi);
        return this;
    }

    /// I/O ports.
    ///
    /// @param ports on the bus
    /// @param translation what is added on the CPUs' side
    ResourceTemplate io(Window ports, long translation) {
        return address(DWORD_ADDRESS, 4, IO, ENTIRE_RANGE, ports.base(), ports.last(), translation);
    }

    private ResourceTemplate address(
            int tag, int width, int type, int flags, long first, long last, long translation) {
        out.u8(tag).u16(3 + 5L * width).u8(type).u8(FIXED).u8(flags);
        out.put(0, width).put(first, width).put(last, width);
        out.put(translation, width).put(last - first + 1, width);
        return this;
    }

    /// As a buffer.
    byte[] toAml() {
        return Aml.buffer(Aml.join(out.toArray(), new byte[] {END_TAG, 0}));
    }
}
