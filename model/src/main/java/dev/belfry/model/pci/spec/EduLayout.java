package dev.belfry.model.pci.spec;

/// The registers of QEMU's `edu` device (docs/specs/edu.rst) and of Belfry's modelled endpoints, by
/// offset in BAR0.
///
/// | offset | width | register |
/// |---|---|---|
/// | 0x00 | 4 | identification, reads 0x010000ed |
/// | 0x04 | 4 | liveness: reads the inverse of what was written |
/// | 0x08 | 4 | factorial: of what was written, modulo 2^32 |
/// | 0x20 | 4 | status: bit 7, interrupt after a factorial |
/// | 0x24 | 4 | interrupt status: bits raised and not yet acknowledged |
/// | 0x60 | 4 | W: raise these bits, and interrupt |
/// | 0x64 | 4 | W: acknowledge these bits |
/// | 0x80 | 4, 8 | DMA source |
/// | 0x88 | 4, 8 | DMA destination |
/// | 0x90 | 4, 8 | DMA count in bytes |
/// | 0x98 | 4, 8 | DMA command: bit 0 start, bit 1 from the buffer to memory, bit 2 interrupt when done |
/// | 0xa0 | 4 | Belfry's own: R: how many vectors there are; W: signal this vector |
/// | 0xa4 | 4 | Belfry's own: R: the last copy: 0 none yet, 1 done, 2 aborted, 3 outside the buffer |
///
/// In source and destination the device's buffer is at [#BUFFER].
public final class EduLayout {

    public static final long IDENTIFICATION = 0x00;
    public static final long LIVENESS = 0x04;
    public static final long FACTORIAL = 0x08;
    public static final long STATUS = 0x20;
    public static final long INTERRUPT_STATUS = 0x24;
    public static final long INTERRUPT_RAISE = 0x60;
    public static final long INTERRUPT_ACKNOWLEDGE = 0x64;
    public static final long DMA_SOURCE = 0x80;
    public static final long DMA_DESTINATION = 0x88;
    public static final long DMA_COUNT = 0x90;
    public static final long DMA_COMMAND = 0x98;
    public static final long VECTOR = 0xa0;
    public static final long RESULT = 0xa4;

    public static final long IDENTIFICATION_VALUE = 0x0100_00ed;
    public static final long BUFFER = 0x40000;
    public static final int BUFFER_SIZE = 4096;

    public static final int COMMAND_START = 1;
    public static final int COMMAND_TO_MEMORY = 2;
    public static final int COMMAND_INTERRUPT = 4;

    public static final int RESULT_NONE = 0;
    public static final int RESULT_DONE = 1;
    public static final int RESULT_ABORTED = 2;
    public static final int RESULT_OUTSIDE = 3;

    /// The bit of the interrupt status that a copy raises.
    public static final int INTERRUPT_OF_DMA = 0x100;

    /// The bit of the interrupt status that a factorial raises.
    public static final int INTERRUPT_OF_FACTORIAL = 0x1;

    private EduLayout() {}
}
