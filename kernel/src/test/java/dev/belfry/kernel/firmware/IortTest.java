package dev.belfry.kernel.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belfry.kernel.firmware.Iort.Purpose;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/// QEMU's table has an ITS group at 0x30, the SMMU at 0x48, the root complex at 0xa0 with three
/// mappings from 0xc4 on.
class IortTest {

    private static final int FIRST = 0xc4;
    private static final int SECOND = 0xd8;
    private static final int THIRD = 0xec;
    private static final int SMMU = 0x48;
    private static final int ITS = 0x30;

    @Test
    void nodesOfQemusTableAreRead() {
        Iort iort = Fixture.iort();
        assertThat(iort.revision()).isEqualTo(3);
        assertThat(iort.nodes()).hasSize(3);
        assertThat(iort.at(SMMU).orElseThrow().body())
                .isEqualTo(
                        new IortNode.Smmuv3(
                                0x0905_0000, true, false, 0, 0x6a, 0x6b, 0x6d, 0x6c, 0));
        assertThat(iort.rootComplex(0).orElseThrow().body())
                .isEqualTo(new IortNode.RootComplex(true, false, 0, 64));
        assertThat(iort.rootComplex(1)).isEmpty();
    }

    @Test
    void theFirstRangeTakesAnIdEvenIfALaterOneHasItToo() {
        Iort iort = Fixture.iort();
        IdLookup lookup = iort.lookup(0, 0x100, Purpose.IOMMU);
        assertThat(lookup.found()).isTrue();
        assertThat(lookup.target()).isEqualTo(SMMU);
        assertThat(lookup.id()).isEqualTo(0x100);
    }

    @Test
    void anIdOfTheItsAloneHasNoSmmuButADeviceId() {
        Iort iort = Fixture.iort();
        assertThat(iort.lookup(0, 0x2000, Purpose.IOMMU).found()).isFalse();
        IdLookup msi = iort.lookup(0, 0x2000, Purpose.MSI);
        assertThat(msi.found()).isTrue();
        assertThat(msi.id()).isEqualTo(0x2000);
        assertThat(msi.target()).isEqualTo(ITS);
    }

    @Test
    void aDeviceIdComesThroughTheSmmusOwnMapping() {
        // The SMMU adds 0x8000 on the way to the ITS.
        Iort iort = Fixture.iort(0x8c + 8, 0x8000);
        assertThat(iort.lookup(0, 0x10, Purpose.IOMMU).id()).isEqualTo(0x10);
        assertThat(iort.lookup(0, 0x10, Purpose.MSI).id()).isEqualTo(0x8010);
    }

    @Test
    void theLastIdOfARangeGivesWayToARangeThatBeginsThere() {
        // As QEMU 7.2 wrote it for buses 0..2: counts that are one too many.
        Iort iort = overlapping(0x300);
        IdLookup iommu = iort.lookup(0, 0x300, Purpose.IOMMU);
        assertThat(iommu.found()).isFalse();
        assertThat(iommu.rules().getFirst()).contains("0x300 begins 0x300..0xffff", "supersedes");
        assertThat(iort.lookup(0, 0x2ff, Purpose.IOMMU).target()).isEqualTo(SMMU);
        assertThat(iort.lookup(0, 0x300, Purpose.MSI).id()).isEqualTo(0x300);
    }

    @Test
    void theLastIdStaysIfTheOverlapBeginsElsewhere() {
        Iort iort = overlapping(0x2ff);
        IdLookup lookup = iort.lookup(0, 0x300, Purpose.IOMMU);
        assertThat(lookup.target()).isEqualTo(SMMU);
        assertThat(lookup.rules().getFirst()).contains("0x300 is the last id of 0x0..0x300");
    }

    private static Iort overlapping(int begin) {
        return Fixture.iort(
                0xa0 + 8,
                2,
                FIRST + 4,
                0x300,
                SECOND,
                begin,
                SECOND + 4,
                0xffff - begin,
                SECOND + 8,
                begin,
                SECOND + 12,
                ITS);
    }

    @Test
    void aSingleMappingOfARootComplexTakesEveryId() {
        Iort iort = Fixture.iort(FIRST + 8, 0x77, FIRST + 16, 1);
        assertThat(iort.lookup(0, 0x1234, Purpose.IOMMU).id()).isEqualTo(0x77);
    }

