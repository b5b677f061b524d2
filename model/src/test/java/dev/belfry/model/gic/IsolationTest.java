package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapti;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a device writes raises interrupts of its own table only, and costs little whatever it is.
class IsolationTest {

    private static final int DEVICES = 4;
    private static final int EVENTS = 8;

    private static int lpi(int device, int event) {
        return 8192 + device * 100 + event;
    }

    private static Rig mapped(ItsIdentity identity) {
        Rig rig = Rig.of(identity);
        rig.send(new Mapc(0, 0, true), new Mapc(1, 1, true));
        for (int device = 1; device <= DEVICES; device++) {
            rig.mapDevice(device, 3);
            for (int event = 0; event < EVENTS; event++) {
                rig.configure(lpi(device, event), true, 0xa0);
                rig.send(new Mapti(device, event, lpi(device, event), event & 1));
            }
        }
        assertThat(rig.its.failedCommands()).isEmpty();
        return rig;
    }

    static java.util.stream.Stream<ItsIdentity> presets() {
        return ItsScenarioTest.presets();
    }

    @ParameterizedTest
    @MethodSource("presets")
    void aDeviceRaisesInterruptsOfItsOwnTableOnlyWhereverAndWhateverItWrites(ItsIdentity identity) {
        Rig rig = mapped(identity);
        Random random = new Random(7);
        int raised = 0;
        for (int i = 0; i < 30_000; i++) {
            int device = 1 + random.nextInt(DEVICES + 2);
            // Other registers of the control frame are the CPUs' business: no bus lets devices
            // there.
            long offset =
                    random.nextInt(4) == 0
                            ? Gits.TRANSLATION_FRAME + random.nextInt(0x1_0000)
                            : Gits.GITS_TRANSLATER.offset();
            long data = random.nextBoolean() ? random.nextInt(16) : random.nextLong();
            rig.its.write(offset, 1 << random.nextInt(4), data, device);
            for (int cpu = 0; cpu < 2; cpu++) {
                int intid = rig.take(cpu);
                if (intid != InterruptController.SPURIOUS) {
                    raised++;
                    assertThat((intid - 8192) / 100).isEqualTo(device);
                    assertThat((intid - 8192) % 100).isLessThan(EVENTS);
                }
            }
        }
        assertThat(raised).isPositive();
    }

    /// Memory that counts what is asked of it.
    private static final class Counting implements PhysicalMemory {
        private final PhysicalMemory ram;
        private int accesses;

        Counting(PhysicalMemory ram) {
            this.ram = ram;
        }

        @Override
        public boolean accepts(long address, long length) {
            return ram.accepts(address, length);
        }

        @Override
        public long read(long address, int width) {
            accesses++;
            return ram.read(address, width);
        }

        @Override
        public boolean write(long address, int width, long value, int requester) {
            accesses++;
            return ram.write(address, width, value, requester);
        }
    }

    @ParameterizedTest
    @MethodSource("presets")
    void aMessageThatNobodyMappedReadsNoMoreThanItsWayThroughTheTables(ItsIdentity identity) {
        Rig rig = mapped(identity);
        Counting counting = new Counting(rig.ram);
        GicV3 gic = new GicV3(new GicV3.Setup(Rig.gicFor(identity), counting, 2, 32));
        Its its = new Its(new Its.Setup("its", 0, identity, gic, 0, counting, Probe.NONE));
        for (int r : new int[] {0x100, 0x108, 0x80}) {
            its.write(r, 8, rig.its.read(r, 8), -1);
        }
        its.write(0, 4, 1, -1);
        for (int i = 0; i < 10_000; i++) {
            counting.accesses = 0;
            its.write(Gits.GITS_TRANSLATER.offset(), 4, i * 0x9e37_79b1L, i & 0xffff);
            // Level 1, device, event in two parts, collection, and its level 1.
            assertThat(counting.accesses).isLessThanOrEqualTo(6);
        }
        rig.message(1, 1);
        assertThat(rig.take(1)).isEqualTo(lpi(1, 1));
    }
}
