package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.L1Cd;
import dev.belfry.model.smmu.spec.L1Std;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Stream tables and CD tables, linear and 2-level (IHI 0070 3.3, 5.1 to 5.3).
class SubstreamTest {

    private static final long PAGE = 0x4000_5000L;
    private final Rig rig = new Rig(SmmuIdentity.MAX).start();

    private void table(int format, int cdMax, int dss, long at) {
        rig.ste(
                1,
                Ste.ZERO
                        .withWord(
                                0,
                                Ste.V.of(1)
                                        | Ste.CONFIG.of(5)
                                        | Ste.S1FMT.of(format)
                                        | Ste.S1CDMAX.of(cdMax)
                                        | at)
                        .withWord(1, Ste.S1DSS.of(dss)));
    }

    private Cd cd(long pa) {
        long ttb = rig.allocate(4096);
        rig.map(ttb, 0, 0x1000, pa, Rig.LEAF, 3);
        return Rig.cd(ttb);
    }

    private EventType event(int ssid) {
        rig.events();
        Translation t = rig.smmu.translate(1, ssid, 0x1000, Access.READ);
        assertThat(t).isInstanceOf(Translation.Faulted.class);
        List<EventRecord> events = rig.events();
        assertThat(events).hasSize(1);
        return events.getFirst().type();
    }

    private long pa(int ssid) {
        return ((Translation.Mapped) rig.smmu.translate(1, ssid, 0x1000, Access.READ)).pa();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void eachFormatFindsItsCds(int format) {
        int[] ssids = {1, 63, 64, 1023, 1024, 4095};
        long l1 = rig.allocate(1 << 18);
        long leaf = rig.allocate(1 << 20);
        for (int ssid : ssids) {
            long[] words = cd(PAGE + 4096L * ssid).words();
            if (format == 0) {
                rig.words(l1 + 64L * ssid, words);
            } else {
                int split = format == 1 ? 6 : 10;
                long at = leaf + ((long) (ssid >> split) << (split + 6));
                rig.words(l1 + 8L * (ssid >> split), L1Cd.of(at).word());
                rig.words(at + 64L * (ssid & (1 << split) - 1), words);
            }
        }
        table(format, 12, 0, l1);
        for (int ssid : ssids) {
            assertThat(pa(ssid)).as("SSID %d", ssid).isEqualTo(PAGE + 4096L * ssid);
        }
        assertThat(event(4096)).isEqualTo(EventType.C_BAD_SUBSTREAMID);
        assertThat(event(-1)).isEqualTo(EventType.F_STREAM_DISABLED);
    }

    @Test
    void anInvalidL1CdIsABadSubstreamIdWithTheIndexThatWasLookedFor() {
        table(1, 10, 0, rig.allocate(4096));
        rig.smmu.translate(1, 0x155, 0, Access.READ);
        EventRecord event = rig.events().getFirst();
        assertThat(event).isEqualTo(new EventRecord(0x1_0015_5008L, 0, 0, 0));
        assertThat(event.substreamId()).isEqualTo(0x155);
    }

    @Test
    void s1DssDecidesForTransactionsWithoutSubstream() {
        long at = rig.allocate(4096);
        rig.words(at, cd(PAGE).words());
        table(0, 2, 2, at);
        assertThat(pa(-1)).isEqualTo(PAGE);
        assertThat(event(0)).isEqualTo(EventType.F_STREAM_DISABLED);
        table(0, 2, 1, at);
        assertThat(pa(-1)).isEqualTo(0x1000);
        assertThat(pa(0)).isEqualTo(PAGE);
        table(0, 2, 3, at);
        assertThat(event(-1)).isEqualTo(EventType.F_STREAM_DISABLED);
    }

    @Test
    void aBypassedStage1DoesNotNeedAValidCd() {
        // Linux's identity domain once PASIDs are in use: S1DSS = bypass, CD 0 invalid.
        table(0, 2, 1, rig.allocate(4096));
        assertThat(pa(-1)).isEqualTo(0x1000);
        assertThat(event(0)).isEqualTo(EventType.C_BAD_CD);
    }

    @Test
    void substreamsWithoutStage1OrWithoutTableAreBad() {
        rig.ste(1, Ste.bypass());
        assertThat(event(3)).isEqualTo(EventType.C_BAD_SUBSTREAMID);
        rig.stage1(1, cd(PAGE));
        assertThat(event(3)).isEqualTo(EventType.C_BAD_SUBSTREAMID);
    }

    @Test
    void aSubstreamIdHasTwentyBitsInTheRecord() {
        table(0, 20, 0, rig.allocate(4096));
        rig.smmu.translate(1, 0xfffff, 0, Access.READ);
        assertThat(rig.events().getFirst().w0() & 0xffff_f800L).isEqualTo(0xffff_f800L);
    }

    private void twoLevel(int split) {
        rig.write(SmmuRegister.CR0, 0);
        rig.write(SmmuRegister.STRTAB_BASE_CFG, 1 << 16 | (long) split << 6 | 16);
        rig.write(SmmuRegister.CR0, 0xd);
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 8, 10})
    void twoLevelStreamTablesFollowSplitAndSpan(int split) {
        twoLevel(split);
        long array = rig.allocate(1 << (split + 6));
        int base = 3 << split;
        // Span n covers 2^(n-1) streams.
        rig.words(Rig.STRTAB + 8 * 3, L1Std.of(4, array).word());
        for (int i = 0; i < 1 << split; i++) {
            rig.words(array + 64L * i, Ste.bypass().words());
        }
        assertThat(rig.pa(base + 7, 0x1000, Access.READ)).isEqualTo(0x1000);
        assertThat(rig.fault(base + 8, 0, Access.READ)).isEqualTo(EventType.C_BAD_STREAMID);
        rig.words(Rig.STRTAB + 8 * 3, L1Std.of(split + 1, array).word());
        assertThat(rig.pa(base + (1 << split) - 1, 0x1000, Access.READ)).isEqualTo(0x1000);
        for (int span : new int[] {0, split + 2, 12, 31}) {
            rig.words(Rig.STRTAB + 8 * 3, L1Std.of(span, array).word());
            assertThat(rig.fault(base, 0, Access.READ))
                    .as("span %d", span)
                    .isEqualTo(EventType.C_BAD_STREAMID);
        }
    }

