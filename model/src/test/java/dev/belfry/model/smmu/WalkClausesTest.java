package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Table walks: alignment, 52-bit addresses, blocks, hints, permissions that hang together, and
/// races of hardware updates (IHI 0070 3.4, 3.13, 5.2, 5.4; Arm ARM D8.2 to D8.5).
class WalkClausesTest {

    private static final long PAGE = 0x4000_5000L;
    private static final long AF = 1 << 10;
    private static final long READ_ONLY = 1 << 7;
    private static final long DBM = 1L << 51;

    private final Rig rig = new Rig(SmmuIdentity.MAX).start();

    @Test
    void aSmallStartTableIsAlignedToItsSizeAndTo64BytesOnlyWithA52BitOutput() {
        // 40-bit input: level 0 has two descriptors, 16 bytes.
        long area = rig.allocate(4096);
        Cd cd = Rig.cd(area + 0x30).with(0, Cd.T0SZ, 24);
        rig.map(area + 0x30, 0, 1L << 39, PAGE, Rig.LEAF, 3);
        rig.stage1(1, cd);
        assertThat(rig.pa(1, 1L << 39, Access.READ)).isEqualTo(PAGE);
        rig.stage1(1, cd.withWord(1, area + 0x38));
        assertThat(rig.pa(1, 1L << 39, Access.READ)).isEqualTo(PAGE);
        rig.stage1(1, cd.with(0, Cd.IPS, 6));
        assertThat(rig.fault(1, 1L << 39, Access.READ)).isEqualTo(EventType.F_TRANSLATION);
        rig.map(area, 0, 1L << 39, PAGE + 4096, Rig.LEAF, 3);
        assertThat(rig.pa(1, 1L << 39, Access.READ)).isEqualTo(PAGE + 4096);
    }

    @Test
    void bits15To12OfA64KibDescriptorAreAddressBitsWhereverTheOasIs52WhateverIpsSays() {
        long ttb = rig.allocate(1 << 16);
        Cd cd = Rig.cd(ttb).with(0, Cd.TG0, 1).with(0, Cd.T0SZ, 22).with(0, Cd.IPS, 6);
        rig.words(ttb, Rig.LEAF | 0x2000);
        rig.stage1(1, cd);
        assertThat(rig.pa(1, 0x123, Access.READ)).isEqualTo(2L << 48 | 0x123);
        rig.stage1(1, cd.with(0, Cd.IPS, 5));
        assertThat(rig.fault(1, 0x123, Access.READ)).isEqualTo(EventType.F_ADDR_SIZE);
        // Where it is smaller they are RES0.
        Rig small = new Rig(SmmuIdentity.GRACE).start();
        long table = small.allocate(1 << 16);
        small.words(table, Rig.LEAF | 0x2000);
        small.stage1(1, Rig.cd(table).with(0, Cd.TG0, 1).with(0, Cd.T0SZ, 22));
        assertThat(small.pa(1, 0x123, Access.READ)).isEqualTo(0x123);
    }

    @Test
    void stage2HasThemToo() {
        long s2 = rig.allocate(1 << 16);
        Ste ste =
                Rig.stage2(Ste.Config.S2, s2)
                        .with(2, Ste.S2TG, 1)
                        .with(2, Ste.S2SL0, 1)
                        .with(2, Ste.S2T0SZ, 22);
        rig.words(s2, Rig.LEAF2 | 0x3000);
        rig.ste(1, ste.with(2, Ste.S2PS, 6));
        assertThat(rig.pa(1, 0x123, Access.READ)).isEqualTo(3L << 48 | 0x123);
        rig.ste(1, ste.with(2, Ste.S2PS, 5));
        assertThat(rig.fault(1, 0x123, Access.READ)).isEqualTo(EventType.F_ADDR_SIZE);
    }

    @Test
    void bitsBelowABlocksSizeAreNoAddress() {
        long ttb = rig.allocate(1 << 16);
        // 64 KiB, level 1: 4 TiB blocks, whose bits 41:17 are RES0; a 32-bit output.
        rig.stage1(1, Rig.cd(ttb).with(0, Cd.TG0, 1).with(0, Cd.T0SZ, 16).with(0, Cd.IPS, 0));
        rig.words(ttb, Rig.LEAF | 0x3ff_fffe_0000L);
        assertThat(rig.pa(1, 0x1234, Access.READ)).isEqualTo(0x1234);
        // 4 KiB, level 2: bits 20:17 are RES0, and bit 16 is nT.
        long small = rig.allocate(4096);
        rig.stage1(2, Rig.cd(small));
        rig.map(small, 0, 0x20_0000, 0x4020_0000L, Rig.LEAF | 0x1f_0000, 2);
        assertThat(rig.pa(2, 0x20_1234, Access.READ)).isEqualTo(0x4020_1234L);
    }

