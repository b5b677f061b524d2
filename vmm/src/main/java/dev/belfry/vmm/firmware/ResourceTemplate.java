package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.Window;

/// What a device has, or what a host bridge produces (`_CRS`): address space descriptors (ACPI 6.5,
/// 6.4.3.5), fixed at both ends and positively decoded, fixed memory (6.4.3.4), interrupts
/// (6.4.3.6), and pins (6.4.3.8.1).
final class ResourceTemplate {

    private static final int FIXED_MEMORY = 0x86;
    private static final int DWORD_ADDRESS = 0x87;
    private static final int WORD_ADDRESS = 0x88;
    private static final int EXTENDED_INTERRUPT = 0x89;
    private static final int QWORD_ADDRESS = 0x8a;
    private static final int PIN = 0x8c;
    private static final int END_TAG = 0x79;

    private static final int MEMORY = 0;
    private static final int IO = 1;
    private static final int BUS = 2;
    private static final int FIXED = 0xc; // _MIF, _MAF
    private static final int READ_WRITE = 1;
    private static final int CACHEABLE = 1 << 1;
    private static final int CONSUMED = 1;
    private static final int EDGE = 1 << 1;
    private static final int PULL_UP = 1;
    private static final int ENTIRE_RANGE = 3;

    private final TableBytes out = new TableBytes();

    ResourceTemplate buses(int first, int last) {
        return address(WORD_ADDRESS, BUS, 0, new Window(first, last - first + 1L));
    }

    /// Memory below 4 GiB that has the same address on both sides.
    ResourceTemplate memory32(Window window) {
        return address(DWORD_ADDRESS, MEMORY, READ_WRITE, window);
    }

    /// Memory anywhere.
    ResourceTemplate memory64(Window window) {
        return address(QWORD_ADDRESS, MEMORY, READ_WRITE, window);
    }

    /// Memory anywhere, cacheable.
    ResourceTemplate cacheable64(Window window) {
        return address(QWORD_ADDRESS, MEMORY, READ_WRITE | CACHEABLE, window);
    }

    /// Memory of which code fills in where it is; all but the lowest address for now.
    ResourceTemplate anyMemory(boolean wide) {
        return address(
                wide ? QWORD_ADDRESS : DWORD_ADDRESS, MEMORY, READ_WRITE | CACHEABLE, 0, -2, 0, -1);
    }

    /// Registers of a device below 4 GiB.
    ResourceTemplate fixed(long base, long size) {
        out.u8(FIXED_MEMORY).u16(9).u8(READ_WRITE).u32(base).u32(size);
        return this;
    }

    /// An interrupt that is signalled by an edge.
    ResourceTemplate edgeInterrupt(int gsi) {
        return interrupt(CONSUMED | EDGE, gsi);
    }

    /// An interrupt that is signalled by a high level.
    ResourceTemplate levelInterrupt(int gsi) {
        return interrupt(CONSUMED, gsi);
    }

    private ResourceTemplate interrupt(int flags, int gsi) {
        out.u8(EXTENDED_INTERRUPT).u16(6).u8(flags).u8(1).u32(gsi);
        return this;
    }

    /// An interrupt by an edge of a pin that is pulled up, of a GPIO controller with a name of four
    /// characters.
    ResourceTemplate pin(int pin, String controller) {
        int pins = 23;
        int source = pins + 2;
        int vendor = source + controller.length() + 1;
        out.u8(PIN).u16(vendor - 3L).u8(1).u8(0).u16(CONSUMED).u16(1).u8(PULL_UP).u16(0).u16(0);
        out.u16(pins).u8(0).u16(source).u16(vendor).u16(0).u16(pin).text(controller).u8(0);
        return this;
    }

    /// I/O ports.
    ///
    /// @param ports on the bus
    /// @param translation what is added on the CPUs' side
    ResourceTemplate io(Window ports, long translation) {
        return address(
                DWORD_ADDRESS,
                IO,
                ENTIRE_RANGE,
                ports.base(),
                ports.last(),
                translation,
                ports.size());
    }

    private ResourceTemplate address(int tag, int type, int flags, Window window) {
        return address(tag, type, flags, window.base(), window.last(), 0, window.size());
    }

    private ResourceTemplate address(
            int tag, int type, int flags, long first, long last, long translation, long length) {
        int width = tag == WORD_ADDRESS ? 2 : tag == DWORD_ADDRESS ? 4 : 8;
        out.u8(tag).u16(3 + 5L * width).u8(type).u8(FIXED).u8(flags);
        out.put(0, width).put(first, width).put(last, width);
        out.put(translation, width).put(length, width);
        return this;
    }

    /// As a buffer.
    byte[] toAml() {
        return Aml.buffer(Aml.join(out.toArray(), new byte[] {END_TAG, 0}));
    }
}
