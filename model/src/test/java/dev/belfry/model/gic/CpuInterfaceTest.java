package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.Gicd;
import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.Icc;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapti;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// IHI 0069 4.8: which interrupt is signalled, taken, and ended.
class CpuInterfaceTest {

    private static final int SPURIOUS = InterruptController.SPURIOUS;

    private final Rig rig = Rig.of(ItsIdentity.QEMU_TCG, 20);
    private final CpuInterface cpu = rig.gic.cpuInterface(0);

    @BeforeEach
    void edgesInGroup1() {
        for (int word = 1; word < 9; word++) {
            gicd(Gicd.GICD_IGROUPR.at(word), -1);
            gicd(Gicd.GICD_ISENABLER.at(word), -1);
        }
        for (int half = 2; half < 18; half++) {
            gicd(Gicd.GICD_ICFGR.at(half), 0xaaaa_aaaa);
        }
        for (int n = 0; n < 20; n++) {
            rig.redistributor(n, Gicr.GICR_IGROUPR0.offset(), 4, 0xffff_fffeL);
            rig.redistributor(n, Gicr.GICR_ISENABLER0.offset(), 4, 0xffff_ffffL);
        }
        cpu.write(Icc.ICC_IGRPEN0_EL1, 1);
    }

    private void gicd(int offset, int value) {
        rig.gic.distributor().write(offset, 4, value, -1);
    }

    private void raise(int intid, int priority) {
        rig.gic.distributor().write(Gicd.GICD_IPRIORITYR.at(intid), 1, priority, -1);
        rig.gic.pulse(intid);
    }

    private long iar() {
        return cpu.read(Icc.ICC_IAR1_EL1);
    }

    private boolean active(int intid) {
        long word = rig.gic.distributor().read(Gicd.GICD_ISACTIVER.at(intid / 32), 4);
        return (word >>> (intid % 32) & 1) != 0;
    }

    @Test
    void anInterfaceOutOfResetLetsNothingThrough() {
        rig.gic.reset();
        assertThat(cpu.read(Icc.ICC_PMR_EL1)).isZero();
        assertThat(cpu.read(Icc.ICC_IGRPEN1_EL1)).isZero();
        assertThat(cpu.read(Icc.ICC_RPR_EL1)).isEqualTo(0xff);
        assertThat(cpu.read(Icc.ICC_SRE_EL1)).isEqualTo(7);
        assertThat(cpu.read(Icc.ICC_BPR0_EL1)).isZero();
        assertThat(cpu.read(Icc.ICC_BPR1_EL1)).isOne();
    }

    @Test
    void thePriorityMaskHoldsBackWhatIsNotHigher() {
        raise(40, 0x80);
        cpu.write(Icc.ICC_PMR_EL1, 0x80);
        assertThat(cpu.signals()).isFalse();
        assertThat(iar()).isEqualTo(SPURIOUS);
        assertThat(cpu.read(Icc.ICC_HPPIR1_EL1)).as("pending all the same").isEqualTo(40);
        cpu.write(Icc.ICC_PMR_EL1, 0x81);
        assertThat(cpu.signals()).isTrue();
        assertThat(iar()).isEqualTo(40);
        assertThat(cpu.read(Icc.ICC_RPR_EL1)).isEqualTo(0x80);
    }

    @Test
    void thePriorityMaskHasOnlyTheBitsThatPrioritiesHave() {
        Rig five = Rig.of(ItsIdentity.KVM);
        five.gic.writeIcc(0, Icc.ICC_PMR_EL1, 0xff);
        assertThat(five.gic.cpuInterface(0).read(Icc.ICC_PMR_EL1)).isEqualTo(0xf8);
        assertThat(five.gic.cpuInterface(0).read(Icc.ICC_CTLR_EL1) >>> 8 & 7).isEqualTo(4);
    }

