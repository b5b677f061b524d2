package dev.belfry.kernel.its;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.gic.spec.ItsCommand;

/// The ITS's command queue from software's side (IHI 0069 5.3.1): 64 KiB, 32 bytes a command.
final class ItsQueue {

    private static final int CBASER = 0x80;
    private static final int CWRITER = 0x88;
    private static final int CREADR = 0x90;
    private static final int BYTES = 0x10000;
    private static final int OFFSET = 0xfffe0;
    private static final long VALID = 1L << 63;

    /// Inner read-allocate write-allocate write-back, inner shareable.
    private static final long ATTRIBUTES = 7L << 59 | 1L << 10;

    private static final long SHAREABILITY = 3L << 10;
    private static final long CACHES = 7L << 59 | 7L << 53;
    private static final long NON_CACHEABLE = 1L << 59;
    private static final int POLLS = 1000;

    private final Machine machine;
    private final long its;
    private final long base;
    private int write;
    private int timeouts;

    ItsQueue(Machine machine, PageAllocator pages, long its) {
        this.machine = machine;
        this.its = its;
        this.base = pages.allocate(BYTES);
    }

    /// Writes CBASER and CWRITER.
    void start() {
        long value = VALID | ATTRIBUTES | base | (BYTES / 4096 - 1);
        machine.write(its + CBASER, 8, value);
        long got = machine.read(its + CBASER, 8);
        if ((got & SHAREABILITY) == 0) {
            long plain = (value & ~(SHAREABILITY | CACHES)) | NON_CACHEABLE;
            machine.write(its + CBASER, 8, plain);
        }
        machine.write(its + CWRITER, 8, 0);
    }

    long base() {
        return base;
    }

    /// How often CREADR stood still.
    int timeouts() {
        return timeouts;
    }

    /// Queues commands and waits until the ITS has read them.
    void issue(ItsCommand... commands) {
        for (ItsCommand command : commands) {
            if (!makeRoom()) {
                timeouts++;
                return;
            }
            put(command);
        }
        creadr();
        machine.write(its + CWRITER, 4, write);
        for (int poll = 0; poll < POLLS; poll++) {
            if (creadr() == write) {
                return;
            }
        }
        timeouts++;
    }

    private void put(ItsCommand command) {
        long at = base + write;
        for (long doubleword : command.encode()) {
            machine.write(at, 8, doubleword);
            at += 8;
        }
        write = (write + ItsCommand.BYTES) % BYTES;
    }

    private boolean makeRoom() {
        for (int poll = 0; poll < POLLS; poll++) {
            if ((write + ItsCommand.BYTES) % BYTES != creadr()) {
                return true;
            }
        }
        return false;
    }

    private int creadr() {
        return (int) machine.read(its + CREADR, 4) & OFFSET;
    }
}
