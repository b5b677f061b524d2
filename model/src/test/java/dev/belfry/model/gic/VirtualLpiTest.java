package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.Icc;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.gic.spec.ItsCommand.Clear;
import dev.belfry.model.gic.spec.ItsCommand.Discard;
import dev.belfry.model.gic.spec.ItsCommand.Int;
import dev.belfry.model.gic.spec.ItsCommand.Inv;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapti;
import dev.belfry.model.gic.spec.ItsCommand.Vinvall;
import dev.belfry.model.gic.spec.ItsCommand.Vmapi;
import dev.belfry.model.gic.spec.ItsCommand.Vmapp;
import dev.belfry.model.gic.spec.ItsCommand.Vmapti;
import dev.belfry.model.gic.spec.ItsCommand.Vmovi;
import dev.belfry.model.gic.spec.ItsCommand.Vmovp;
import dev.belfry.model.gic.spec.ItsCommand.Vsync;
import dev.belfry.model.gic.spec.ItsCommandError;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Where;
import dev.belfry.model.memory.PhysicalMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// GICv4: a message becomes a virtual LPI, and the guest takes it without its hypervisor while its
/// vPE is resident; otherwise it waits in memory and a doorbell rings.
class VirtualLpiTest {

    private static final int SPURIOUS = InterruptController.SPURIOUS;
    private static final int VINTID = 8200;
    private static final int DOORBELL = 8300;
    private static final long VPT = Rig.RAM + 0x300_0000;
    private static final long VPT2 = Rig.RAM + 0x301_0000;
    private static final long VCONFIG = Rig.RAM + 0x310_0000;
    private static final int DEVICE = 5;

    private final JourneyRecorder recorder = new JourneyRecorder();
    private final Rig rig =
            new Rig(
                    ItsIdentity.QEMU_TCG.withVirtualLpis(),
                    GicIdentity.QEMU_TCG.withVirtualLpis(),
                    2,
                    recorder.at(Where.HOST));

    @BeforeEach
    void oneVpeWithOneEvent() {
        rig.configure(DOORBELL, true, 0x80);
        for (int i = 0; i < 16; i++) {
            rig.ram.write(VCONFIG + VINTID - 8192 + i, 1, 0xa3);
        }
        for (int cpu = 0; cpu < 2; cpu++) {
            rig.gic.virtualCpuInterface(cpu).write(Icc.ICC_PMR_EL1, 0xff);
            rig.gic.virtualCpuInterface(cpu).write(Icc.ICC_IGRPEN1_EL1, 1);
        }
        rig.mapDevice(DEVICE, 4);
        send(
                new Vmapp(3, 0, VPT, 15, true),
                new Vmapp(4, 1, VPT2, 15, true),
                new Vmapti(DEVICE, 0, 3, VINTID, DOORBELL),
                new Vsync(3));
        assertThat(rig.its.failedCommands()).isEmpty();
    }

    private void send(ItsCommand... commands) {
        rig.send(commands);
    }

    private void resident(int cpu, long table) {
        rig.redistributor(cpu, Gicr.GICR_VPROPBASER.offset(), 8, VCONFIG | 15);
        rig.redistributor(cpu, Gicr.GICR_VPENDBASER.offset(), 8, 1L << 63 | table);
    }

    private long leave(int cpu) {
        long at = (long) cpu * Gicr.SIZE_WITH_VLPIS + Gicr.GICR_VPENDBASER.offset();
        long now = rig.gic.redistributors().read(at, 8);
        rig.redistributor(cpu, Gicr.GICR_VPENDBASER.offset(), 8, now & ~(1L << 63));
        return rig.gic.redistributors().read(at, 8);
    }

    /// What the guest on a CPU takes and ends.
    private int guestTakes(int cpu) {
        int intid = (int) rig.gic.virtualCpuInterface(cpu).read(Icc.ICC_IAR1_EL1);
        rig.gic.virtualCpuInterface(cpu).write(Icc.ICC_EOIR1_EL1, intid);
        return intid;
    }

    private boolean inTable(long table, int intid) {
        return (rig.ram.read(table + intid / 8, 1) >>> (intid % 8) & 1) != 0;
    }

    @Test
    void aResidentVpeTakesItsLpiAndTheHypervisorSeesNothing() {
        resident(0, VPT);
        assertThat(rig.its.translate(DEVICE, 0))
                .isEqualTo(new MsiResult.Virtual(VINTID, 3, 0, true, DOORBELL));
        assertThat(rig.take(0)).as("no physical interrupt").isEqualTo(SPURIOUS);
        assertThat(guestTakes(0)).isEqualTo(VINTID);
        assertThat(guestTakes(0)).isEqualTo(SPURIOUS);
    }

