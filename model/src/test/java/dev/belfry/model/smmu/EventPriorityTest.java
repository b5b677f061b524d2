package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Which event is recorded when several apply, for each step of IHI 0070 7.3.22: every case has the
/// cause that is named, and causes of all the later ones.
class EventPriorityTest {

    private static final long VA = 0x12_3456_7000L;
    private static final long PAGE = 0x4000_5000L;

    /// An IPA that stage 2 maps to where nothing answers, and one that it does not map.
    private static final long NOWHERE = 0x5000_0000L;

    private static final long UNMAPPED = 0x10_0000_0000L;
    private static final long READ_ONLY = 1 << 7;
    private static final long AF = 1 << 10;
    private static final int SSID = 3;

    /// A stream with both stages and eight substreams, mapped from VA to PAGE.
    static final class Nested {
        final Rig rig = new Rig(SmmuIdentity.MAX).start();
        final long s2 = rig.allocate(8192);
        final long ttb = rig.allocate(4096);
        final long cds = rig.allocate(8 * 64);
        final long leaf = rig.map(ttb, 0, VA, PAGE, Rig.LEAF, 3);

        Nested() {
            rig.identity(s2);
            for (int i = 0; i < 8; i++) {
                rig.words(cds + 64L * i, cd().words());
            }
            Ste ste = Rig.stage2(Ste.Config.NESTED, s2);
            ste(ste.withWord(0, ste.w0() | cds).with(0, Ste.S1CDMAX, 3));
        }

        Cd cd() {
            return Rig.cd(ttb).with(0, Cd.IPS, 2);
        }

        void ste(Ste ste) {
            rig.ste(Rig.SID, ste);
        }

        Ste ste() {
            return rig.ste(Rig.SID);
        }

        void cd(Cd cd) {
            rig.words(cds + 64L * SSID, cd.words());
        }

