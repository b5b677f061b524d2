package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.gic.spec.ItsCommand.Clear;
import dev.belfry.model.gic.spec.ItsCommand.Discard;
import dev.belfry.model.gic.spec.ItsCommand.Int;
import dev.belfry.model.gic.spec.ItsCommand.Inv;
import dev.belfry.model.gic.spec.ItsCommand.Invall;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapd;
import dev.belfry.model.gic.spec.ItsCommand.Mapti;
import dev.belfry.model.gic.spec.ItsCommand.Movall;
import dev.belfry.model.gic.spec.ItsCommand.Movi;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// KVM's rules, as its source and its documentation state them.
class KvmItsTest {

    private static Rig ready() {
        Rig rig = Rig.of(ItsIdentity.KVM);
        rig.configure(8192, true, 0xa0);
        rig.mapDevice(4, 4);
        rig.send(new Mapc(1, 1, true), new Mapti(4, 3, 8192, 1));
        return rig;
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(0x010107, new Movi(4, 9, 1)),
                Arguments.of(0x010109, new Movi(4, 3, 2)),
                Arguments.of(0x010307, new Int(5, 0)),
                Arguments.of(0x010507, new Clear(4, 0)),
                Arguments.of(0x010801, new Mapd(0x10000, 3, Rig.itt(1), true)),
                Arguments.of(0x010802, new Mapd(9, 16, Rig.itt(1), true)),
                Arguments.of(0x010902, new Mapc(2, 2, true)),
                Arguments.of(0x010903, new Mapc(0x2000, 0, true)),
                Arguments.of(0x010a04, new Mapti(6, 0, 8193, 1)),
                Arguments.of(0x010a05, new Mapti(4, 16, 8193, 1)),
                Arguments.of(0x010a06, new Mapti(4, 5, 8191, 1)),
                Arguments.of(0x010a06, new Mapti(4, 5, 0x10000, 1)),
                Arguments.of(0x010c07, new Inv(4, 4)),
                Arguments.of(0x010d09, new Invall(7)),
                Arguments.of(0x010e01, new Movall(0, 2)),
                Arguments.of(0x010f07, new Discard(4, 7)));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aBadCommandFailsWithItsCodeAndIsSkipped(int code, ItsCommand command) {
        Rig rig = ready();
        rig.send(command, new Int(4, 3));
        assertThat(rig.its.failedCommands())
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.command()).isEqualTo(command);
                    assertThat(f.error().code()).isEqualTo(code);
                });
        assertThat(rig.take(1)).isEqualTo(8192);
        assertThat(rig.its.read(Gits.GITS_CREADR.offset(), 4) & 1).isZero();
    }

    @Test
    void mappingAnEventTwiceChangesNothingAndSucceeds() {
        Rig rig = ready();
        rig.send(new Mapti(4, 3, 8200, 1));
        assertThat(rig.its.failedCommands()).isEmpty();
        assertThat(rig.its.translate(4, 3)).isEqualTo(new MsiResult.Delivered(8192, 1));
    }

    @Test
    void anEventMayBeMappedToACollectionThatIsMappedLater() {
        Rig rig = ready();
        rig.configure(8193, true, 0xa0);
        rig.send(new Mapti(4, 5, 8193, 9));
        assertThat(rig.its.translate(4, 5)).isInstanceOf(MsiResult.Dropped.class);
        rig.send(new Mapc(9, 0, true));
        assertThat(rig.its.translate(4, 5)).isEqualTo(new MsiResult.Delivered(8193, 0));
    }

    @Test
    void aCollectionThatIsMappedElsewhereTakesItsPendingLpisAlong() {
        Rig rig = ready();
        rig.message(4, 3);
        rig.send(new Mapc(1, 0, true));
        assertThat(rig.take(1)).isEqualTo(InterruptController.SPURIOUS);
        assertThat(rig.take(0)).isEqualTo(8192);
    }

    @Test
    void aCollectionThatWasUnmappedDoesNotGetItsEventsBack() {
        Rig rig = ready();
        rig.send(new Mapc(1, 0, false), new Mapc(1, 1, true), new Int(4, 3));
        assertThat(rig.its.failedCommands())
                .extracting(f -> f.error().code())
                .containsExactly(0x010307);
    }

    @Test
    void unmappingACollectionChecksItsCpuAllTheSame() {
        Rig rig = ready();
        rig.send(new Mapc(1, 2, false));
        assertThat(rig.its.failedCommands())
                .extracting(f -> f.error().code())
                .containsExactly(0x010902);
        assertThat(rig.its.translate(4, 3)).isEqualTo(new MsiResult.Delivered(8192, 1));
    }

    @Test
    void invAndClearNeedNoMappedCollection() {
        Rig rig = ready();
        rig.send(new Mapti(4, 5, 8193, 9), new Inv(4, 5), new Clear(4, 5));
        assertThat(rig.its.failedCommands()).isEmpty();
        rig.send(new Discard(4, 5));
        assertThat(rig.its.failedCommands())
                .extracting(f -> f.error().code())
                .containsExactly(0x010f07);
    }

    @Test
    void configurationIsReadWhenAnEventIsMappedAndAtInvOnly() {
        Rig rig = ready();
        rig.configure(8192, false, 0xa0);
        rig.message(4, 3);
        assertThat(rig.take(1)).as("enabled when it was mapped").isEqualTo(8192);
        rig.send(new Inv(4, 3));
        rig.message(4, 3);
        assertThat(rig.take(1)).isEqualTo(InterruptController.SPURIOUS);
        rig.configure(8192, true, 0xa0);
        rig.redistributor(1, 0xb0, 8, 0);
        assertThat(rig.take(1)).as("GICR_INVALLR").isEqualTo(8192);
    }

    @Test
    void allRedistributorsHaveOnePropbaser() {
        Rig rig = ready();
        rig.redistributor(0, 0, 4, 0);
        rig.redistributor(0, 0x70, 8, Rig.CONFIG + 0x1_0000 | 14);
        assertThat(rig.gic.redistributors().read(0x2_0070, 8))
                .isEqualTo(Rig.CONFIG + 0x1_0000 | 14);
    }

    @Test
    void guestMemoryHoldsNoMappingsBeforeASave() {
        Rig rig = ready();
        assertThat(rig.ram.read(Rig.DEVICES + 4 * 8, 8)).isZero();
        assertThat(rig.its.saveTables()).isEmpty();
        assertThat(rig.ram.read(Rig.DEVICES + 4 * 8, 8)).isNotZero();
    }

    @Test
    void theFormatCanBeReadBackWithoutKnowingWhoWroteIt() {
        Rig rig = ready();
        rig.its.saveTables();
        ItsView view =
                Its.over(
                        rig.its.frame(),
                        rig.ram,
                        ItsIdentity.KVM.format(),
                        java.util.List.of(frame(rig, 0), frame(rig, 1)));
        assertThat(view.inspect(4, 3, dev.belfry.model.journey.Probe.NONE))
                .isEqualTo(new MsiResult.Delivered(8192, 1));
    }

    private static dev.belfry.model.system.SystemView.Frame frame(Rig rig, int cpu) {
        return new dev.belfry.model.system.SystemView.Frame(
                "gicr" + cpu,
                0x080a_0000L + cpu * 0x2_0000L,
                offset ->
                        java.util.OptionalLong.of(
                                rig.gic.redistributors().read(cpu * 0x2_0000L + offset, 4)));
    }

    @Test
    void tablesAreAlwaysOf64KilobytePagesAndTheCollectionTableFlat() {
        Rig rig = Rig.of(ItsIdentity.KVM);
        rig.its.write(0, 4, 0, -1);
        rig.register(Gits.GITS_BASER.at(1), 1L << 63 | 1L << 62 | Rig.COLLECTIONS | 0x3000);
        assertThat(rig.its.read(Gits.GITS_BASER.at(1), 8))
                .isEqualTo(1L << 63 | 4L << 56 | 7L << 48 | Rig.COLLECTIONS | 0x200);
        assertThat(rig.its.read(Gits.GITS_BASER.at(2), 8)).isZero();
    }

    @Test
    void theItsDoesNotComeOnWithoutItsTablesAndItsQueue() {
        Rig rig = Rig.of(ItsIdentity.KVM);
        rig.its.write(0, 4, 0, -1);
        rig.register(Gits.GITS_BASER.at(0), 0);
        rig.its.write(0, 4, 1, -1);
        assertThat(rig.its.read(0, 4) & 1).isZero();
        rig.enableIts();
        assertThat(rig.its.read(0, 4) & 1).isOne();
    }

    @Test
    void writesToTablesAndQueueAreIgnoredWhileEnabled() {
        Rig rig = ready();
        long cbaser = rig.its.read(Gits.GITS_CBASER.offset(), 8);
        long baser = rig.its.read(Gits.GITS_BASER.at(0), 8);
        rig.register(Gits.GITS_CBASER.offset(), 0);
        rig.register(Gits.GITS_BASER.at(0), 0);
        assertThat(rig.its.read(Gits.GITS_CBASER.offset(), 8)).isEqualTo(cbaser);
        assertThat(rig.its.read(Gits.GITS_BASER.at(0), 8)).isEqualTo(baser);
    }

    @Test
    void writingTheQueueBaseResetsReaderAndWriter() {
        Rig rig = ready();
        rig.its.write(0, 4, 0, -1);
        rig.register(Gits.GITS_CBASER.offset(), 1L << 63 | Rig.QUEUE);
        assertThat(rig.its.read(Gits.GITS_CREADR.offset(), 8)).isZero();
        assertThat(rig.its.read(Gits.GITS_CWRITER.offset(), 8)).isZero();
    }

    @Test
    void aWriterBeyondTheQueueIsIgnored() {
        Rig rig = ready();
        long before = rig.its.read(Gits.GITS_CWRITER.offset(), 8);
        rig.register(Gits.GITS_CWRITER.offset(), Rig.QUEUE_BYTES);
        assertThat(rig.its.read(Gits.GITS_CWRITER.offset(), 8)).isEqualTo(before);
    }

    @Test
    void aCpusWriteToTheDoorbellIsIgnored() {
        Rig rig = ready();
        rig.its.write(Gits.GITS_TRANSLATER.offset(), 4, 3, -1);
        assertThat(rig.take(1)).isEqualTo(InterruptController.SPURIOUS);
    }
}