    @Test
    void aVpeThatIsNotResidentIsWokenByItsDoorbell() {
        rig.message(DEVICE, 0);
        assertThat(inTable(VPT, VINTID)).isTrue();
        assertThat(rig.take(0)).isEqualTo(DOORBELL);
        assertThat(guestTakes(0)).isEqualTo(SPURIOUS);
        resident(0, VPT);
        assertThat(guestTakes(0)).isEqualTo(VINTID);
    }

    @Test
    void withoutADoorbellItOnlyWaits() {
        send(new Vmapti(DEVICE, 1, 3, VINTID + 1, 1023));
        rig.message(DEVICE, 1);
        assertThat(rig.take(0)).isEqualTo(SPURIOUS);
        assertThat(inTable(VPT, VINTID + 1)).isTrue();
    }

    @Test
    void anotherVpesResidenceDoesNotCount() {
        resident(0, VPT2);
        rig.message(DEVICE, 0);
        assertThat(guestTakes(0)).isEqualTo(SPURIOUS);
        assertThat(rig.take(0)).isEqualTo(DOORBELL);
    }

    @Test
    void leavingWritesPendingBitsAndSaysWhetherThereAreAny() {
        resident(0, VPT);
        rig.message(DEVICE, 0);
        assertThat(leave(0) >>> 61 & 1).as("PendingLast").isOne();
        assertThat(inTable(VPT, VINTID)).isTrue();
        resident(0, VPT);
        assertThat(guestTakes(0)).isEqualTo(VINTID);
        assertThat(leave(0) >>> 61 & 1).isZero();
        assertThat(inTable(VPT, VINTID)).isFalse();
    }

    @Test
    void residenceIsNotChangedWithoutLeavingFirst() {
        resident(0, VPT);
        resident(0, VPT2);
        rig.message(DEVICE, 0);
        assertThat(guestTakes(0)).isEqualTo(VINTID);
    }

    @Test
    void aMovedVpeTakesItsLpisAtItsNewCpu() {
        rig.message(DEVICE, 0);
        assertThat(rig.take(0)).isEqualTo(DOORBELL);
        send(new Vmovp(3, 1, 0, 0));
        resident(1, VPT);
        assertThat(guestTakes(1)).isEqualTo(VINTID);
        rig.message(DEVICE, 0);
        assertThat(guestTakes(1)).isEqualTo(VINTID);
    }

    @Test
    void vmovpOnOneItsMovesTheVpeOnAll() {
        Its other =
                new Its(
                        new Its.Setup(
                                "other",
                                0x0900_0000,
                                ItsIdentity.QEMU_TCG.withVirtualLpis(),
                                rig.gic,
                                0,
                                rig.ram,
                                dev.belfry.model.journey.Probe.NONE));
        for (int n = 0; n < 3; n++) {
            long same = rig.its.read(Gits.GITS_BASER.at(n), 8);
            other.write(Gits.GITS_BASER.at(n), 8, same + 0x8_0000, PhysicalMemory.CPU);
        }
        other.write(Gits.GITS_CBASER.offset(), 8, 1L << 63 | VPT + 0x8_0000, -1);
        long[] words = new Vmapp(3, 0, VPT, 15, true).encode();
        for (int i = 0; i < 4; i++) {
            rig.ram.write(VPT + 0x8_0000 + 8L * i, 8, words[i]);
        }
        other.write(0, 4, 1, -1);
        other.write(Gits.GITS_CWRITER.offset(), 8, 32, -1);
        assertThat(other.failedCommands()).isEmpty();
        send(new Vmovp(3, 1, 0, 0));
        assertThat(other.lookup().vpe(3)).isEqualTo(ItsLookup.Step.FOUND);
        assertThat(other.lookup().vte.rdbase()).isOne();
    }

    @Test
    void vmoviTakesThePendingStateAlong() {
        rig.message(DEVICE, 0);
        resident(1, VPT2);
        send(new Vmovi(DEVICE, 0, 4, false, 0));
        assertThat(inTable(VPT, VINTID)).isFalse();
        assertThat(guestTakes(1)).isEqualTo(VINTID);
        leave(1);
        assertThat(rig.take(0)).as("of the first message").isEqualTo(DOORBELL);
        rig.message(DEVICE, 0);
        assertThat(rig.take(1)).as("the doorbell stays the event's").isEqualTo(DOORBELL);
    }

    @Test
    void configurationOfTheResidentVpeIsReadAgainByInvAndVinvall() {
        resident(0, VPT);
        rig.ram.write(VCONFIG + VINTID - 8192, 1, 0xa2);
        send(new Inv(DEVICE, 0));
        rig.message(DEVICE, 0);
        assertThat(guestTakes(0)).as("disabled").isEqualTo(SPURIOUS);
        rig.ram.write(VCONFIG + VINTID - 8192, 1, 0xa3);
        send(new Vinvall(3));
        assertThat(guestTakes(0)).isEqualTo(VINTID);
    }