        /// The one record of a write.
        EventRecord write(int sid, int ssid, long address) {
            rig.smmu.translate(sid, ssid, address, Access.WRITE);
            List<EventRecord> all = rig.events();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    private static Arguments c(
            String name, EventType expected, int s2, int cls, Consumer<Nested> break_) {
        return Arguments.of(name, expected, s2, cls, SSID, VA, break_);
    }

    private static Arguments at(
            String name, EventType expected, int s2, int cls, long va, Consumer<Nested> break_) {
        return Arguments.of(name, expected, s2, cls, SSID, va, break_);
    }

    private static final int CD = 0;
    private static final int TT = 1;
    private static final int IN = 2;

    static Stream<Arguments> configurations() {
        return Stream.of(
                c(
                        "an STE that is not there, before what is in it",
                        EventType.F_STE_FETCH,
                        0,
                        0,
                        EventPriorityTest::noStreamTable),
                Arguments.of(
                        "an invalid STE, before a SubstreamID that is too large",
                        EventType.C_BAD_STE,
                        0,
                        0,
                        9,
                        VA,
                        (Consumer<Nested>) n -> n.ste(n.ste().with(0, Ste.V, 0))),
                Arguments.of(
                        "a SubstreamID that is too large, before a CD that cannot be reached",
                        EventType.C_BAD_SUBSTREAMID,
                        0,
                        0,
                        9,
                        VA,
                        (Consumer<Nested>) EventPriorityTest::cdsUnmapped),
                Arguments.of(
                        "a stream without substream disabled, before a CD that cannot be reached",
                        EventType.F_STREAM_DISABLED,
                        0,
                        0,
                        -1,
                        VA,
                        (Consumer<Nested>) EventPriorityTest::cdsUnmapped),
                c(
                        "a CD that stage 2 does not map, before its absence",
                        EventType.F_TRANSLATION,
                        1,
                        CD,
                        EventPriorityTest::cdsUnmapped),
                c(
                        "a CD that stage 2 does not let be read, before its absence",
                        EventType.F_PERMISSION,
                        1,
                        CD,
                        n -> {
                            n.rig.map(n.s2, 1, NOWHERE, NOWHERE, Rig.LEAF2 & ~0x40L, 1);
                            cdsAt(n, NOWHERE);
                        }),
                c(
                        "a CD that is not there, before what is in it",
                        EventType.F_CD_FETCH,
                        0,
                        0,
                        n -> cdsAt(n, NOWHERE)),
                at(
                        "an invalid CD, before an address that is too large for it",
                        EventType.C_BAD_CD,
                        0,
                        0,
                        1L << 50,
                        n -> n.cd(n.cd().with(0, Cd.V, 0))));
    }

    private static void noStreamTable(Nested n) {
        n.rig.write(SmmuRegister.CR0, 0xc);
        n.rig.write(SmmuRegister.STRTAB_BASE, NOWHERE);
        n.rig.write(SmmuRegister.CR0, 0xd);
    }

    private static void cdsUnmapped(Nested n) {
        cdsAt(n, UNMAPPED);
    }

    private static void cdsAt(Nested n, long ipa) {
        Ste ste = n.ste();
        n.ste(ste.withWord(0, (ste.w0() & ~0x00ff_ffff_ffff_ffc0L) | ipa));
    }

    static Stream<Arguments> walks() {
        return Stream.of(
                at(
                        "an address that is too large, before a table that stage 2 does not map",
                        EventType.F_TRANSLATION,
                        0,
                        IN,
                        1L << 50,
                        n -> n.cd(n.cd().withWord(1, UNMAPPED))),
                at(
                        "a disabled half, before its table",
                        EventType.F_TRANSLATION,
                        0,
                        IN,
                        -4096L,
                        n -> n.cd(n.cd().withWord(2, UNMAPPED))),
                c(
                        "a table beyond stage 2's input size",
                        EventType.F_TRANSLATION,
                        1,
                        TT,
                        n -> {
                            n.ste(n.ste().with(2, Ste.S2T0SZ, 25));
                            n.cd(n.cd().withWord(1, 1L << 39));
                        }),
                c(
                        "a table that stage 2 does not map, before its absence",
                        EventType.F_TRANSLATION,
                        1,
                        TT,
                        n -> n.cd(n.cd().withWord(1, UNMAPPED))),
                c(
                        "a table that stage 2 does not let be read, before its absence",
                        EventType.F_PERMISSION,
                        1,
                        TT,
                        n -> {
                            n.rig.map(n.s2, 1, UNMAPPED, NOWHERE, Rig.LEAF2 & ~0x40L, 3);
                            n.cd(n.cd().withWord(1, UNMAPPED));
                        }),
                c(
                        "a descriptor that is not there, before what is in it",
                        EventType.F_WALK_EABT,
                        0,
                        TT,
                        n -> {
                            n.rig.map(n.s2, 1, UNMAPPED, NOWHERE, Rig.LEAF2, 3);
                            n.cd(n.cd().withWord(1, UNMAPPED));
                        }),
                c(
                        "an invalid descriptor, before its address",
                        EventType.F_TRANSLATION,
                        0,
                        IN,
                        n -> n.rig.words(n.leaf, 1L << 45 | READ_ONLY)),
                c(
                        "an address that is too large in a Table descriptor, before the table there",
                        EventType.F_ADDR_SIZE,
                        0,
                        IN,
                        n -> n.rig.words(n.ttb, 1L << 45 | 3)),
                c(
                        "an address that is too large in the leaf, before its access flag",
                        EventType.F_ADDR_SIZE,
                        0,
                        IN,
                        n -> n.rig.words(n.leaf, 1L << 45 | READ_ONLY | 3)),
                c(
                        "the access flag, before the permission",
                        EventType.F_ACCESS,
                        0,
                        IN,
                        n -> n.rig.words(n.leaf, UNMAPPED | READ_ONLY | 3)),
                c(
                        "stage 1's permission, before stage 2 of the IPA",
                        EventType.F_PERMISSION,
                        0,
                        IN,
                        n -> n.rig.words(n.leaf, UNMAPPED | Rig.LEAF | READ_ONLY | 2)));
    }

    static Stream<Arguments> lastStage2() {
        long none = 0;
        long tooLarge = 1L << 45 | 1;
        long flag = NOWHERE | (Rig.LEAF2 & ~AF & ~0x80L);
        long readOnly = NOWHERE | (Rig.LEAF2 & ~0x80L);
        return Stream.of(
                c("nothing mapped", EventType.F_TRANSLATION, 1, IN, n -> last(n, none)),
                c("an invalid leaf", EventType.F_TRANSLATION, 1, IN, n -> last(n, tooLarge & ~1)),
                c("its address, before AF", EventType.F_ADDR_SIZE, 1, IN, n -> last(n, tooLarge)),
                c("AF, before the permission", EventType.F_ACCESS, 1, IN, n -> last(n, flag)),
                c("the permission", EventType.F_PERMISSION, 1, IN, n -> last(n, readOnly)),
                c(
                        "its table is not there",
                        EventType.F_WALK_EABT,
                        1,
                        IN,
                        n -> {
                            n.rig.words(n.leaf, UNMAPPED | Rig.LEAF | 2);
                            n.rig.words(n.s2 + (UNMAPPED >>> 30 << 3), NOWHERE | 3);
                        }));
    }

    /// Lets stage 1 give an IPA of which stage 2 says `leaf`.
    private static void last(Nested n, long leaf) {
        n.rig.words(n.leaf, UNMAPPED | Rig.LEAF | 2);
        long at = n.rig.map(n.s2, 1, UNMAPPED, 0, 0, 3);
        n.rig.words(at, leaf == 0 ? 0 : leaf | 2);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"configurations", "walks", "lastStage2"})
    void theFirstOfSeveralEventsIsRecorded(
            String name,
            EventType expected,
            int s2,
            int cls,
            int ssid,
            long va,
            Consumer<Nested> break_) {
        Nested n = new Nested();
        break_.accept(n);
        EventRecord e = n.write(Rig.SID, ssid, va);
        assertThat(e.w0() & 0xff).isEqualTo(expected.code());
        assertThat(e.w1() >>> 39 & 1).as("S2").isEqualTo(s2);
        assertThat(e.w1() >>> 40 & 3).as("CLASS").isEqualTo(cls);
        assertThat(e.w1() >>> 31 & 1).as("Stall").isZero();
        boolean hasAddress = expected.isTranslationRelated() || expected == EventType.F_WALK_EABT;
        assertThat(e.w2()).as("InputAddr").isEqualTo(hasAddress ? va : 0);
        // RnW is the transaction's, whatever the SMMU itself was reading (7.3.12, 7.3.13).
        assertThat(e.w1() >>> 35 & 1).as("RnW").isZero();
    }

