package dev.belfry.kernel.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.kernel.firmware.IortFaults.Fault;
import dev.belfry.kernel.firmware.IortFaults.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Faults put into the table of a real QEMU, word by word: the SMMU's mapping is at 0x8c, the root
/// complex's three are from 0xc4 on, 20 bytes each.
class IortFaultsTest {

    private static final int SMMU_MAP = 0x8c;
    private static final int FIRST = 0xc4;
    private static final int SECOND = 0xd8;
    private static final int THIRD = 0xec;

    private static List<Kind> kinds(Iort iort) {
        return IortFaults.of(iort).stream().map(Fault::kind).toList();
    }

    /// Counts as DEN0049 wants them, one less than the number of ids.
    private static Iort right() {
        return iort();
    }

    private static Iort iort(int... changes) {
        int[] all = {
            FIRST,
            0,
            FIRST + 4,
            0x2ff,
            FIRST + 8,
            0,
            SECOND,
            0x300,
            SECOND + 4,
            0xfcff,
            SECOND + 8,
            0x300,
            SECOND + 12,
            0x30,
            0xa0 + 8,
            2,
        };
        int[] both = java.util.Arrays.copyOf(all, all.length + changes.length);
        System.arraycopy(changes, 0, both, all.length, changes.length);
        return Fixture.iort(both);
    }

    @Test
    void aTableWithOneMappingForEachIdHasNoFault() {
        assertThat(IortFaults.of(right())).isEmpty();
    }

    @Test
    void aCountThatIsOneTooManyIsAnOverlapOfOneId() {
        assertThat(IortFaults.of(iort(FIRST + 4, 0x300)))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.kind()).isEqualTo(Kind.OVERLAP);
                    assertThat(f.sentence())
                            .contains("maps id 0x300 twice", "DEN0049 wants one less");
                });
    }

    @Test
    void rangesThatOverlapAreToldWithBothTargets() {
        assertThat(IortFaults.of(iort(FIRST + 4, 0x4ff)))
                .first()
                .satisfies(f ->
                        assertThat(f.sentence())
                                .contains("ids 0x300..0x4ff twice", "SMMUv3", "ITS group"));
    }

    @Test
    void twoRequesterIdsThatBecomeOneStreamIdAreAliases() {
        // A third mapping that sends bus 4 to the SMMU as bus 1.
        Iort iort =
                iort(
                        0xa0 + 8,
                        3,
                        SECOND + 4,
                        0xff,
                        THIRD,
                        0x400,
                        THIRD + 4,
                        0xff,
                        THIRD + 8,
                        0x100,
                        THIRD + 12,
                        0x48,
                        THIRD + 16,
                        0);

        assertThat(IortFaults.of(iort))
                .filteredOn(f -> f.kind() == Kind.ALIAS)
                .hasSize(2)
                .first()
                .satisfies(f ->
                        assertThat(f.sentence())
                                .contains("0x100 and 0x400 both become StreamID 0x100"));
    }

    @Test
    void streamsThatBecomeADeviceIdOfOthersAreAliases() {
        // The SMMU adds 0x300 on the way to the ITS, where the others are already.
        assertThat(kinds(iort(SMMU_MAP + 8, 0x300))).containsExactly(Kind.ALIAS);
    }

    @Test
    void aBusThatNoMappingBringsToTheSmmuIsAGap() {
        assertThat(IortFaults.gaps(right(), 0, 0, 2)).isEmpty();
        assertThat(IortFaults.gaps(right(), 0, 0, 3))
                .singleElement()
                .satisfies(f ->
                        assertThat(f.sentence())
                                .contains("requester ids of bus 0x3 are mapped to no SMMU"));
    }
}
