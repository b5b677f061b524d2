package dev.belfry.model.pci;

import static dev.belfry.model.pci.spec.EduLayout.BUFFER;
import static dev.belfry.model.pci.spec.EduLayout.BUFFER_SIZE;
import static dev.belfry.model.pci.spec.EduLayout.COMMAND_INTERRUPT;
import static dev.belfry.model.pci.spec.EduLayout.COMMAND_START;
import static dev.belfry.model.pci.spec.EduLayout.COMMAND_TO_MEMORY;
import static dev.belfry.model.pci.spec.EduLayout.DMA_COMMAND;
import static dev.belfry.model.pci.spec.EduLayout.DMA_COUNT;
import static dev.belfry.model.pci.spec.EduLayout.DMA_DESTINATION;
import static dev.belfry.model.pci.spec.EduLayout.DMA_SOURCE;
import static dev.belfry.model.pci.spec.EduLayout.FACTORIAL;
import static dev.belfry.model.pci.spec.EduLayout.IDENTIFICATION;
import static dev.belfry.model.pci.spec.EduLayout.IDENTIFICATION_VALUE;
import static dev.belfry.model.pci.spec.EduLayout.INTERRUPT_ACKNOWLEDGE;
import static dev.belfry.model.pci.spec.EduLayout.INTERRUPT_OF_DMA;
import static dev.belfry.model.pci.spec.EduLayout.INTERRUPT_OF_FACTORIAL;
import static dev.belfry.model.pci.spec.EduLayout.INTERRUPT_RAISE;
import static dev.belfry.model.pci.spec.EduLayout.INTERRUPT_STATUS;
import static dev.belfry.model.pci.spec.EduLayout.LIVENESS;
import static dev.belfry.model.pci.spec.EduLayout.RESULT;
import static dev.belfry.model.pci.spec.EduLayout.RESULT_ABORTED;
import static dev.belfry.model.pci.spec.EduLayout.RESULT_DONE;
import static dev.belfry.model.pci.spec.EduLayout.RESULT_NONE;
import static dev.belfry.model.pci.spec.EduLayout.RESULT_OUTSIDE;
import static dev.belfry.model.pci.spec.EduLayout.STATUS;
import static dev.belfry.model.pci.spec.EduLayout.VECTOR;

import dev.belfry.model.memory.MmioDevice;
import java.util.Arrays;

/// A device that does what its driver says: copy between memory and a 4 KiB buffer, and interrupt.
/// Its registers are those of QEMU's `edu` device (docs/specs/edu.rst), so that one driver serves
/// both; a copy is done when the write of the command returns. [EduLayout] lists them.
///
/// In source and destination the buffer is at 0x40000. Interrupts that the registers above 0x98 ask
/// for are vector 0, and the INTx pin until they are acknowledged. Everything else reads all ones,
/// as does an access of another width; the `edu` of QEMU has no registers from 0xa0 on, and reads
/// all ones there.
public final class DmaEngine implements MmioDevice {

    private static final int STATUS_INTERRUPT = 0x80;

    private final Endpoint owner;
    private final long size;
    private final long addressMask;
    private final byte[] buffer = new byte[BUFFER_SIZE];
    private int liveness;
    private int factorial;
    private int status;
    private int interruptStatus;
    private long source;
    private long destination;
    private long count;
    private long command;
    private int result;

    /// @param owner whose DMA and interrupts it uses
    /// @param size bytes of the frame
    /// @param addressMask the address bits that its DMA can reach
    public DmaEngine(Endpoint owner, long size, long addressMask) {
        this.owner = owner;
        this.size = size;
        this.addressMask = addressMask;
        owner.onReset(this::reset);
    }