    @Test
    void aStreamIdThatIsTooLargeComesBeforeAStreamTableThatIsNotThere() {
        Nested n = new Nested();
        noStreamTable(n);
        assertThat(n.write(0x100, SSID, VA).w0()).isEqualTo(0x100L << 32 | SSID << 12 | 0x802);
        assertThat(n.write(0xff, SSID, VA).w0()).isEqualTo(0xffL << 32 | SSID << 12 | 0x803);
    }

    // 7.3.12: FetchAddr is the PA of the descriptor whose fetch was aborted, of stage 2 with S2 =
    // 1.
    @Test
    void fetchAddrNamesTheDescriptorThatNobodyAnswersFor() {
        Nested n = new Nested();
        long s2Table = NOWHERE;
        n.rig.words(n.s2 + (UNMAPPED >>> 30 << 3), s2Table | 3);
        long ipa = UNMAPPED + 0x40_0000;
        n.rig.words(n.leaf, ipa | Rig.LEAF | 2);
        assertThat(n.write(Rig.SID, SSID, VA).w3()).isEqualTo(s2Table + 2 * 8);
        n.cd(n.cd().withWord(1, ipa));
        EventRecord tt = n.write(Rig.SID, SSID, VA);
        assertThat(tt.w1() >>> 39 & 7).as("CLASS, S2").isEqualTo(TT << 1 | 1);
        assertThat(tt.w3()).isEqualTo(s2Table + 2 * 8);
        cdsAt(n, ipa);
        EventRecord cd = n.write(Rig.SID, SSID, VA);
        assertThat(cd.w1() >>> 39 & 7).as("CLASS, S2").isEqualTo(CD << 1 | 1);
        assertThat(cd.w3()).isEqualTo(s2Table + 2 * 8);
    }

    // 7.3: PnU and InD are those after the STE's overrides, from the fetch of the CD on; InD = 0
    // with
    // a write (7.3.13).
    @Test
    void privilegeAndInstructionAreRecordedAsTheSteOverridesThem() {
        Nested n = new Nested();
        n.ste(n.ste().with(1, Ste.PRIVCFG, 3).with(1, Ste.INSTCFG, 3));
        cdsUnmapped(n);
        n.rig.smmu.translate(Rig.SID, SSID, VA, Access.READ);
        assertThat(n.rig.events().getFirst().w1() >>> 33 & 7).as("RnW, InD, PnU").isEqualTo(7);
        assertThat(n.write(Rig.SID, SSID, VA).w1() >>> 33 & 7).isEqualTo(1);
        cdsAt(n, n.cds);
        n.rig.words(n.leaf, 0);
        n.rig.smmu.translate(Rig.SID, SSID, VA, Access.READ);
        assertThat(n.rig.events().getFirst().w1() >>> 33 & 7).isEqualTo(7);
        n.ste(n.ste().with(1, Ste.PRIVCFG, 2).with(1, Ste.INSTCFG, 2));
        n.rig.smmu.translate(Rig.SID, SSID, VA, Access.PRIVILEGED_EXECUTE);
        assertThat(n.rig.events().getFirst().w1() >>> 33 & 7).isEqualTo(4);
    }
}