    @ParameterizedTest
    @CsvSource({
        // granule, TG0, T0SZ, first level, the levels at which a Block descriptor is one
        "12, 0, 16, 0, -12-",
        "14, 2, 17, 1, --2-",
        "16, 1, 12, 1, -12-"
    })
    void blocksExistAtTheLevelsOfTheirGranule(
            int granule, int tg0, int t0sz, int start, String levels) {
        long ttb = rig.allocate(1 << 17);
        rig.stage1(1, Rig.cd(ttb).with(0, Cd.TG0, tg0).with(0, Cd.T0SZ, t0sz));
        for (int level = start; level < 4; level++) {
            int shift = granule + (3 - level) * (granule - 3);
            long input = (long) (level + 1) << Math.max(shift, granule + 2 * (granule - 3));
            long slot = rig.map(ttb, granule, start, input, 0, 0, level);
            rig.words(slot, Rig.LEAF);
            boolean block = rig.go(1, input, Access.READ) instanceof Translation.Mapped;
            assertThat(block).as("level %d", level).isEqualTo(levels.charAt(level) != '-');
        }
    }

    @Test
    void theContiguousHintChangesNoTranslation() {
        long ttb = rig.allocate(4096);
        rig.stage1(1, Rig.cd(ttb));
        for (int i = 0; i < 16; i++) {
            // Not contiguous in fact: each descriptor's own address counts.
            rig.map(ttb, 0, 0x10_0000 + 4096 * i, PAGE + 8192L * i, Rig.LEAF | 1L << 52, 3);
        }
        for (int i = 0; i < 16; i++) {
            assertThat(rig.pa(1, 0x10_0000 + 4096 * i, Access.READ)).isEqualTo(PAGE + 8192L * i);
        }
    }

    @Test
    void hierarchicalExecuteNeverCountsForItsPrivilegeAndHadTurnsItOff() {
        long ttb = rig.allocate(4096);
        rig.map(ttb, 0, 0x1000, PAGE, Rig.LEAF | READ_ONLY, 3);
        long table = rig.ram.read(ttb, 8);
        for (boolean had : new boolean[] {false, true}) {
            rig.stage1(1, Rig.cd(ttb).with(1, Cd.HAD0, had ? 1 : 0));
            rig.words(ttb, table | 1L << 60);
            assertThat(passes(Access.EXECUTE)).isEqualTo(had);
            assertThat(passes(Access.PRIVILEGED_EXECUTE)).isTrue();
            rig.words(ttb, table | 1L << 59);
            assertThat(passes(Access.EXECUTE)).isTrue();
            assertThat(passes(Access.PRIVILEGED_EXECUTE)).isEqualTo(had);
        }
    }

    private boolean passes(Access access) {
        return rig.go(1, 0x1000, access) instanceof Translation.Mapped;
    }

    @Test
    void panRefusesPrivilegedDataWhereUnprivilegedAccessIsAllowedAndNeverInstructions() {
        long ttb = rig.allocate(4096);
        rig.stage1(1, Rig.cd(ttb).with(0, Cd.PAN, 1));
        rig.map(ttb, 0, 0x1000, PAGE, Rig.LEAF | READ_ONLY, 3);
        assertThat(passes(Access.READ)).isTrue();
        assertThat(passes(Access.PRIVILEGED_READ)).isFalse();
        assertThat(passes(Access.PRIVILEGED_EXECUTE)).isTrue();
        rig.map(ttb, 0, 0x1000, PAGE, Rig.LEAF & ~0x40L, 3);
        assertThat(passes(Access.PRIVILEGED_WRITE)).isTrue();
    }

    @Test
    void aWritableCleanPageIsWritableForWxnAlsoWhereItIsCached() {
        Rig cached = new Rig(SmmuIdentity.MAX, new CacheMode.Infinite()).start();
        long ttb = cached.allocate(4096);
        cached.stage1(1, Rig.cd(ttb).with(0, Cd.HA, 1).with(0, Cd.HD, 1).with(0, Cd.WXN, 1));
        cached.map(ttb, 0, 0x1000, PAGE, Rig.LEAF | READ_ONLY | DBM, 3);
        assertThat(cached.pa(1, 0x1000, Access.READ)).isEqualTo(PAGE);
        assertThat(cached.fault(1, 0x1000, Access.EXECUTE)).isEqualTo(EventType.F_PERMISSION);
        assertThat(cached.pa(1, 0x1000, Access.WRITE)).isEqualTo(PAGE);
    }

