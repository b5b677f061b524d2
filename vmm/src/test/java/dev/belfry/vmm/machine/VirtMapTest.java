package dev.belfry.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.address.Gpa;
import org.junit.jupiter.api.Test;

/// Expected addresses are those that QEMU's own device trees show for the same machines.
class VirtMapTest {

    private static final long GIB = 1L << 30;
    private static final Highmem DEFAULT =
            new Highmem(true, true, true, true, true, Highmem.DEFAULT_MMIO_SIZE);

    private static VirtMap map(long ram, Highmem highmem, int paBits) {
        return VirtMap.of(new Memory(ram, ram, 0), highmem, paBits).orElseThrow();
    }

    @Test
    void aSmallGuestHasItsHighRegionsFrom256GiBOn() {
        VirtMap map = map(GIB, DEFAULT, 48);

        assertThat(map.redist2())
                .hasValueSatisfying(r -> assertThat(r.base()).isEqualTo(new Gpa(0x40_0000_0000L)));
        assertThat(map.ecam()).isEqualTo(VirtMap.Region.of(0x40_1000_0000L, 0x1000_0000));
        assertThat(map.mmio64()).contains(VirtMap.Region.of(0x80_0000_0000L, 0x80_0000_0000L));
        assertThat(map.buses()).isEqualTo(256);
        assertThat(map.highestGpa()).isEqualTo(new Gpa(0xff_ffff_ffffL));
    }

    @Test
    void aBigGuestPushesThemUp() {
        VirtMap map = map(512 * GIB, DEFAULT, 48);

        assertThat(map.redist2().orElseThrow().base()).isEqualTo(new Gpa(0x80_4000_0000L));
        assertThat(map.ecam().base()).isEqualTo(new Gpa(0x80_5000_0000L));
        assertThat(map.mmio64().orElseThrow().base()).isEqualTo(new Gpa(0x100_0000_0000L));
    }

    @Test
    void theHostsOfCxlTakeNoRoomFromPci() {
        Highmem few = new Highmem(true, true, false, true, true, Highmem.DEFAULT_MMIO_SIZE);

        assertThat(map(GIB, few, 48).ecam().base()).isEqualTo(new Gpa(0x40_0000_0000L));
    }

    @Test
    void withoutHighMemoryThereAreSixteenBuses() {
        Highmem off = new Highmem(false, true, true, true, true, Highmem.DEFAULT_MMIO_SIZE);
        VirtMap map = map(GIB, off, 48);

        assertThat(map.ecam()).isEqualTo(VirtMap.ECAM_LOW);
        assertThat(map.buses()).isEqualTo(16);
        assertThat(map.mmio64()).isEmpty();
        assertThat(map.redist2()).isEmpty();
        assertThat(map.highestGpa()).isEqualTo(new Gpa(0x7fff_ffffL));
    }

    @Test
    void whatDoesNotFitIsLeftOut() {
        Highmem wide = new Highmem(true, true, true, true, true, 4096 * GIB);

        assertThat(map(GIB, wide, 44).mmio64().orElseThrow().base())
                .isEqualTo(new Gpa(0x400_0000_0000L));
        assertThat(map(GIB, wide, 40).mmio64()).isEmpty();
        assertThat(map(GIB, wide, 40).ecam().base()).isEqualTo(new Gpa(0x40_1000_0000L));
        assertThat(VirtMap.of(new Memory(Long.MAX_VALUE, Long.MAX_VALUE, 256), wide, 52)).isEmpty();
    }
}
