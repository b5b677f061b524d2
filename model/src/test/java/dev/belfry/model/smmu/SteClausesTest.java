package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.belfry.model.smmu.StreamConfig.Kind;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;
import dev.belfry.model.smmu.spec.Ste;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The validity of an STE: SteIllegal() of IHI 0070 5.2.2, a case for each of its conditions, and
/// for each thing that is IGNORED or RES0 and so makes no STE ILLEGAL.
class SteClausesTest {

    private static final SmmuIdentity MAX = SmmuIdentity.MAX;
    private static final SmmuIdentity BARE =
            SmmuIdentity.QEMU_10_2_NESTED.withIdr0(Idr0.HTTU, 0).withIdr0(Idr0.HYP, 0);
    private static final long CDS = 0x4100_0000L;

    private static final Ste BYPASS = Ste.bypass();
    private static final Ste S1 = Ste.ZERO.withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5) | CDS);
    private static final Ste S2 = Rig.stage2(Ste.Config.S2, 0x4200_0000L);
    private static final Ste NESTED = nested();

    private static Ste nested() {
        Ste ste = Rig.stage2(Ste.Config.NESTED, 0x4200_0000L);
        return ste.withWord(0, ste.w0() | CDS);
    }

    private static SmmuIdentity max(dev.belfry.model.bits.Field field, int value) {
        return MAX.withIdr0(field, value);
    }

    static Stream<Arguments> illegal() {
        SmmuIdentity s1Only = MAX.withStages(SmmuIdentity.Stages.ONE);
        SmmuIdentity s2Only = MAX.withStages(SmmuIdentity.Stages.TWO);
        return Stream.of(
                arguments("V = 0", MAX, S1.with(0, Ste.V, 0)),
                arguments("V = 0 whatever Config is", MAX, Ste.ZERO),
                arguments("stage 1 with S1P = 0", s2Only, S1),
                arguments("both stages with S1P = 0", s2Only, NESTED),
                arguments("stage 2 with S2P = 0", s1Only, S2),
                arguments("both stages with S2P = 0", s1Only, NESTED),
                arguments("EATS = 0b10, stage 1 only", MAX, S1.with(1, Ste.EATS, 2)),
                arguments("EATS = 0b10, stage 2 only", MAX, S2.with(1, Ste.EATS, 2)),
                arguments(
                        "EATS = 0b10 with S2S",
                        MAX,
                        NESTED.with(1, Ste.EATS, 2).with(2, Ste.S2S, 1)),
                arguments(
                        "EATS = 0b10 with NS1ATS",
                        max(Idr0.NS1ATS, 1),
                        NESTED.with(1, Ste.EATS, 2)),
                arguments(
                        "EATS = 0b01 with S2S",
                        MAX,
                        NESTED.with(1, Ste.EATS, 1).with(2, Ste.S2S, 1)),
                arguments("STRW = 0b01", MAX, S1.with(1, Ste.STRW, 1)),
                arguments("STRW = 0b11", MAX, S1.with(1, Ste.STRW, 3)),
                arguments(
                        "S1STALLD without stalls",
                        max(Idr0.STALL_MODEL, 1),
                        S1.with(1, Ste.S1STALLD, 1)),
                arguments(
                        "S1STALLD with forced stalls",
                        max(Idr0.STALL_MODEL, 2),
                        S1.with(1, Ste.S1STALLD, 1)),
                arguments("S1CDMax > SSIDSIZE", MAX.withSsidSize(8), S1.with(0, Ste.S1CDMAX, 9)),
                arguments(
                        "2-level CDs with CD2L = 0",
                        max(Idr0.CD2L, 0),
                        S1.with(0, Ste.S1CDMAX, 8).with(0, Ste.S1FMT, 1)),
                arguments(
                        "2-level CDs of 64 KiB with CD2L = 0",
                        max(Idr0.CD2L, 0),
                        S1.with(0, Ste.S1CDMAX, 8).with(0, Ste.S1FMT, 2)),
                arguments(
                        "S1ContextPtr beyond the OAS",
                        MAX.withOas(44),
                        S1.withWord(0, S1.w0() | 1L << 44)),
                arguments("S2S without stalls", max(Idr0.STALL_MODEL, 1), S2.with(2, Ste.S2S, 1)),
                arguments("S2S = 0 with forced stalls", max(Idr0.STALL_MODEL, 2), S2),
                arguments("VMSAv8-32", MAX, S2.with(2, Ste.S2AA64, 0)),
                arguments("VMSAv8-64 with TTF = 0b01", max(Idr0.TTF, 1), S2),
                arguments("S2HA without HTTU", max(Idr0.HTTU, 0), S2.with(2, Ste.S2HA, 1)),
                arguments("S2HD without HTTU", max(Idr0.HTTU, 0), S2.with(2, Ste.S2HD, 1)),
                arguments("S2HD with HTTU = 1", max(Idr0.HTTU, 1), S2.with(2, Ste.S2HD, 1)),
                arguments("S2TG = 0b11", MAX, S2.with(2, Ste.S2TG, 3)),
                arguments("S2TTB beyond S2PS", MAX, S2.with(2, Ste.S2PS, 0).withWord(3, 1L << 32)),
                arguments("S2TTB beyond the OAS", MAX.withOas(44), S2.withWord(3, 1L << 44)),
                arguments(
                        "S2TTB beyond 48 bits with 4 KiB",
                        MAX,
                        S2.with(2, Ste.S2PS, 6).withWord(3, 1L << 48)),
                arguments("big-endian tables", MAX, S2.with(2, Ste.S2ENDI, 1)),
                arguments("little-endian tables", max(Idr0.TTENDIAN, 3), S2),
                arguments(
                        "16-bit VMID with VMID16 = 0",
                        max(Idr0.VMID16, 0),
                        S2.with(2, Ste.S2VMID, 0x100)),
                arguments(
                        "16-bit VMID of a stage 1 stream",
                        max(Idr0.VMID16, 0),
                        S1.with(2, Ste.S2VMID, 0x100)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("illegal")
    void eachConditionOfSteIllegalMakesABadSte(String what, SmmuIdentity id, Ste ste) {
        assertThat(SteDecoder.decode(ste, id, false).kind()).isEqualTo(Kind.ILLEGAL);
    }

    static Stream<Arguments> legal() {
        Ste junk2 = S1.withWord(2, -1L).withWord(3, -1L).with(2, Ste.S2VMID, 7);
        return Stream.of(
                arguments("Config = 0b000", MAX, Ste.abort(), Kind.ABORT),
                arguments(
                        "Config = 0b011 with anything else",
                        BARE,
                        new Ste(Ste.V.of(1) | Ste.CONFIG.of(3), -1, -1, -1, -1, -1, -1, -1),
                        Kind.ABORT),
                arguments(
                        "bypass: S1 and S2 fields are IGNORED",
                        MAX,
                        new Ste(
                                BYPASS.w0() | Ste.S1CDMAX.of(31) | Ste.S1FMT.of(2),
                                Ste.EATS.of(2) | Ste.S1STALLD.of(1) | Ste.STRW.of(3),
                                -1,
                                -1,
                                0,
                                0,
                                0,
                                0),
                        Kind.BYPASS),
                arguments("stage 1: S2 fields are IGNORED", MAX, junk2, Kind.TRANSLATE),
                arguments(
                        "stage 2: S1 fields are IGNORED",
                        max(Idr0.STALL_MODEL, 1),
                        S2.with(0, Ste.S1CDMAX, 31)
                                .withWord(0, S2.w0() | Ste.S1CONTEXTPTR.mask())
                                .with(1, Ste.S1STALLD, 1)
                                .with(1, Ste.STRW, 3),
                        Kind.TRANSLATE),
                arguments(
                        "EATS is IGNORED without ATS",
                        max(Idr0.ATS, 0),
                        S1.with(1, Ste.EATS, 2),
                        Kind.TRANSLATE),
                arguments(
                        "EATS = 0b01 and S2S, stage 2 off",
                        MAX,
                        S1.with(1, Ste.EATS, 1).with(2, Ste.S2S, 1),
                        Kind.TRANSLATE),
                arguments("EATS = 0b11 without DPT", MAX, S1.with(1, Ste.EATS, 3), Kind.TRANSLATE),
                arguments("split-stage ATS", MAX, NESTED.with(1, Ste.EATS, 2), Kind.TRANSLATE),
                arguments(
                        "STRW is RES0 without Hyp",
                        max(Idr0.HYP, 0),
                        S1.with(1, Ste.STRW, 3),
                        Kind.TRANSLATE),
                arguments(
                        "STRW is IGNORED with stage 2",
                        MAX,
                        NESTED.with(1, Ste.STRW, 3),
                        Kind.TRANSLATE),
                arguments(
                        "S1Fmt = 0b11 behaves as 0b00 with CD2L = 0",
                        max(Idr0.CD2L, 0),
                        S1.with(0, Ste.S1CDMAX, 8).with(0, Ste.S1FMT, 3),
                        Kind.TRANSLATE),
                arguments(
                        "S1Fmt is IGNORED with S1CDMax = 0",
                        max(Idr0.CD2L, 0),
                        S1.with(0, Ste.S1FMT, 1),
                        Kind.TRANSLATE),
                arguments(
                        "S1CDMax is IGNORED with SSIDSIZE = 0",
                        MAX.withSsidSize(0),
                        S1.with(0, Ste.S1CDMAX, 31).with(0, Ste.S1FMT, 2),
                        Kind.TRANSLATE),
                arguments(
                        "S1CDMax = SSIDSIZE",
                        MAX.withSsidSize(8),
                        S1.with(0, Ste.S1CDMAX, 8),
                        Kind.TRANSLATE),
                arguments(
                        "S2HD without S2HA is Reserved, not ILLEGAL",
                        MAX,
                        S2.with(2, Ste.S2HD, 1),
                        Kind.TRANSLATE),
                arguments("S2PS beyond the OAS", BARE, S2.with(2, Ste.S2PS, 7), Kind.TRANSLATE),
                arguments(
                        "16-bit VMID of an EL2 stream is IGNORED",
                        max(Idr0.VMID16, 0),
                        S1.with(1, Ste.STRW, 2).with(2, Ste.S2VMID, 0x100),
                        Kind.TRANSLATE),
                arguments(
                        "16-bit VMID without stage 2 is IGNORED",
                        MAX.withStages(SmmuIdentity.Stages.ONE).withIdr0(Idr0.VMID16, 0),
                        S1.with(2, Ste.S2VMID, 0x100),
                        Kind.TRANSLATE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("legal")
    void whatIsIgnoredOrReservedMakesNoBadSte(String what, SmmuIdentity id, Ste ste, Kind kind) {
        StreamConfig config = SteDecoder.decode(ste, id, false);
        assertThat(config.kind()).as(config.rule()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        // S2TG, S2SL0; from and to: the S2T0SZ that are legal (Arm ARM D8.2.8 to D8.2.10) with
        // 52-bit addresses and small tables.
        "0, 2, 16, 24",
        "0, 1, 21, 33",
        "0, 0, 30, 42",
        "0, 3, 39, 48",
        "2, 2, 16, 27",
        "2, 1, 24, 38",
        "2, 0, 35, 48",
        "2, 3, 99, 99",
        "1, 2, 12, 21",
        "1, 1, 18, 34",
        "1, 0, 31, 47",
        "1, 3, 99, 99"
    })
    void startLevelsAndConcatenationsAreThoseOfTheArmArm(int tg, int sl0, int from, int to) {
        for (int t0sz = 0; t0sz < 64; t0sz++) {
            Ste ste = S2.with(2, Ste.S2TG, tg).with(2, Ste.S2SL0, sl0).with(2, Ste.S2T0SZ, t0sz);
            boolean legal = SteDecoder.decode(ste, MAX, false).kind() == Kind.TRANSLATE;
            assertThat(legal).as("S2T0SZ %d", t0sz).isEqualTo(t0sz >= from && t0sz <= to);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 2, 24", "0, 1, 33", "0, 0, 39", "2, 1, 38", "2, 0, 39", "1, 1, 34", "1, 0, 39"})
    void withoutSmallTablesTheLargestS2T0szIs39AndLevel3IsNoStartWith4KiB(
            int tg, int sl0, int largest) {
        SmmuIdentity noStt = SmmuIdentity.GRACE;
        for (int t0sz = 35; t0sz < 64; t0sz++) {
            Ste ste = S2.with(2, Ste.S2TG, tg).with(2, Ste.S2SL0, sl0).with(2, Ste.S2T0SZ, t0sz);
            boolean legal = SteDecoder.decode(ste, noStt, false).kind() == Kind.TRANSLATE;
            assertThat(legal).as("S2T0SZ %d", t0sz).isEqualTo(t0sz <= largest);
            Ste level3 = S2.with(2, Ste.S2SL0, 3).with(2, Ste.S2T0SZ, t0sz);
            assertThat(SteDecoder.decode(level3, noStt, false).kind()).isEqualTo(Kind.ILLEGAL);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 12", "2, 14", "1, 16"})
    void aGranuleThatIdr5DoesNotNameIsIllegal(int tg, int bits) {
        Ste ste = S2.with(2, Ste.S2TG, tg).with(2, Ste.S2SL0, 1).with(2, Ste.S2T0SZ, 33);
        SmmuIdentity without =
                new SmmuIdentity(
                        "one granule less",
                        MAX.idr0(),
                        MAX.idr1(),
                        0,
                        MAX.idr3(),
                        0,
                        MAX.idr5()
                                & ~(int)
                                        (bits == 12
                                                ? Idr5.GRAN4K.mask()
                                                : bits == 14
                                                        ? Idr5.GRAN16K.mask()
                                                        : Idr5.GRAN64K.mask()),
                        0,
                        2);
        assertThat(SteDecoder.decode(ste, MAX, false).kind()).isEqualTo(Kind.TRANSLATE);
        assertThat(SteDecoder.decode(ste, without, false).kind()).isEqualTo(Kind.ILLEGAL);
    }
}