    @Test
    void onlyAHigherGroupPriorityPreempts() {
        // BPR1 = 4: bits 7:4 decide on preemption, 3:0 only on the order.
        cpu.write(Icc.ICC_BPR1_EL1, 4);
        raise(40, 0x8c);
        assertThat(iar()).isEqualTo(40);
        assertThat(cpu.read(Icc.ICC_RPR_EL1)).isEqualTo(0x80);
        raise(41, 0x82);
        assertThat(iar()).isEqualTo(SPURIOUS);
        raise(42, 0x7e);
        assertThat(iar()).isEqualTo(42);
        assertThat(cpu.read(Icc.ICC_AP1R1_EL1)).isEqualTo(1L << (0x70 / 2 % 32));
        assertThat(cpu.read(Icc.ICC_AP1R2_EL1)).isOne();
        cpu.write(Icc.ICC_EOIR1_EL1, 42);
        cpu.write(Icc.ICC_EOIR1_EL1, 40);
        assertThat(iar()).isEqualTo(41);
    }

    @Test
    void withCommonBinaryPointGroup1UsesThatOfGroup0() {
        cpu.write(Icc.ICC_BPR0_EL1, 5);
        cpu.write(Icc.ICC_CTLR_EL1, 1);
        assertThat(cpu.read(Icc.ICC_BPR1_EL1)).isEqualTo(6);
        cpu.write(Icc.ICC_BPR1_EL1, 2);
        assertThat(cpu.read(Icc.ICC_BPR1_EL1)).as("ignored").isEqualTo(6);
        raise(40, 0x80);
        assertThat(iar()).isEqualTo(40);
        raise(41, 0x40);
        assertThat(iar()).isEqualTo(41);
        raise(42, 0x20);
        assertThat(iar()).as("bits 7:6 only").isEqualTo(42);
        raise(43, 0x10);
        assertThat(iar()).isEqualTo(SPURIOUS);
    }

    @Test
    void group0IsTakenByItsOwnRegisterOnly() {
        gicd(Gicd.GICD_IGROUPR.at(1), ~(1 << (50 - 32)));
        raise(50, 0x40);
        raise(51, 0x80);
        assertThat(iar()).as("the best one is in Group 0").isEqualTo(SPURIOUS);
        assertThat(cpu.read(Icc.ICC_HPPIR0_EL1)).isEqualTo(50);
        assertThat(cpu.read(Icc.ICC_IAR0_EL1)).isEqualTo(50);
        cpu.write(Icc.ICC_EOIR1_EL1, 50);
        assertThat(active(50)).as("the wrong group's end").isTrue();
        cpu.write(Icc.ICC_EOIR0_EL1, 50);
        assertThat(active(50)).isFalse();
        assertThat(iar()).isEqualTo(51);
    }

    @Test
    void aGroupThatIsDisabledDoesNotHideTheOther() {
        gicd(Gicd.GICD_IGROUPR.at(1), ~(1 << (50 - 32)));
        raise(50, 0x40);
        raise(51, 0x80);
        cpu.write(Icc.ICC_IGRPEN0_EL1, 0);
        assertThat(iar()).isEqualTo(51);
        cpu.write(Icc.ICC_EOIR1_EL1, 51);
        cpu.write(Icc.ICC_IGRPEN0_EL1, 1);
        gicd(Gicd.GICD_CTLR.offset(), 2);
        assertThat(cpu.read(Icc.ICC_IAR0_EL1)).as("disabled at the Distributor").isEqualTo(1023);
        gicd(Gicd.GICD_CTLR.offset(), 3);
        assertThat(cpu.read(Icc.ICC_IAR0_EL1)).isEqualTo(50);
    }

    @Test
    void withSplitEndThePriorityDropsAtOnceAndTheInterruptStaysActive() {
        cpu.write(Icc.ICC_CTLR_EL1, 2);
        raise(40, 0x80);
        raise(41, 0x80);
        assertThat(iar()).isEqualTo(40);
        cpu.write(Icc.ICC_DIR_EL1, 41);
        cpu.write(Icc.ICC_EOIR1_EL1, 40);
        assertThat(active(40)).isTrue();
        assertThat(cpu.read(Icc.ICC_RPR_EL1)).isEqualTo(0xff);
        assertThat(iar()).isEqualTo(41);
        rig.gic.pulse(40);
        cpu.write(Icc.ICC_EOIR1_EL1, 41);
        assertThat(iar()).as("still active").isEqualTo(SPURIOUS);
        cpu.write(Icc.ICC_DIR_EL1, 40);
        assertThat(iar()).isEqualTo(40);
    }

