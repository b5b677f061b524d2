package dev.belfry.kernel.its;

import static dev.belfry.model.gic.spec.Gits.GITS_CBASER;
import static dev.belfry.model.gic.spec.Gits.GITS_CREADR;
import static dev.belfry.model.gic.spec.Gits.GITS_CWRITER;

import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.gic.spec.GitsCbaser;
import dev.belfry.model.gic.spec.ItsCommand;

/// The ITS's command queue from software's side (IHI 0069 5.3.1): 64 KiB, 32 bytes a command.
final class ItsQueue {

    private static final int BYTES = 0x10000;

    /// Inner read-allocate write-allocate write-back, inner shareable.
    private static final long ATTRIBUTES =
            GitsCbaser.INNER_CACHE.of(7) | GitsCbaser.SHAREABILITY.of(1);

    private static final long CACHES =
            GitsCbaser.INNER_CACHE.mask() | GitsCbaser.OUTER_CACHE.mask();
    private static final long NON_CACHEABLE = GitsCbaser.INNER_CACHE.of(1);
    private static final int POLLS = 1000;

    private final Frame its;
    private final long base;
    private int write;
    private int timeouts;

    ItsQueue(Frame its, PageAllocator pages) {
        this.its = its;
        this.base = pages.allocate(BYTES);
    }

    /// Writes CBASER and CWRITER.
    void start() {
        long size = GitsCbaser.SIZE.of(BYTES / 4096 - 1);
        long value = GitsCbaser.VALID.mask() | ATTRIBUTES | base | size;
        its.write(GITS_CBASER, value);
        if (GitsCbaser.SHAREABILITY.get(its.read(GITS_CBASER)) == 0) {
            long attributes = GitsCbaser.SHAREABILITY.mask() | CACHES;
            its.write(GITS_CBASER, (value & ~attributes) | NON_CACHEABLE);
        }
        its.write(GITS_CWRITER, 0);
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
        its.write32(GITS_CWRITER.offset(), write);
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
            its.machine().write(at, 8, doubleword);
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
        return (int) GitsCbaser.OFFSET.inPlace(its.read32(GITS_CREADR.offset()));
    }
}