    @Test
    void aMappingForTheSmmusOwnMsisDoesNotTranslate() {
        // Without the PRI interrupt, mapping 0 is the SMMU's own.
        Iort iort = Fixture.iort(0x78, 0);
        assertThat(iort.lookup(0, 0x10, Purpose.IOMMU).found()).isTrue();
        assertThat(iort.lookup(0, 0x10, Purpose.MSI).found()).isFalse();
    }

    @Test
    void aReferenceToNothingIsSaidAndNotFollowed() {
        assertThat(Fixture.iort(FIRST + 12, 0).lookup(0, 0x10, Purpose.IOMMU).rules())
                .last()
                .asString()
                .contains("refers to nothing");
        assertThat(Fixture.iort(FIRST + 12, 0x55).lookup(0, 0x10, Purpose.IOMMU).rules())
                .last()
                .asString()
                .contains("refers to no node");
    }

    @Test
    void aCircleEnds() {
        // All three ranges lead back to the root complex.
        Iort iort = Fixture.iort(FIRST + 12, 0xa0, SECOND + 12, 0xa0, THIRD + 12, 0xa0);
        IdLookup lookup = iort.lookup(0, 0x10, Purpose.MSI);
        assertThat(lookup.found()).isFalse();
        assertThat(lookup.rules()).last().asString().contains("too many nodes");
    }

    @Test
    void aNodeBeyondTheTableIsAnError() {
        assertThatExceptionOfType(FirmwareError.class).isThrownBy(() -> Fixture.iort(36, 4));
        assertThatExceptionOfType(FirmwareError.class).isThrownBy(() -> Fixture.iort(40, -1));
        assertThatExceptionOfType(FirmwareError.class)
                .isThrownBy(() -> Fixture.iort(0xa0 + 8, 1000));
    }

    @Test
    void rangesOfASegmentSayWhatSingleLookupsSay() {
        Iort iort = overlapping(0x300);
        IortNode root = iort.rootComplex(0).orElseThrow();
        assertThat(
                        IdRanges.of(rid ->
                                iort.resolve(root, rid, Purpose.IOMMU)
                                        .map(e -> new IdRanges.Destination(e.id(), 0))))
                .containsExactly(new IdRanges.Range(0, 0x300, 0, 0));
    }

    @Test
    void piecesSayWhatEveryIdSays() {
        Random random = new Random(6);
        int compared = 0;
        while (compared < 25) {
            byte[] bytes = Fixture.bytes("IORT.bin").clone();
            for (int changes = random.nextInt(1, 5); changes > 0; changes--) {
                // The root complex's ranges: bases, counts, outputs.
                int range = random.nextBoolean() ? FIRST : SECOND;
                int field = 4 * random.nextInt(3);
                bytes[range + field + random.nextInt(2)] = (byte) random.nextInt();
            }
            Iort iort = Iort.read(new Table("IORT", bytes));
            IortNode root = iort.rootComplex(0).orElseThrow();
            for (Purpose purpose : Purpose.values()) {
                IntFunction<Optional<IdRanges.Destination>> lookup =
                        rid ->
                                iort.resolve(root, rid, purpose)
                                        .map(e ->
                                                new IdRanges.Destination(
                                                        e.id(), e.node().offset()));
                assertThat(IdRanges.of(lookup, iort.cuts(root))).isEqualTo(IdRanges.of(lookup));
            }
            compared++;
        }
    }

    @Test
    void flippedBytesGiveAnAnswerOrAFirmwareError() {
        byte[] valid = Fixture.bytes("IORT.bin");
        Random random = new Random(20);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = valid.clone();
            for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                Iort iort = Iort.read(new Table("IORT", bytes));
                iort.lookup(0, random.nextInt(1 << 16), Purpose.IOMMU);
                iort.lookup(0, random.nextInt(1 << 16), Purpose.MSI);
                iort.reservedMemory();
                read++;
            } catch (FirmwareError e) {
                assertThat(e).hasMessageContaining("IORT");
            }
        }
        assertThat(read).isBetween(1, 19_999);
    }
}
