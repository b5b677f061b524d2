package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.ItsCommand.Clear;
import dev.belfry.model.gic.spec.ItsCommand.Discard;
import dev.belfry.model.gic.spec.ItsCommand.Int;
import dev.belfry.model.gic.spec.ItsCommand.Inv;
import dev.belfry.model.gic.spec.ItsCommand.Invall;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapd;
import dev.belfry.model.gic.spec.ItsCommand.Mapi;
import dev.belfry.model.gic.spec.ItsCommand.Mapti;
import dev.belfry.model.gic.spec.ItsCommand.Movall;
import dev.belfry.model.gic.spec.ItsCommand.Movi;
import dev.belfry.model.gic.spec.ItsCommand.Sync;
import dev.belfry.model.gic.spec.ItsCommandError;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Probe;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What software may expect of any ITS, on each preset.
class ItsScenarioTest {

    private static final int SPURIOUS = InterruptController.SPURIOUS;

    static Stream<ItsIdentity> presets() {
        return Stream.of(ItsIdentity.QEMU_TCG, ItsIdentity.KVM, ItsIdentity.PHYSICAL);
    }

    /// Devices 2 and 7, collections 2 and 3 at CPUs 2 and 3, event 20 as LPI 8195, 255 as 8196.
    private static Rig twoDevices(ItsIdentity identity) {
        Rig rig = Rig.of(identity, 4);
        rig.configure(8195, true, 0xa0);
        rig.configure(8196, true, 0xa0);
        rig.send(
                new Mapd(2, 7, Rig.itt(2), true),
                new Mapd(7, 7, Rig.itt(7), true),
                new Mapc(2, 2, true),
                new Mapc(3, 3, true),
                new Invall(2),
                new Invall(3),
                new Mapti(2, 20, 8195, 3),
                new Mapti(7, 255, 8196, 2),
                new Sync(3));
        assertThat(rig.its.failedCommands()).isEmpty();
        return rig;
    }