    @ParameterizedTest
    @CsvSource({
        // S2TG, granule, S2SL0, start level, S2T0SZ: the most tables side by side, and the fewest
        "0, 12, 1, 1, 21",
        "0, 12, 1, 1, 33",
        "0, 12, 0, 2, 30",
        "0, 12, 3, 3, 39",
        "2, 14, 1, 2, 24",
        "2, 14, 1, 2, 38",
        "2, 14, 0, 3, 35",
        "1, 16, 1, 2, 18",
        "1, 16, 1, 2, 34",
        "1, 16, 0, 3, 31"
    })
    void theLastDescriptorOfConcatenatedStartTablesIsReached(
            int tg, int granule, int sl0, int level, int t0sz) {
        int bits = 64 - t0sz;
        int index = bits - granule - (3 - level) * (granule - 3);
        long s2 = rig.allocate(8 << index);
        rig.ste(
                1,
                Rig.stage2(Ste.Config.S2, s2)
                        .with(2, Ste.S2TG, tg)
                        .with(2, Ste.S2SL0, sl0)
                        .with(2, Ste.S2T0SZ, t0sz));
        long ipa = (1L << bits) - (1L << granule);
        long page = 0x4001_0000L;
        long at = s2 + (8L << index) - 8;
        for (int l = level; l < 3; l++) {
            long table = rig.allocate(1 << granule);
            rig.words(at, table | 3);
            at = table + (1 << granule) - 8;
        }
        rig.words(at, page | Rig.LEAF2 | 2);
        assertThat(rig.pa(1, ipa + 5, Access.READ)).isEqualTo(page + 5);
        assertThat(rig.fault(1, 1L << bits, Access.READ)).isEqualTo(EventType.F_TRANSLATION);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stage2ExecutionIsToldApartByPrivilegeWithXnxOnly(boolean xnx) {
        Rig two = new Rig(xnx ? SmmuIdentity.MAX : SmmuIdentity.KUNPENG920).start();
        long s2 = two.allocate(8192);
        two.ste(1, Rig.stage2(Ste.Config.S2, s2));
        String[] allowed =
                xnx ? new String[] {"up", "u", "", "p"} : new String[] {"up", "up", "", ""};
        for (int xn = 0; xn < 4; xn++) {
            two.map(s2, 1, 0x1000, PAGE, Rig.LEAF2 | (long) xn << 53, 3);
            String seen =
                    (two.go(1, 0x1000, Access.EXECUTE) instanceof Translation.Mapped ? "u" : "")
                            + (two.go(1, 0x1000, Access.PRIVILEGED_EXECUTE)
                                            instanceof Translation.Mapped
                                    ? "p"
                                    : "");
            assertThat(seen).as("XN %d", xn).isEqualTo(allowed[xn]);
        }
    }

    @Test
    void theFetchOfACdSetsStage2sAccessFlagAndNeverItsDirtyState() {
        long s2 = rig.allocate(8192);
        long ttb = rig.allocate(4096);
        rig.nested(1, Rig.cd(ttb), s2);
        rig.ste(1, rig.ste(1).with(2, Ste.S2HA, 1).with(2, Ste.S2HD, 1));
        long leaf = rig.map(s2, 1, Rig.RAM, Rig.RAM, (Rig.LEAF2 & ~(AF | READ_ONLY)) | DBM, 1);
        rig.go(1, 0x1000, Access.WRITE);
        assertThat(rig.ram.read(leaf, 8) & (AF | READ_ONLY)).isEqualTo(AF);
    }

    @Test
    void aWriteThroughBothStagesDirtiesBothAndTheTableThatStage1Updates() {
        long s2 = rig.allocate(8192);
        long ttb = rig.allocate(4096);
        rig.nested(1, Rig.cd(ttb).with(0, Cd.HA, 1).with(0, Cd.HD, 1), s2);
        rig.ste(1, rig.ste(1).with(2, Ste.S2HA, 1).with(2, Ste.S2HD, 1));
        long clean = (Rig.LEAF2 & ~(AF | READ_ONLY)) | DBM;
        long tables = rig.map(s2, 1, Rig.RAM, Rig.RAM, clean, 1);
        long data = rig.map(s2, 1, 0x1_0000_0000L, PAGE, clean, 3);
        long leaf = rig.map(ttb, 0, 0x1000, 0x1_0000_0000L, (Rig.LEAF & ~AF) | READ_ONLY | DBM, 3);
        assertThat(rig.pa(1, 0x1000, Access.WRITE)).isEqualTo(PAGE);
        assertThat(rig.ram.read(leaf, 8) & (AF | READ_ONLY)).isEqualTo(AF);
        assertThat(rig.ram.read(tables, 8) & (AF | READ_ONLY)).isEqualTo(AF | READ_ONLY);
        assertThat(rig.ram.read(data, 8) & (AF | READ_ONLY)).isEqualTo(AF | READ_ONLY);
    }

    @Test
    void httuOfTheAccessFlagAloneLeavesCleanPagesReadOnly() {
        Rig one = new Rig(SmmuIdentity.MAX.withIdr0(Idr0.HTTU, 1)).start();
        long ttb = one.allocate(4096);
        one.stage1(1, Rig.cd(ttb).with(0, Cd.HA, 1));
        long leaf = one.map(ttb, 0, 0x1000, PAGE, (Rig.LEAF & ~AF) | READ_ONLY | DBM, 3);
        assertThat(one.fault(1, 0x1000, Access.WRITE)).isEqualTo(EventType.F_PERMISSION);
        assertThat(one.pa(1, 0x1000, Access.READ)).isEqualTo(PAGE);
        assertThat(one.ram.read(leaf, 8) & (AF | READ_ONLY)).isEqualTo(AF | READ_ONLY);
    }

    @Test
    void s2PtwLooksAtTheTypeThatS2FwbGives() {
        long s2 = rig.allocate(8192);
        long ttb = rig.allocate(4096);
        rig.nested(1, Rig.cd(ttb), s2);
        // MemAttr = 0b0110: inner write-through, outer Non-cacheable; with FWB write-back.
        rig.map(s2, 1, Rig.RAM, Rig.RAM, (Rig.LEAF2 & ~0x3cL) | 0b0010 << 2, 1);
        rig.ste(1, rig.ste(1).with(2, Ste.S2PTW, 1).with(1, Ste.S2FWB, 1));
        assertThat(rig.event(1, 0x1000, Access.READ).cause()).isEqualTo(Cause.CD);
        rig.map(s2, 1, Rig.RAM, Rig.RAM, (Rig.LEAF2 & ~0x3cL) | 0b0110 << 2, 1);
        assertThat(rig.fault(1, 0x1000, Access.READ)).isEqualTo(EventType.F_TRANSLATION);
    }

    /// RAM in which another agent changes a descriptor between the SMMU's read and its update.
    private static final class Raced implements PhysicalMemory {
        final SparseRam ram = new SparseRam(Rig.RAM, 64 << 20);
        long descriptor;
        long[] changes = {};
        int next;

        @Override
        public boolean accepts(long address, long length) {
            return ram.accepts(address, length);
        }

        @Override
        public long read(long address, int width) {
            return ram.read(address, width);
        }

        @Override
        public boolean write(long address, int width, long value, int requester) {
            return ram.write(address, width, value, requester);
        }

        @Override
        public boolean compareAndSet(long address, long expected, long update) {
            if (address == descriptor && next < changes.length) {
                ram.write(address, 8, changes[next++]);
            }
            return ram.compareAndSet(address, expected, update);
        }
    }

    @Test
    void anUpdateThatLosesARaceIsTriedAgainOnWhatTheOtherWrote() {
        Raced memory = new Raced();
        long ttb = Rig.RAM + 0x1000;
        long leaf = Rig.RAM + 0x4000;
        for (int i = 0; i < 3; i++) {
            memory.ram.write(ttb + 4096L * i, 8, ttb + 4096L * (i + 1) | 3);
        }
        long old = PAGE | (Rig.LEAF & ~AF) | 2 | READ_ONLY | DBM;
        Walker walker = new Walker(memory, SmmuIdentity.MAX);
        Cd cd = Rig.cd(ttb).with(0, Cd.HA, 1).with(0, Cd.HD, 1);
        StreamConfig stream =
                SteDecoder.decode(
                        Ste.ZERO.withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5)),
                        SmmuIdentity.MAX,
                        false);
        ContextConfig context = CdDecoder.decode(cd, stream, SmmuIdentity.MAX);
        // Another page, with a software bit set; then unmapped.
        long other = old + 0x3000 | 1L << 55;
        memory.descriptor = leaf;
        for (long[] changes : new long[][] {{other}, {0}}) {
            memory.ram.write(leaf, 8, old);
            memory.changes = changes;
            memory.next = 0;
            walker.begin(dev.belfry.model.journey.Probe.NONE, true);
            boolean passed = walker.walk(stream, context, 0, Permissions.UW);
            assertThat(passed).isEqualTo(changes[0] != 0);
            if (passed) {
                assertThat(walker.pa).isEqualTo(PAGE + 0x3000);
                assertThat(memory.ram.read(leaf, 8)).isEqualTo((other | AF) & ~READ_ONLY);
            } else {
                assertThat(walker.fault().type()).isEqualTo(EventType.F_TRANSLATION);
                assertThat(memory.ram.read(leaf, 8)).isZero();
            }
        }
    }
}
