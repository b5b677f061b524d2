package dev.belfry.guest.driver;

/// Registers of the DMA engine, as offsets into BAR0: those of QEMU's `edu` (docs/specs/edu.rst).
final class EngineRegisters {

    /// Identification: 0x0100_00ed for `edu`'s version 1.0.
    static final int IDENTIFICATION = 0x00;

    static final int IDENTIFICATION_MASK = 0xff;
    static final int IDENTIFICATION_EDU = 0xed;

    static final int DMA_SOURCE = 0x80;
    static final int DMA_DESTINATION = 0x88;
    static final int DMA_COUNT = 0x90;
    static final int DMA_COMMAND = 0x98;

    static final int COMMAND_START = 1;

    /// 0 = RAM to device.
    static final int COMMAND_FROM_DEVICE = 1 << 1;

    /// Device address of the engine's buffer, 4 KiB.
    static final int BUFFER = 0x40000;

    /// Belfry's own: raises the MSI-X vector whose number is written.
    static final int RAISE_VECTOR = 0xa0;

    /// Belfry's own: how the last copy went; all ones in QEMU, which does not say.
    static final int RESULT = 0xa4;

    static final long RESULT_DONE = 1;
    static final long RESULT_UNKNOWN = 0xffff_ffffL;

    private EngineRegisters() {}
}
