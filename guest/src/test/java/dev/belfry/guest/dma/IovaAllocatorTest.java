package dev.belfry.guest.dma;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IovaAllocatorTest {

    private final IovaAllocator iovas = new IovaAllocator(4096, 48);

    @Test
    void addressesComeFromTheTopOfFourGibibytesDown() {
        assertThat(iovas.allocate(64, -1)).hasValue(0xffff_f000L);
        assertThat(iovas.allocate(4096, -1)).hasValue(0xffff_e000L);
        // aligned to its size
        assertThat(iovas.allocate(0x2000, -1)).hasValue(0xffff_c000L);
        assertThat(iovas.allocate(0x2_0000, -1)).hasValue(0xfffc_0000L);
        // the hole above is used
        assertThat(iovas.allocate(0x1_0000, -1)).hasValue(0xfffe_0000L);
        iovas.free(0xffff_e000L, 4096);
        assertThat(iovas.allocate(4096, -1)).hasValue(0xffff_e000L);
    }

    @Test
    void reservedRangesAreLeftOut() {
        iovas.reserve(0xf000_0000L, 0xffff_ffffL);
        iovas.reserve(0xe000_0800L, 0xf000_0fffL);
        assertThat(iovas.allocate(4096, -1)).hasValue(0xdfff_f000L);
    }

    @Test
    void whenFourGibibytesAreFullTheRestIsUsedAndZeroNever() {
        iovas.reserve(0x2000, 0xffff_ffffL);
        assertThat(iovas.allocate(4096, -1)).hasValue(0x1000);
        assertThat(iovas.allocate(4096, -1)).hasValue(0xffff_ffff_f000L);
        assertThat(iovas.allocate(4096, 0xffff_ffffL)).isEmpty();
    }

    @Test
    void aNarrowMaskIsKept() {
        assertThat(iovas.allocate(4096, (1L << 28) - 1)).hasValue(0xfff_f000L);
    }
}