    private void reset() {
        Arrays.fill(buffer, (byte) 0);
        liveness = 0;
        factorial = 0;
        status = 0;
        interruptStatus = 0;
        source = 0;
        destination = 0;
        count = 0;
        command = 0;
        result = RESULT_NONE;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean accepts(long offset, int width) {
        return width == 4 || width == 8;
    }

    private static boolean isRegister(long offset, int width) {
        return width == 4 || (width == 8 && offset >= DMA_SOURCE && offset <= DMA_COMMAND);
    }

    @Override
    public long read(long offset, int width) {
        long value = isRegister(offset, width) ? register(offset) : -1;
        return width == 8 ? value : value & 0xffff_ffffL;
    }

    private long register(long offset) {
        return switch ((int) Math.min(offset, Integer.MAX_VALUE)) {
            case (int) IDENTIFICATION -> IDENTIFICATION_VALUE;
            case (int) LIVENESS -> liveness;
            case (int) FACTORIAL -> factorial;
            case (int) STATUS -> status;
            case (int) INTERRUPT_STATUS -> interruptStatus;
            case (int) DMA_SOURCE -> source;
            case (int) DMA_DESTINATION -> destination;
            case (int) DMA_COUNT -> count;
            case (int) DMA_COMMAND -> command;
            case (int) VECTOR -> vectors();
            case (int) RESULT -> result;
            default -> -1;
        };
    }

    private int vectors() {
        return owner.msix()
                .map(Msix::vectors)
                .or(() -> owner.msi().map(m -> m.capability().vectorsCapable()))
                .orElse(0);
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        if (!isRegister(offset, width)) {
            return;
        }
        long bits = width == 8 ? value : value & 0xffff_ffffL;
        switch ((int) Math.min(offset, Integer.MAX_VALUE)) {
            case (int) LIVENESS -> liveness = ~(int) bits;
            case (int) FACTORIAL -> computeFactorial((int) bits);
            case (int) STATUS -> status = (int) bits & STATUS_INTERRUPT;
            case (int) INTERRUPT_RAISE -> raise((int) bits);
            case (int) INTERRUPT_ACKNOWLEDGE -> acknowledge((int) bits);
            case (int) DMA_SOURCE -> source = bits;
            case (int) DMA_DESTINATION -> destination = bits;
            case (int) DMA_COUNT -> count = bits;
            case (int) DMA_COMMAND -> run(bits);
            case (int) VECTOR -> owner.signal((int) bits);
            default -> {}
        }
    }

    /// 34! and all after it are 0 modulo 2^32, so that no argument takes long.
    private void computeFactorial(int of) {
        int product = 1;
        for (int i = 2; Integer.compareUnsigned(i, of) <= 0 && product != 0; i++) {
            product *= i;
        }
        factorial = product;
        if ((status & STATUS_INTERRUPT) != 0) {
            raise(INTERRUPT_OF_FACTORIAL);
        }
    }

    private void raise(int bits) {
        interruptStatus |= bits;
        if (interruptStatus != 0) {
            owner.pin().ifPresent(p -> p.ask(true));
            owner.signal(0);
        }
    }

    private void acknowledge(int bits) {
        interruptStatus &= ~bits;
        if (interruptStatus == 0) {
            owner.pin().ifPresent(p -> p.ask(false));
        }
    }

    private void run(long value) {
        if ((value & COMMAND_START) == 0) {
            return;
        }
        command = value & ~COMMAND_START;
        boolean toMemory = (value & COMMAND_TO_MEMORY) != 0;
        long at = (toMemory ? source : destination) - BUFFER;
        if (Long.compareUnsigned(count, BUFFER_SIZE) > 0
                || Long.compareUnsigned(at, BUFFER_SIZE - count) > 0) {
            result = RESULT_OUTSIDE;
        } else {
            result = copy(toMemory, (int) at, (int) count) ? RESULT_DONE : RESULT_ABORTED;
        }
        if ((value & COMMAND_INTERRUPT) != 0) {
            raise(INTERRUPT_OF_DMA);
        }
    }

    private boolean copy(boolean toMemory, int at, int length) {
        if (length == 0) {
            return true;
        }
        if (toMemory) {
            return owner.dmaWrite(
                    destination & addressMask, Arrays.copyOfRange(buffer, at, at + length));
        }
        byte[] into = new byte[length];
        boolean done = owner.dmaRead(source & addressMask, into);
        if (done) {
            System.arraycopy(into, 0, buffer, at, length);
        }
        return done;
    }
}