    @Test
    void intClearAndDiscardKnowVirtualLpis() {
        resident(0, VPT);
        send(new Int(DEVICE, 0));
        assertThat(guestTakes(0)).isEqualTo(VINTID);
        send(new Int(DEVICE, 0), new Clear(DEVICE, 0));
        assertThat(guestTakes(0)).isEqualTo(SPURIOUS);
        leave(0);
        send(new Int(DEVICE, 0), new Discard(DEVICE, 0));
        assertThat(inTable(VPT, VINTID)).isFalse();
        assertThat(rig.its.translate(DEVICE, 0)).isInstanceOf(MsiResult.Dropped.class);
        assertThat(rig.its.failedCommands()).isEmpty();
    }

    @Test
    void physicalAndVirtualEventsOfOneDeviceGoTheirOwnWays() {
        rig.configure(8250, true, 0x40);
        send(new Mapc(1, 1, true), new Mapti(DEVICE, 2, 8250, 1));
        resident(0, VPT);
        rig.message(DEVICE, 2);
        rig.message(DEVICE, 0);
        assertThat(rig.take(1)).isEqualTo(8250);
        assertThat(guestTakes(0)).isEqualTo(VINTID);
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        send(
                new Vmapp(3, 2, VPT, 15, true),
                new Vmapp(3, 0, VPT, 16, true),
                new Vmapti(9, 0, 3, VINTID, 1023),
                new Vmapti(DEVICE, 16, 3, VINTID, 1023),
                new Vmapti(DEVICE, 1, 3, 8191, 1023),
                new Vmapti(DEVICE, 1, 3, VINTID, 5),
                new Vmovi(DEVICE, 3, 4, false, 0),
                new Vmovi(DEVICE, 0, 9, false, 0),
                new Vmovp(9, 0, 0, 0),
                new Vinvall(9));
        assertThat(rig.its.failedCommands())
                .extracting(Its.FailedCommand::error)
                .containsExactly(
                        ItsCommandError.VMAPP_OOR,
                        ItsCommandError.VMAPP_OOR,
                        ItsCommandError.VMAPTI_UNMAPPED_DEVICE,
                        ItsCommandError.VMAPTI_OOR,
                        ItsCommandError.VMAPTI_OOR,
                        ItsCommandError.VMAPTI_OOR,
                        ItsCommandError.VMOVI_UNMAPPED_INTERRUPT,
                        ItsCommandError.VMOVI_UNMAPPED_VPE,
                        ItsCommandError.VPE_UNMAPPED,
                        ItsCommandError.VPE_UNMAPPED);
    }

    @Test
    void aVpesTableBoundsItsLpis() {
        send(new Vmapp(3, 0, VPT, 12, true), new Int(DEVICE, 0));
        assertThat(rig.its.failedCommands())
                .extracting(Its.FailedCommand::error)
                .containsExactly(ItsCommandError.VPE_UNMAPPED);
        assertThat(rig.its.translate(DEVICE, 0))
                .extracting(r -> ((MsiResult.Dropped) r).kind())
                .isEqualTo(HopKind.LPI);
        assertThat(inTable(VPT, VINTID)).isFalse();
    }

    @Test
    void anItsWithoutVirtualLpisKnowsNoneOfTheseCommands() {
        Rig plain = Rig.of(ItsIdentity.QEMU_TCG);
        plain.mapDevice(DEVICE, 4);
        plain.send(new Vmapp(3, 0, VPT, 15, true), new Vmapi(DEVICE, 0, 3, 1023), new Vsync(3));
        assertThat(plain.its.failedCommands())
                .extracting(Its.FailedCommand::error)
                .containsOnly(ItsCommandError.UNKNOWN_COMMAND)
                .hasSize(3);
        assertThat(plain.its.read(Gits.GITS_BASER.at(2), 8)).isZero();
        assertThat(rig.its.read(Gits.GITS_BASER.at(2), 8) >>> 56 & 7).as("vPEs").isEqualTo(2);
    }

    @Test
    void theJourneyTellsOfVpeResidenceAndDoorbell() {
        recorder.start();
        rig.message(DEVICE, 0);
        var waiting = recorder.stop();
        assertThat(waiting.hops())
                .extracting(Hop::kind)
                .containsExactly(
                        HopKind.ITS,
                        HopKind.DTE,
                        HopKind.ITE,
                        HopKind.VTE,
                        HopKind.LPI,
                        HopKind.REDISTRIBUTOR);
        assertThat(waiting.hops().getLast().rule())
                .contains("not resident", "doorbell, LPI " + DOORBELL);
        resident(0, VPT);
        recorder.start();
        rig.message(DEVICE, 0);
        assertThat(recorder.stop().hops().getLast().rule()).contains("without its hypervisor");
    }
}
