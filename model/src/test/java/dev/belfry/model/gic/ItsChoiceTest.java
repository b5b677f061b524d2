package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.GitsTyper;
import dev.belfry.model.gic.spec.ItsCommand.Int;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapd;
import dev.belfry.model.gic.spec.ItsCommand.Mapti;
import dev.belfry.model.gic.spec.ItsCommandError;
import dev.belfry.model.gic.spec.ItsTableFormat;
import dev.belfry.model.system.SystemView;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/// Where implementations differ, and the architecture lets them.
class ItsChoiceTest {

    private static final long NOWHERE = 0x1_0000_0000L;

    private static Rig ready(ItsIdentity identity) {
        Rig rig = Rig.of(identity);
        rig.configure(8192, true, 0xa0);
        rig.mapDevice(4, 4);
        rig.send(new Mapc(1, 1, true), new Mapti(4, 3, 8192, 1));
        return rig;
    }

    private static boolean stalled(Rig rig) {
        return (rig.its.read(Gits.GITS_CREADR.offset(), 4) & 1) != 0;
    }

    @Test
    void aStalledQueueWaitsForRetry() {
        Rig rig = ready(ItsIdentity.PHYSICAL);
        rig.send(new Mapd(5, 3, NOWHERE, true), new Int(5, 0), new Int(4, 3));
        assertThat(stalled(rig)).isTrue();
        rig.ram.write(Rig.DEVICES + 5 * 8, 8, 0);
        long writer = rig.its.read(Gits.GITS_CWRITER.offset(), 8);
        rig.register(Gits.GITS_CWRITER.offset(), writer);
        assertThat(rig.take(1)).isEqualTo(InterruptController.SPURIOUS);
        rig.register(Gits.GITS_CWRITER.offset(), writer | 1);
        assertThat(stalled(rig)).isFalse();
        assertThat(rig.take(1)).isEqualTo(8192);
    }

    @Test
    void qemuTriesAgainWheneverItIsRungAndSaysStalledEverAfter() {
        Rig rig = ready(ItsIdentity.QEMU_TCG);
        rig.send(new Mapd(5, 3, NOWHERE, true), new Int(5, 0), new Int(4, 3));
        assertThat(stalled(rig)).isTrue();
        assertThat(rig.take(1)).isEqualTo(InterruptController.SPURIOUS);
        rig.ram.write(Rig.DEVICES + 5 * 8, 8, 0);
        rig.register(Gits.GITS_CWRITER.offset(), rig.its.read(Gits.GITS_CWRITER.offset(), 8));
        assertThat(rig.take(1)).isEqualTo(8192);
        assertThat(stalled(rig)).isTrue();
    }

    @Test
    void kvmSkipsACommandWhoseTableDoesNotAnswer() {
        Rig rig = ready(ItsIdentity.KVM);
        rig.send(new Mapd(5, 3, NOWHERE, true), new Int(5, 0), new Int(4, 3));
        assertThat(stalled(rig)).isFalse();
        assertThat(rig.take(1)).isEqualTo(8192);
    }

    @Test
    void anItsMayStallAtAnyCommandThatFails() {
        EnumSet<ItsChoice> choices = EnumSet.of(ItsChoice.STALLS_ON_ERRORS);
        ItsIdentity strict =
                new ItsIdentity(
                        "strict",
                        ItsIdentity.PHYSICAL.typer(),
                        0,
                        ItsTableFormat.QEMU_TCG,
                        choices);
        Rig rig = ready(strict);
        rig.send(new Int(9, 9), new Int(4, 3));
        assertThat(stalled(rig)).isTrue();
        assertThat(rig.its.failedCommands())
                .extracting(Its.FailedCommand::error)
                .containsExactly(ItsCommandError.INT_UNMAPPED_INTERRUPT);
        assertThat(rig.take(1)).isEqualTo(InterruptController.SPURIOUS);
    }

