package dev.belfry.kernel.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.kernel.TestMachine;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The transitions that Linux's own test of the algorithm has (arm-smmu-v3-test.c), with the number
/// of times that the SMMU is told, and whether the entry is invalid in between.
class EntryWriterTest {

    private static final long AT = TestMachine.RAM_BASE + 0x1000;
    private static final long TABLE = 0xF0F0_F0F0_F0C0L;
    private static final long OTHER_TABLE = 0x4B4B_4b4B_40L;
    private static final int DSS_BYPASS = 1;
    private static final int DSS_SSID0 = 2;

    private final TestMachine machine = new TestMachine(1 << 20, 1);

    private static long[] entry(long... words) {
        long[] all = new long[EntryWriter.WORDS];
        System.arraycopy(words, 0, all, 0, words.length);
        return all;
    }

    private static long[] table(int dss, long table, boolean ats, boolean stall) {
        return entry(
                Ste.V.mask() | Ste.CONFIG.of(5) | Ste.S1FMT.of(2) | table | Ste.S1CDMAX.of(31),
                Ste.S1DSS.of(dss)
                        | Ste.S1CIR.of(1)
                        | Ste.S1COR.of(1)
                        | Ste.S1CSH.of(3)
                        | Ste.S1STALLD.of(stall ? 0 : 1)
                        | Ste.EATS.of(ats ? 1 : 0)
                        | Ste.SHCFG.of(dss == DSS_BYPASS ? 1 : 0));
    }

    private static long[] stage2(boolean ats, boolean stall) {
        long vtcr =
                Ste.S2T0SZ.of(4)
                        | Ste.S2SL0.of(3)
                        | Ste.S2IR0.of(2)
                        | Ste.S2OR0.of(1)
                        | Ste.S2SH0.of(3)
                        | Ste.S2TG.of(2)
                        | Ste.S2PS.of(1);
        return entry(
                Ste.V.mask() | Ste.CONFIG.of(6),
                Ste.EATS.of(ats ? 1 : 0) | Ste.SHCFG.of(1),
                vtcr
                        | Ste.S2AA64.mask()
                        | Ste.S2PTW.mask()
                        | Ste.S2S.of(stall ? 1 : 0)
                        | Ste.S2R.mask(),
                Ste.S2TTB.inPlace(0xdaed_beef_dead_beefL));
    }

    private static long[] nested() {
        long[] of = stage2(true, false);
        long[] s1 = table(DSS_BYPASS, TABLE, true, false);
        return entry(s1[0] | Ste.CONFIG.of(7), s1[1] | Ste.MEV.mask(), of[2], of[3]);
    }

    private static long[] ste(String name) {
        return switch (name) {
            case "abort" -> entry(1);
            case "bypass" -> entry(9, Ste.SHCFG.of(1));
            case "s1" -> table(DSS_SSID0, TABLE, true, false);
            case "s1-dss-bypass" -> table(DSS_BYPASS, TABLE, true, false);
            case "s1-dss-bypass-elsewhere" -> table(DSS_BYPASS, OTHER_TABLE, true, false);
            case "s1-stall" -> table(DSS_SSID0, TABLE, false, true);
            case "s2" -> stage2(true, false);
            case "s2-stall" -> stage2(false, true);
            case "s2-no-ats" -> stage2(false, false);
            case "nested" -> nested();
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static long[] cd(String name) {
        return switch (name) {
            case "none" -> entry();
            case "asid-778" -> context(778, false);
            case "asid-1997" -> context(1997, false);
            case "asid-1997-epd0" -> context(1997, true);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static long[] context(int asid, boolean noTable) {
        long w0 =
                Cd.EPD1.mask()
                        | Cd.V.mask()
                        | Cd.AA64.mask()
                        | Cd.R.mask()
                        | Cd.A.mask()
                        | Cd.ASET.mask()
                        | Cd.IPS.of(1)
                        | Cd.ASID.of(asid);
        long geometry = Cd.T0SZ.of(4) | Cd.TG0.of(2) | Cd.IR0.of(2) | Cd.OR0.of(1) | Cd.SH0.of(3);
        return entry(
                w0 | (noTable ? Cd.EPD0.mask() : geometry),
                noTable ? 0 : Cd.TTB0.inPlace(0xdaed_beef_dead_beefL),
                0,
                0xabc_def0_1234_5678L);
    }

    @ParameterizedTest
    @CsvSource({
        "bypass, abort, 2, true",
        "abort, bypass, 2, true",
        "s1, abort, 2, true",
        "abort, s1, 2, true",
        "s1, bypass, 3, true",
        "bypass, s1, 3, true",
        "s1, s1-dss-bypass, 1, true",
        "s1-dss-bypass, s1, 1, true",
        "s1-dss-bypass, bypass, 2, true",
        "bypass, s1-dss-bypass, 2, true",
        "s2, abort, 2, true",
        "abort, s2, 2, true",
        "s2, bypass, 2, true",
        "bypass, s2, 2, true",
        "s1, s2, 3, true",
        "s2, s1, 3, true",
        "s1-stall, s2-stall, 3, true",
        "s2-stall, s1-stall, 3, true",
        "nested, s2-no-ats, 3, true",
        "s2-no-ats, nested, 2, true",
        "s1, s1-dss-bypass-elsewhere, 3, false"
    })
    void streamTableEntriesChangeAsLinuxsTestSays(
            String from, String to, int syncs, boolean hitless) {
        check(UsedBits.STE, ste(from), ste(to), syncs, hitless);
    }

    @ParameterizedTest
    @CsvSource({
        "none, asid-1997, 2, false",
        "asid-1997, none, 2, false",
        "asid-778, asid-1997, 1, true",
        "asid-1997, asid-778, 1, true",
        "asid-1997, asid-1997-epd0, 2, true",
        "asid-1997-epd0, asid-1997, 2, true"
    })
    void contextDescriptorsChangeAsLinuxsTestSays(
            String from, String to, int syncs, boolean hitless) {
        check(UsedBits.CD, cd(from), cd(to), syncs, hitless);
    }

    private void check(UsedBits kind, long[] from, long[] to, int syncs, boolean hitless) {
        for (int i = 0; i < from.length; i++) {
            machine.write(AT + 8L * i, 8, from[i]);
        }
        List<long[]> seen = new ArrayList<>();
        new EntryWriter(machine, kind).replace(AT, to, () -> seen.add(words()));
        assertThat(words()).isEqualTo(to);
        assertThat(seen).hasSize(syncs);
        assertThat(seen.stream().noneMatch(e -> e[0] == 0)).isEqualTo(hitless);
        // whenever the SMMU is told, what it looks at is the old entry or the new one
        assertThat(seen)
                .allMatch(e -> e[0] == 0 || looksLike(kind, e, from) || looksLike(kind, e, to));
    }

    private static boolean looksLike(UsedBits kind, long[] entry, long[] other) {
        for (int i = 0; i < entry.length; i++) {
            long counts = kind.used(entry, i) & ~kind.safe(entry, other, i);
            if (((entry[i] ^ other[i]) & counts) != 0) {
                return false;
            }
        }
        return true;
    }

    private long[] words() {
        long[] words = new long[EntryWriter.WORDS];
        for (int i = 0; i < words.length; i++) {
            words[i] = machine.read(AT + 8L * i, 8);
        }
        return words;
    }
}