    @Test
    void l2PtrIsAlignedToItsArrayAndReservedBitsAreNoAddress() {
        twoLevel(8);
        long array = rig.allocate(1 << 14);
        rig.words(array + 64 * 5, Ste.bypass().words());
        rig.words(Rig.STRTAB, L1Std.of(9, array + 0x40).word() | 0x20 | 0xffL << 56);
        assertThat(rig.pa(5, 0x1000, Access.READ)).isEqualTo(0x1000);
    }

    @Test
    void fetchesThatNothingAnswersNameTheAddress() {
        twoLevel(8);
        rig.words(Rig.STRTAB, L1Std.of(9, 0x1_0000_0000L).word());
        EventRecord ste = rig.event(5, 0, Access.READ);
        assertThat(ste.type()).isEqualTo(EventType.F_STE_FETCH);
        assertThat(ste).isEqualTo(new EventRecord(0x5_0000_0003L, 0, 0, 0x1_0000_0140L));
        twoLevel(8);
        long array = rig.allocate(1 << 14);
        rig.words(Rig.STRTAB, L1Std.of(9, array).word());
        rig.words(
                array,
                Ste.ZERO.withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5) | 0x2_0000_0000L).words());
        EventRecord cd = rig.event(0, 0, Access.READ);
        assertThat(cd).isEqualTo(new EventRecord(9, 0, 0, 0x2_0000_0000L));
    }
}