    @Test
    void qemuSeesATableThatWasPokedAtOnceAndACachingItsOnlyAfterACommand() {
        Rig qemu = ready(ItsIdentity.QEMU_TCG);
        Rig host = ready(ItsIdentity.PHYSICAL);
        for (Rig rig : new Rig[] {qemu, host}) {
            rig.message(4, 3);
            assertThat(rig.take(1)).isEqualTo(8192);
            rig.ram.write(Rig.DEVICES + 4 * 8, 8, 0);
            rig.message(4, 3);
        }
        assertThat(qemu.take(1)).isEqualTo(InterruptController.SPURIOUS);
        assertThat(host.take(1)).isEqualTo(8192);
        host.send(new Mapc(0, 0, true));
        host.message(4, 3);
        assertThat(host.take(1)).isEqualTo(InterruptController.SPURIOUS);
    }

    @Test
    void qemuHasPendingBitsInMemoryAtOnce() {
        Rig rig = ready(ItsIdentity.QEMU_TCG);
        rig.message(4, 3);
        long at = Rig.PENDING + 0x1_0000 + 8192 / 8;
        assertThat(rig.ram.read(at, 1)).isEqualTo(1);
        rig.take(1);
        assertThat(rig.ram.read(at, 1)).isZero();
    }

    @Test
    void qemuTakesACpusWriteForDevice0() {
        Rig rig = ready(ItsIdentity.QEMU_TCG);
        rig.configure(8193, true, 0xa0);
        rig.mapDevice(0, 4);
        rig.send(new Mapti(0, 1, 8193, 1));
        rig.its.write(Gits.GITS_TRANSLATER.offset(), 4, 1, -1);
        assertThat(rig.take(1)).isEqualTo(8193);
    }

    @Test
    void aHalfwordToTheDoorbellIsAnEventIdToo() {
        Rig rig = ready(ItsIdentity.PHYSICAL);
        rig.its.write(Gits.GITS_TRANSLATER.offset(), 2, 3, 4);
        assertThat(rig.take(1)).isEqualTo(8192);
        rig.its.write(Gits.GITS_TRANSLATER.offset(), 8, 3, 4);
        assertThat(rig.take(1)).isEqualTo(InterruptController.SPURIOUS);
    }

    @Test
    void redistributorsAreNamedByAddressWherePtaSaysSo() {
        GitsTyper pta = new GitsTyper(GitsTyper.PTA.set(ItsIdentity.PHYSICAL.typer().value(), 1));
        ItsIdentity identity =
                new ItsIdentity(
                        "pta", pta, 0, ItsTableFormat.QEMU_TCG, EnumSet.noneOf(ItsChoice.class));
        Rig rig = Rig.of(identity);
        rig.configure(8192, true, 0);
        rig.mapDevice(4, 4);
        rig.send(new Mapc(0, 0x080c_0000 >> 16, true), new Mapti(4, 0, 8192, 0));
        assertThat(rig.its.translate(4, 0)).isEqualTo(new MsiResult.Delivered(8192, 1));
        rig.send(new Mapc(1, 0x080e_0000 >> 16, true));
        assertThat(rig.its.failedCommands())
                .extracting(Its.FailedCommand::error)
                .containsExactly(ItsCommandError.MAPC_PROCNUM_OOR);
    }

    @Test
    void aCapturedItsIsRecognised() {
        SystemView.Registers regs =
                new GicCapture("translated").frame("its-regs.txt", 0).registers();
        GitsTyper typer = new GitsTyper(regs.read64(8).orElseThrow());
        int iidr = (int) regs.read32(4).orElseThrow();
        assertThat(ItsTableFormat.of(iidr, typer)).contains(ItsTableFormat.QEMU_TCG);
        assertThat(ItsTableFormat.of(0x4b00_043b, new GitsTyper(0x1ef71)))
                .contains(ItsTableFormat.KVM_ABI_0);
        assertThat(ItsTableFormat.of(0x0201_743b, typer)).isEmpty();
    }
}
