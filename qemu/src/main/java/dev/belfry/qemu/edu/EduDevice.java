package dev.belfry.qemu.edu;

import dev.belfry.qemu.qtest.QtestClient;
import java.util.List;

/// A driver for QEMU's `edu` device. Each method gives the qtest commands that do it.
///
/// @param config physical address of its configuration space
/// @param bar where its 1 MiB of registers is put
public record EduDevice(long config, long bar) {

    private static final int COMMAND = 0x04;
    private static final int BAR0 = 0x10;
    private static final int MEMORY_AND_MASTER = 0x6;

    private static final int DMA_SOURCE = 0x80;
    private static final int DMA_DESTINATION = 0x88;
    private static final int DMA_COUNT = 0x90;
    private static final int DMA_COMMAND = 0x98;
    private static final int FROM_MEMORY = 0x1;
    private static final int TO_MEMORY = 0x3;

    /// Where its buffer is, as it calls it.
    private static final long BUFFER = 0x40000;

    /// Places its registers and lets it master the bus.
    List<String> enable() {
        return List.of(
                QtestClient.writeCommand(config + BAR0, 4, bar),
                QtestClient.writeCommand(config + COMMAND, 2, MEMORY_AND_MASTER));
    }

    /// Memory to buffer. The caller keeps `at + length` below 4,096: beyond it, QEMU ends itself.
    List<String> read(long address, int length, int at) {
        return dma(address, BUFFER + at, length, FROM_MEMORY);
    }

    /// Buffer to memory, under the same condition.
    List<String> write(long address, int length, int at) {
        return dma(BUFFER + at, address, length, TO_MEMORY);
    }

    private List<String> dma(long source, long destination, int length, int command) {
        return List.of(
                QtestClient.writeCommand(bar + DMA_SOURCE, 8, source),
                QtestClient.writeCommand(bar + DMA_DESTINATION, 8, destination),
                QtestClient.writeCommand(bar + DMA_COUNT, 8, length),
                QtestClient.writeCommand(bar + DMA_COMMAND, 8, command));
    }

    /// Whether a DMA is still under way: the device does it 100 ms of virtual time after it is told
    /// to.
    boolean busy(QtestClient qtest) {
        return (qtest.read(bar + DMA_COMMAND, 8) & 1) != 0;
    }
}
