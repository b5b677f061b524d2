package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapd;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.SparseRam;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// All LPIs that 24 bits of INTID have, mapped through the command queue, in less than 2 GiB.
class LpiCapacityTest {

    private static final long QUEUE = 0x10_0000;
    private static final int QUEUE_BYTES = 0x10_0000;
    private static final long DEVICES = 0x30_0000;
    private static final long COLLECTIONS = 0x40_0000;
    private static final long CONFIG = 0x100_0000;
    private static final long PENDING = 0x200_0000;
    private static final long ITTS = 0x1000_0000;
    private static final int EVENTS = 1 << 16;
    private static final int LPIS = (1 << 24) - 8192;
    private static final long TWO_GIB = 2L << 30;

    private final SparseRam ram = new SparseRam(0, 1L << 30);
    private final GicV3 gic = new GicV3(new GicV3.Setup(GicIdentity.PHYSICAL, ram, 1, 32));
    private final Its its =
            new Its(new Its.Setup("its", 0, ItsIdentity.PHYSICAL, gic, 0, ram, Probe.NONE));
    private int writer;

    private void queue(ItsCommand command) {
        long[] words = command.encode();
        queue(words[0], words[1], words[2]);
    }

    private void queue(long dw0, long dw1, long dw2) {
        ram.write(QUEUE + writer, 8, dw0);
        ram.write(QUEUE + writer + 8, 8, dw1);
        ram.write(QUEUE + writer + 16, 8, dw2);
        writer = (writer + 32) % QUEUE_BYTES;
        // Never so many that the queue looks empty.
        if (writer % (QUEUE_BYTES / 2) == 0) {
            ring();
        }
    }

    private void ring() {
        its.write(Gits.GITS_CWRITER.offset(), 8, writer, -1);
    }

    @Test
    void sixteenMillionLpisAreMappedAndDeliveredInLessThanTwoGibibytes() {
        byte[] enabled = new byte[1 << 16];
        Arrays.fill(enabled, (byte) 0xa3);
        for (int i = 0; i < 1 << 24; i += enabled.length) {
            ram.writeBytes(CONFIG + i, enabled, 0, enabled.length);
        }
        gic.distributor().write(0, 4, 2, -1);
        gic.redistributors().write(0x14, 4, 0, -1);
        gic.redistributors().write(0x70, 8, CONFIG | 23, -1);
        gic.redistributors().write(0x78, 8, PENDING, -1);
        gic.redistributors().write(0, 4, 1, -1);
        Rig.listen(gic, 0);
        its.write(Gits.GITS_BASER.at(0), 8, 1L << 63 | DEVICES | 0x20f, -1);
        its.write(Gits.GITS_BASER.at(1), 8, 1L << 63 | COLLECTIONS | 0x200, -1);
        its.write(Gits.GITS_CBASER.offset(), 8, 1L << 63 | QUEUE | 255, -1);
        its.write(0, 4, 1, -1);
        queue(new Mapc(0, 0, true));
        for (int device = 0; device < 256; device++) {
            queue(new Mapd(device, 15, ITTS + (long) device * EVENTS * 12, true));
        }
        // MAPTI, by its words: this is 16 million of them.
        for (int i = 0; i < LPIS; i++) {
            queue((long) (i >>> 16) << 32 | 0x0a, (8192L + i) << 32 | (i & 0xffff), 0);
        }
        ring();
        assertThat(its.failedCommands()).isEmpty();
        for (int i = 0; i < LPIS; i += 99_991) {
            its.write(Gits.GITS_TRANSLATER.offset(), 4, i & 0xffff, i >>> 16);
            assertThat(gic.acknowledge(0)).isEqualTo(8192 + i);
            gic.endOfInterrupt(0, 8192 + i);
        }
        its.write(Gits.GITS_TRANSLATER.offset(), 4, (LPIS - 1) & 0xffff, (LPIS - 1) >>> 16);
        assertThat(gic.acknowledge(0)).isEqualTo((1 << 24) - 1);
        // The memory that the tables take, and whatever the model keeps on the heap besides.
        Runtime runtime = Runtime.getRuntime();
        runtime.gc();
        long heap = runtime.totalMemory() - runtime.freeMemory();
        assertThat(ram.touchedBytes() + heap).isLessThan(TWO_GIB);
    }
}
