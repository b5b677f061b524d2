package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.Gicd;
import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.GicrTyper;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapti;
import dev.belfry.model.memory.SparseRam;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GicV3Test {

    private static final int SPURIOUS = InterruptController.SPURIOUS;

    private final SparseRam ram = new SparseRam(Rig.RAM, Rig.RAM_SIZE);
    private final GicV3 gic = new GicV3(new GicV3.Setup(GicIdentity.QEMU_TCG, ram, 2, 256));

    @BeforeEach
    void wakeUp() {
        gicd(Gicd.GICD_CTLR.offset(), 3);
        for (int word = 1; word < 9; word++) {
            gicd(Gicd.GICD_IGROUPR.at(word), -1);
            gicd(Gicd.GICD_ISENABLER.at(word), -1);
        }
        for (int cpu = 0; cpu < 2; cpu++) {
            gic.redistributors().write((long) cpu * Gicr.SIZE + 0x14, 4, 0, -1);
            Rig.listen(gic, cpu);
        }
    }

    private void gicd(int offset, int value) {
        gic.distributor().write(offset, 4, value, -1);
    }

    private void edge(int intid) {
        int offset = Gicd.GICD_ICFGR.at(intid / 16);
        long old = gic.distributor().read(offset, 4);
        gic.distributor().write(offset, 4, old | (2L << (2 * (intid % 16))), -1);
    }

    private void priority(int intid, int value) {
        gic.distributor().write(Gicd.GICD_IPRIORITYR.at(intid), 1, value, -1);
    }

    @Test
    void aPulseOfAnEdgeTriggeredSpiIsTakenOnce() {
        edge(100);
        gic.pulse(100);
        assertThat(gic.acknowledge(0)).isEqualTo(100);
        gic.endOfInterrupt(0, 100);
        assertThat(gic.acknowledge(0)).isEqualTo(SPURIOUS);
    }

    @Test
    void aPulseOfALevelSensitiveSpiLeavesNothing() {
        gic.pulse(100);
        assertThat(gic.acknowledge(0)).isEqualTo(SPURIOUS);
    }

    @Test
    void aLevelIsTakenAgainWhileItIsUp() {
        gic.setLine(100, true);
        assertThat(gic.acknowledge(0)).isEqualTo(100);
        assertThat(gic.acknowledge(0)).isEqualTo(SPURIOUS);
        gic.endOfInterrupt(0, 100);
        assertThat(gic.acknowledge(0)).isEqualTo(100);
        gic.setLine(100, false);
        gic.endOfInterrupt(0, 100);
        assertThat(gic.acknowledge(0)).isEqualTo(SPURIOUS);
    }

    @Test
    void theHighestPriorityComesFirstAndPreempts() {
        for (int intid : new int[] {40, 41, 42}) {
            edge(intid);
        }
        priority(40, 0xa0);
        priority(41, 0x80);
        priority(42, 0x40);
        gic.pulse(40);
        gic.pulse(41);
        assertThat(gic.acknowledge(0)).isEqualTo(41);
        assertThat(gic.acknowledge(0)).isEqualTo(SPURIOUS);
        gic.pulse(42);
        assertThat(gic.acknowledge(0)).isEqualTo(42);
        gic.endOfInterrupt(0, 42);
        gic.endOfInterrupt(0, 41);
        assertThat(gic.acknowledge(0)).isEqualTo(40);
    }

    @Test
    void anSpiGoesWhereItIsRouted() {
        edge(50);
        gic.distributor().write(Gicd.GICD_IROUTER.at(50), 8, 1, -1);
        gic.pulse(50);
        assertThat(gic.acknowledge(0)).isEqualTo(SPURIOUS);
        assertThat(gic.acknowledge(1)).isEqualTo(50);
    }

    @Test
    void whatIsDisabledInGroup0OrMaskedAtTheDistributorIsNotTaken() {
        edge(50);
        gic.pulse(50);
        gicd(Gicd.GICD_ICENABLER.at(1), 1 << 18);
        assertThat(gic.acknowledge(0)).isEqualTo(SPURIOUS);
        gicd(Gicd.GICD_ISENABLER.at(1), 1 << 18);
        gicd(Gicd.GICD_IGROUPR.at(1), 0);
        assertThat(gic.acknowledge(0)).isEqualTo(SPURIOUS);
        gicd(Gicd.GICD_IGROUPR.at(1), -1);
        gicd(Gicd.GICD_CTLR.offset(), 0);
        assertThat(gic.acknowledge(0)).isEqualTo(SPURIOUS);
        gicd(Gicd.GICD_CTLR.offset(), 2);
        assertThat(gic.acknowledge(0)).isEqualTo(50);
    }

    @Test
    void aSleepingRedistributorForwardsNothing() {
        edge(50);
        gic.pulse(50);
        gic.redistributors().write(0x14, 4, 2, -1);
        assertThat(gic.redistributors().read(0x14, 4)).isEqualTo(6);
        assertThat(gic.acknowledge(0)).isEqualTo(SPURIOUS);
        gic.redistributors().write(0x14, 4, 0, -1);
        assertThat(gic.acknowledge(0)).isEqualTo(50);
    }

    @Test
    void lpisAndSpisCompeteByPriority() {
        Rig rig = Rig.of(ItsIdentity.PHYSICAL);
        rig.configure(8192, true, 0xa0);
        rig.configure(8193, true, 0x40);
        rig.configure(8194, true, 0xa0);
        rig.mapDevice(1, 4);
        rig.send(
                new Mapc(0, 0, true),
                new Mapti(1, 0, 8194, 0),
                new Mapti(1, 1, 8193, 0),
                new Mapti(1, 2, 8192, 0));
        rig.gic.distributor().write(Gicd.GICD_IGROUPR.at(1), 4, -1, -1);
        rig.gic.distributor().write(Gicd.GICD_ISENABLER.at(1), 4, -1, -1);
        rig.gic.distributor().write(Gicd.GICD_IPRIORITYR.at(33), 1, 0x60, -1);
        rig.gic.setLine(33, true);
        for (int event = 0; event < 3; event++) {
            rig.message(1, event);
        }
        assertThat(rig.gic.acknowledge(0)).isEqualTo(8193);
        assertThat(rig.gic.acknowledge(0)).isEqualTo(SPURIOUS);
        rig.gic.endOfInterrupt(0, 8193);
        assertThat(rig.gic.acknowledge(0)).isEqualTo(33);
        rig.gic.setLine(33, false);
        rig.gic.endOfInterrupt(0, 33);
        assertThat(rig.take(0)).isEqualTo(8192);
        assertThat(rig.take(0)).isEqualTo(8194);
        assertThat(rig.take(0)).isEqualTo(SPURIOUS);
    }

    @Test
    void fiveHundredAndTwelveCpusHaveAffinitiesOfTheirOwnAndTakeTheirLpis() {
        Rig rig = Rig.of(ItsIdentity.PHYSICAL, 512);
        Set<Integer> affinities = new HashSet<>();
        for (int cpu = 0; cpu < 512; cpu++) {
            long at = (long) cpu * Gicr.SIZE + Gicr.GICR_TYPER.offset();
            GicrTyper typer = new GicrTyper(rig.gic.redistributors().read(at, 8));
            affinities.add(typer.affinity());
            assertThat(typer.processorNumber()).isEqualTo(cpu);
            assertThat(typer.last()).isEqualTo(cpu == 511);
            assertThat(typer.affinity() & 0xff).isLessThan(16);
        }
        assertThat(affinities).hasSize(512);
        rig.mapDevice(1, 10);
        for (int cpu = 0; cpu < 512; cpu++) {
            rig.configure(8192 + cpu, true, 0);
            rig.send(new Mapc(cpu, cpu, true), new Mapti(1, cpu, 8192 + cpu, cpu));
        }
        for (int cpu = 0; cpu < 512; cpu++) {
            rig.message(1, cpu);
            assertThat(rig.take(cpu)).isEqualTo(8192 + cpu);
        }
    }

    @Test
    void millionsOfLpisMayPend() {
        SparseRam big = new SparseRam(0, 256L << 20);
        GicV3 host = new GicV3(new GicV3.Setup(GicIdentity.PHYSICAL, big, 1, 32));
        for (int i = 0; i < 1 << 24; i += 4096) {
            byte[] enabled = new byte[4096];
            java.util.Arrays.fill(enabled, (byte) 0xa3);
            big.writeBytes(0x100_0000L + i, enabled, 0, 4096);
        }
        host.distributor().write(0, 4, 2, -1);
        host.redistributors().write(0x14, 4, 0, -1);
        host.redistributors().write(0x70, 8, 0x100_0000 | 23, -1);
        host.redistributors().write(0x78, 8, 0x400_0000, -1);
        host.redistributors().write(0, 4, 1, -1);
        Rig.listen(host, 0);
        Redistributor r = host.redistributor(0);
        int top = (1 << 24) - 1;
        for (int i = 0; i < 1000; i++) {
            assertThat(r.pend(top - i * 1024)).isEqualTo(Redistributor.Pended.READY);
        }
        for (int i = 999; i >= 0; i--) {
            assertThat(host.acknowledge(0)).isEqualTo(top - i * 1024);
            host.endOfInterrupt(0, top - i * 1024);
        }
    }
}