    @Test
    void deactivationByHandNeedsSplitEnd() {
        raise(40, 0x80);
        assertThat(iar()).isEqualTo(40);
        cpu.write(Icc.ICC_DIR_EL1, 40);
        assertThat(active(40)).isTrue();
    }

    @Test
    void endingASpecialInterruptDoesNothing() {
        raise(40, 0x80);
        iar();
        cpu.write(Icc.ICC_EOIR1_EL1, SPURIOUS);
        assertThat(cpu.read(Icc.ICC_RPR_EL1)).isEqualTo(0x80);
    }

    @Test
    void anLpiHasNoActiveStateButRuns() {
        rig.configure(8192, true, 0x40);
        rig.mapDevice(1, 2);
        rig.send(new Mapc(0, 0, true), new Mapti(1, 0, 8192, 0));
        rig.message(1, 0);
        assertThat(iar()).isEqualTo(8192);
        assertThat(cpu.read(Icc.ICC_RPR_EL1)).isEqualTo(0x40);
        rig.message(1, 0);
        assertThat(iar()).as("does not preempt itself").isEqualTo(SPURIOUS);
        cpu.write(Icc.ICC_EOIR1_EL1, 8192);
        assertThat(iar()).isEqualTo(8192);
    }

    @Test
    void anSgiReachesTheCpusOfTheListInTheCluster() {
        // CPUs 0..15 are Aff1 = 0, 16..19 are Aff1 = 1.
        cpu.write(Icc.ICC_SGI1R_EL1, 5L << 24 | 0b110);
        assertThat(rig.take(1)).isEqualTo(5);
        assertThat(rig.take(2)).isEqualTo(5);
        assertThat(rig.take(0)).isEqualTo(SPURIOUS);
        assertThat(rig.take(17)).isEqualTo(SPURIOUS);
        cpu.write(Icc.ICC_SGI1R_EL1, 1L << 16 | 6L << 24 | 0b10);
        assertThat(rig.take(17)).isEqualTo(6);
        assertThat(rig.take(1)).isEqualTo(SPURIOUS);
    }

    @Test
    void anSgiMayReachAllOthers() {
        cpu.write(Icc.ICC_SGI1R_EL1, 1L << 40 | 7L << 24);
        assertThat(rig.take(0)).isEqualTo(SPURIOUS);
        for (int n = 1; n < 20; n++) {
            assertThat(rig.take(n)).isEqualTo(7);
        }
    }

    @Test
    void anSgiOfTheOtherGroupIsNotSent() {
        // SGI 0 is in Group 0, the others in Group 1.
        cpu.write(Icc.ICC_SGI1R_EL1, 1);
        cpu.write(Icc.ICC_SGI0R_EL1, 3L << 24 | 1);
        assertThat(iar()).isEqualTo(SPURIOUS);
        assertThat(cpu.read(Icc.ICC_IAR0_EL1)).isEqualTo(SPURIOUS);
        cpu.write(Icc.ICC_SGI0R_EL1, 1);
        assertThat(cpu.read(Icc.ICC_IAR0_EL1)).isZero();
    }

    @Test
    void aPpiIsThatOfItsCpu() {
        rig.gic.setPrivateLine(3, 27, true);
        assertThat(rig.take(2)).isEqualTo(SPURIOUS);
        assertThat(rig.take(3)).isEqualTo(27);
        assertThat(rig.gic.acknowledge(3)).as("a level, still up").isEqualTo(27);
        rig.gic.setPrivateLine(3, 27, false);
        rig.gic.endOfInterrupt(3, 27);
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
    }
}