    @ParameterizedTest
    @MethodSource("presets")
    void intRaisesTheMappedLpiAtItsCollectionsCpu(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.send(new Int(2, 20));
        assertThat(rig.take(2)).isEqualTo(SPURIOUS);
        assertThat(rig.take(3)).isEqualTo(8195);
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
        rig.send(new Int(7, 255));
        assertThat(rig.take(2)).isEqualTo(8196);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void aDisabledLpiWaitsUntilItIsEnabledAndInvalidated(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.configure(8195, false, 0xa0);
        rig.send(new Inv(2, 20), new Int(2, 20));
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
        assertThat(rig.gic.isLpiPending(3, 8195)).isTrue();
        rig.configure(8195, true, 0xa0);
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
        rig.send(new Inv(2, 20));
        assertThat(rig.take(3)).isEqualTo(8195);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void invallDoesForACollectionWhatInvDoesForAnEvent(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.configure(8195, false, 0xa0);
        rig.send(new Invall(3), new Int(2, 20));
        rig.configure(8195, true, 0xa0);
        rig.send(new Invall(3));
        assertThat(rig.take(3)).isEqualTo(8195);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void anUnmappedDeviceRaisesNothingAndAMappedOneAgainDoes(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.message(2, 20);
        assertThat(rig.take(3)).isEqualTo(8195);
        rig.send(new Mapd(2, 7, Rig.itt(2), false), new Int(2, 20));
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
        rig.message(2, 20);
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
        assertThat(rig.its.failedCommands())
                .extracting(Its.FailedCommand::error)
                .containsExactly(ItsCommandError.INT_UNMAPPED_INTERRUPT);
        rig.send(new Mapd(2, 7, Rig.itt(2), true), new Mapti(2, 20, 8195, 3), new Int(2, 20));
        assertThat(rig.take(3)).isEqualTo(8195);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void clearTakesThePendingStateAway(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.send(new Int(2, 20), new Clear(2, 20));
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
        assertThat(rig.gic.isLpiPending(3, 8195)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("presets")
    void discardClearsAndUnmaps(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.send(new Int(2, 20), new Discard(2, 20));
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
        assertThat(rig.its.translate(2, 20)).isInstanceOf(MsiResult.Dropped.class);
        assertThat(rig.its.inspect(2, 20, Probe.NONE))
                .extracting(r -> ((MsiResult.Dropped) r).kind())
                .isEqualTo(HopKind.ITE);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void moviMovesTheEventAndWhatIsPending(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.message(2, 20);
        rig.send(new Movi(2, 20, 2));
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
        assertThat(rig.take(2)).isEqualTo(8195);
        rig.message(2, 20);
        assertThat(rig.take(2)).isEqualTo(8195);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void movallMovesPendingLpisAndMapcTheRest(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.message(2, 20);
        rig.send(new Movall(3, 0), new Mapc(3, 0, true));
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
        assertThat(rig.take(0)).isEqualTo(8195);
        rig.message(2, 20);
        assertThat(rig.take(0)).isEqualTo(8195);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void mapiUsesTheEventIdAsIntid(ItsIdentity identity) {
        Rig rig = Rig.of(identity);
        rig.configure(9000, true, 0);
        rig.send(new Mapd(1, 14, Rig.itt(1), true), new Mapc(0, 1, true), new Mapi(1, 9000, 0));
        assertThat(rig.its.translate(1, 9000)).isEqualTo(new MsiResult.Delivered(9000, 1));
        assertThat(rig.take(1)).isEqualTo(9000);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void anUnmappedCollectionStopsMessagesUntilItIsMapped(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.message(2, 20);
        assertThat(rig.take(3)).isEqualTo(8195);
        rig.send(new Mapc(3, 0, false));
        assertThat(rig.its.translate(2, 20))
                .extracting(r -> ((MsiResult.Dropped) r).kind())
                .isEqualTo(HopKind.CTE);
        rig.send(new Mapc(3, 1, true));
        // KVM forgets which events were in a collection that goes (it is UNPREDICTABLE).
        rig.send(new Mapd(2, 7, Rig.itt(2), true), new Mapti(2, 20, 8195, 3));
        rig.message(2, 20);
        assertThat(rig.take(1)).isEqualTo(8195);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void switchingTheItsOffStopsMessagesAndOnAgainResumes(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.message(2, 20);
        assertThat(rig.take(3)).isEqualTo(8195);
        rig.its.write(0, 4, 0, -1);
        rig.message(2, 20);
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
        rig.its.write(0, 4, 1, -1);
        rig.message(2, 20);
        assertThat(rig.take(3)).isEqualTo(8195);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void aRedistributorWithLpisDisabledTakesNone(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.message(2, 20);
        rig.take(3);
        rig.redistributor(3, 0, 4, 0);
        assertThat(rig.its.translate(2, 20))
                .extracting(r -> ((MsiResult.Dropped) r).kind())
                .isEqualTo(HopKind.REDISTRIBUTOR);
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void pendingStateSurvivesDisablingAndEnablingThroughThePendingTable(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.message(2, 20);
        rig.redistributor(3, 0, 4, 0);
        long table = Rig.PENDING + 3 * 0x1_0000L;
        assertThat(rig.ram.read(table + 8195 / 8, 1)).isEqualTo(1 << (8195 % 8));
        rig.redistributor(3, 0, 4, 1);
        assertThat(rig.take(3)).isEqualTo(8195);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void theQueueWrapsAndCreadrFollows(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        int commands = Rig.QUEUE_BYTES / 32;
        for (int i = 0; i < 2 * commands; i++) {
            rig.send(new Sync(0));
        }
        rig.send(new Int(2, 20));
        assertThat(rig.take(3)).isEqualTo(8195);
        assertThat(rig.its.read(Gits.GITS_CREADR.offset(), 8))
                .isEqualTo(rig.its.read(Gits.GITS_CWRITER.offset(), 8));
    }

    @ParameterizedTest
    @MethodSource("presets")
    void aCommandThatFailsIsSkippedAndTheNextOneDone(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        rig.send(new Inv(99, 0), new Movi(2, 21, 2), new Mapc(1, 77, true), new Int(2, 20));
        assertThat(rig.its.failedCommands())
                .extracting(Its.FailedCommand::error)
                .containsExactly(
                        ItsCommandError.INV_UNMAPPED_INTERRUPT,
                        ItsCommandError.MOVI_UNMAPPED_INTERRUPT,
                        ItsCommandError.MAPC_PROCNUM_OOR);
        assertThat(rig.take(3)).isEqualTo(8195);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void inspectingChangesNothing(ItsIdentity identity) {
        Rig rig = twoDevices(identity);
        assertThat(rig.its.inspect(2, 20, Probe.NONE)).isEqualTo(new MsiResult.Delivered(8195, 3));
        assertThat(rig.gic.isLpiPending(3, 8195)).isFalse();
        assertThat(rig.take(3)).isEqualTo(SPURIOUS);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void aTwoLevelDeviceTableWorksWhereItsPagesAre(ItsIdentity identity) {
        Rig rig = Rig.of(identity);
        long page = Rig.RAM + 0x200_0000;
        rig.its.write(0, 4, 0, -1);
        rig.register(Gits.GITS_BASER.at(0), 1L << 63 | 1L << 62 | Rig.DEVICES | 0x200);
        rig.ram.write(Rig.DEVICES + 8, 8, 1L << 63 | page);
        rig.its.write(0, 4, 1, -1);
        rig.configure(8192, true, 0);
        rig.send(
                new Mapc(0, 0, true),
                new Mapd(0x2005, 3, Rig.itt(1), true),
                new Mapti(0x2005, 1, 8192, 0),
                new Mapd(5, 3, Rig.itt(2), true));
        rig.its.saveTables();
        assertThat(rig.ram.read(page + 5 * 8, 8)).isNotZero();
        assertThat(rig.its.translate(0x2005, 1)).isEqualTo(new MsiResult.Delivered(8192, 0));
        assertThat(rig.its.failedCommands())
                .extracting(Its.FailedCommand::error)
                .containsExactly(ItsCommandError.MAPD_DEVICE_OOR);
    }
}
