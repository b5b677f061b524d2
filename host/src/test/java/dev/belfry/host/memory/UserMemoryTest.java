package dev.belfry.host.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.model.address.Gpa;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserMemoryTest {

    private static final long GIB = 1L << 30;

    /// Where the guest and the host both believe to have RAM, so that addresses could coincide.
    private static final long BASE = 0x4000_0000L;

    private static HostPages pages(long size, Granule granule, long seed) {
        return new HostPages(BASE, size, granule, seed);
    }

    private static UserMemory process(long size, Granule granule, long seed) {
        return new UserMemory(pages(size, granule, seed), new SparseRam(BASE, size));
    }

    @ParameterizedTest
    @ValueSource(longs = {0x1000, 0x20_3000, 64 << 20, 1L << 30, 40L << 30})
    void noPieceLiesWhereTheGuestCallsIt(long size) {
        for (long seed = 0; seed < 20; seed++) {
            UserMemory memory = process(64 * GIB, Granule.G4K, seed);
            UserVa va = memory.mapForGuest(size, new Gpa(BASE)).orThrow();
            long step = Math.max(4096, size / 512) & -4096;
            for (long at = 0; at < size; at += step) {
                assertThat(memory.physical(va.plus(at)).orElseThrow()).isNotEqualTo(BASE + at);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Granule.class)
    void noPageIsGivenTwiceAndAllAreInThePool(Granule granule) {
        UserMemory memory = process(4 * GIB, granule, 3);
        Set<Long> seen = new HashSet<>();
        for (long size : List.of(48L << 20, 1L << 16, 5L << 20, 256L << 20)) {
            UserVa va = memory.map(size).orThrow();
            for (long at = 0; at < size; at += granule.bytes()) {
                long physical = memory.physical(va.plus(at)).orElseThrow();
                assertThat(physical).isBetween(BASE, BASE + 4 * GIB - granule.bytes());
                assertThat(seen.add(physical)).isTrue();
            }
        }
    }

    @Test
    void theSameSeedGivesTheSamePagesAndAnotherSeedOthers() {
        List<UserMemory.Run> first = runs(1);
        assertThat(runs(1)).isEqualTo(first);
        assertThat(runs(2)).isNotEqualTo(first);
    }

    private static List<UserMemory.Run> runs(long seed) {
        UserMemory memory = process(32 * GIB, Granule.G4K, seed);
        return memory.pin(memory.map(16 * GIB).orThrow(), 16 * GIB, true).orThrow();
    }

    @Test
    void alargeGuestIsMadeOfLargePiecesAndCostsWhatIsTouched() {
        SparseRam ram = new SparseRam(BASE, 320 * GIB);
        UserMemory memory = new UserMemory(pages(320 * GIB, Granule.G4K, 1), ram);
        UserVa va = memory.mapForGuest(256 * GIB, new Gpa(BASE)).orThrow();
        assertThat(memory.pin(va, 256 * GIB, true).orThrow().size()).isLessThanOrEqualTo(256);
        assertThat(ram.touchedBytes()).isZero();
        memory.view().write(va.value() + 200 * GIB, 8, 1);
        assertThat(ram.touchedBytes()).isEqualTo(65536);
    }

    @Test
    void theViewReadsAcrossPieces() {
        UserMemory memory = process(4 * GIB, Granule.G4K, 5);
        UserVa va = memory.map(0x4000).orThrow();
        PhysicalMemory view = memory.view();
        assertThat(view.write(va.value() + 0xffd, 8, 0x1122334455667788L)).isTrue();
        assertThat(view.read(va.value() + 0xffd, 8)).isEqualTo(0x1122334455667788L);
        byte[] bytes = new byte[0x3000];
        bytes[0x2fff] = 9;
        assertThat(view.writeBytes(va.value() + 0x800, bytes, 0, bytes.length)).isTrue();
        assertThat(view.read(va.value() + 0x37ff, 1)).isEqualTo(9);
        assertThat(view.accepts(va.value() + 0x3ffc, 8)).isFalse();
        assertThat(view.write(va.value() + 0x3ffc, 8, -1)).isFalse();
    }

    @Test
    void memoryThatIsGivenBackIsUsedAgain() {
        UserMemory memory = process(2 * GIB, Granule.G4K, 5);
        for (int i = 0; i < 16; i++) {
            UserVa va = memory.map(512L << 20).orThrow();
            memory.unmap(va).orThrow();
        }
    }

    @Test
    void whenTheHostIsFullItIsEnomemAndNothingIsLost() {
        UserMemory memory = process(2 * GIB, Granule.G4K, 5);
        Result<UserVa> tooMuch = memory.map(16 * GIB);
        assertThat(((Result.Err<UserVa>) tooMuch).errno()).isEqualTo(Errno.ENOMEM);
        assertThat(memory.map(GIB).isOk()).isTrue();
    }
}
