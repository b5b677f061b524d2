package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.AtsPort.Request;
import dev.belfry.model.smmu.AtsPort.Response;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Translation Requests and Translated transactions, clause by clause (IHI 0070 3.9.1.1 to 3.9.1.3,
/// 3.13.7, 13.6, 13.7).
class AtsClausesTest {

    private static final long A = 0x1_0000_0000L;
    private static final long PAGE = 0x4000_5000L;
    private static final long AF = 1 << 10;
    private static final long READ_ONLY = 1 << 7;
    private static final long DBM = 1L << 51;
    private static final int PASID = 3;

    private static final Response NOTHING = new Response.NoAccess();

    private final Rig rig = new Rig(SmmuIdentity.MAX, new CacheMode.Infinite()).start();
    private final AtsPort ats = rig.smmu.ats();

    /// A stream with stage 1 whose PASIDs 0..7 all use `cd`, and which requests may be made for.
    private void stream(Cd cd) {
        rig.write(SmmuRegister.CR0, 0x1d);
        long at = rig.allocate(8 * 64);
        for (int i = 0; i < 8; i++) {
            rig.words(at + 64L * i, cd.words());
        }
        rig.ste(
                1,
                Ste.ZERO
                        .withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5) | at)
                        .with(0, Ste.S1CDMAX, 3)
                        .with(1, Ste.S1DSS, 2)
                        .with(1, Ste.EATS, 1));
    }

    private Response request(int pasid, boolean noWrite, boolean execute, boolean privileged) {
        return ats.request(new Request(1, pasid, A, noWrite, execute, privileged));
    }

    /// What an answer grants: r, w, x and p for Priv.
    private static String grants(Response response) {
        return response instanceof Response.Granted g
                ? (g.read() ? "r" : "-")
                        + (g.write() ? "w" : "-")
                        + (g.execute() ? "x" : "-")
                        + (g.privileged() ? "p" : "-")
                : response.getClass().getSimpleName();
    }

    // 13.7: the example requests, by page permissions. AP[2:1]: 0 Priv-RW, 1 User-RW and Priv-RW,
    // 2 Priv-RO, 3 User-RO and Priv-RO; VMSAv8-64 has no User-RO with Priv-RW.
    @ParameterizedTest
    @CsvSource({
        // NW, Exe, Priv; AP, UXN, PXN
        "true,  false, false, 3, 0, 0, r---",
        "false, false, false, 1, 0, 0, rw--",
        "false, false, false, 3, 0, 0, r---",
        "false, false, true,  0, 0, 0, rw-p",
        "false, false, false, 1, 1, 1, rw--",
        "false, true,  false, 1, 0, 0, rwx-",
        "false, true,  false, 1, 1, 0, rw--",
        "false, true,  true,  0, 1, 0, rwxp",
        // Execute-only for the user: no access.
        "false, true,  false, 0, 0, 1, NoAccess",
        "true,  false, false, 0, 0, 0, NoAccess",
        "true,  true,  false, 3, 0, 0, r-x-",
        // Exe is granted only where it was asked for.
        "true,  false, true,  2, 0, 0, r--p",
        "true,  true,  true,  2, 0, 0, r-xp",
        "true,  true,  true,  2, 0, 1, r--p",
    })
    void anAnswerGrantsWhatThePagePermitsOfWhatWasAskedFor(
            boolean nw, boolean exe, boolean priv, int ap, int uxn, int pxn, String granted) {
        long ttb = rig.allocate(4096);
        stream(Rig.cd(ttb));
        long leaf = (Rig.LEAF & ~0xc0L) | (long) ap << 6 | (long) uxn << 54 | (long) pxn << 53;
        rig.map(ttb, 0, A, PAGE, leaf, 3);
        assertThat(grants(request(PASID, nw, exe, priv))).isEqualTo(granted);
        assertThat(grants(request(PASID, nw, exe, priv))).as("cached").isEqualTo(granted);
        assertThat(rig.events()).isEmpty();
    }

    // 13.7.1: without a PASID the request is for data, unprivileged, and Exe and Priv come back 0.
    @Test
    void withoutAPasidExeAndPrivDoNotCount() {
        long ttb = rig.allocate(4096);
        stream(Rig.cd(ttb));
        rig.map(ttb, 0, A, PAGE, Rig.LEAF, 3);
        assertThat(grants(request(-1, false, true, true))).isEqualTo("rw--");
        rig.map(ttb, 0, A + 4096, PAGE, Rig.LEAF & ~0x40L, 3);
        assertThat(ats.request(new Request(1, -1, A + 4096, false, true, true))).isEqualTo(NOTHING);
        assertThat(ats.request(new Request(1, PASID, A + 4096, false, false, true)))
                .isEqualTo(new Response.Granted(PAGE, 12, true, true, false, true));
    }

    // 13.7.1: PRIVCFG says which privilege's permissions count; Priv comes back as it was asked.
    @Test
    void privcfgDecidesWhosePermissionsAreGrantedAndNotWhatPrivSays() {
        long ttb = rig.allocate(4096);
        stream(Rig.cd(ttb));
        rig.map(ttb, 0, A, PAGE, Rig.LEAF & ~0x40L, 3);
        rig.ste(1, rig.ste(1).with(1, Ste.PRIVCFG, 3));
        assertThat(grants(request(PASID, false, false, false))).isEqualTo("rw--");
        rig.ste(1, rig.ste(1).with(1, Ste.PRIVCFG, 2));
        rig.command(new dev.belfry.model.smmu.spec.Command.CfgiSte(1, false, true));
        assertThat(request(PASID, false, false, true)).isEqualTo(NOTHING);
    }

    // 13.7.1: with INSTCFG = Instruction an execute-only page grants R and Exe; with Data whatever
    // is readable is executable.
    @ParameterizedTest
    @CsvSource({
        // INSTCFG, AP, UXN
        "3, 0, 0, r-x-",
        "3, 3, 1, NoAccess",
        "3, 1, 0, rwx-",
        "2, 3, 1, r-x-",
        "2, 0, 0, NoAccess"
    })
    void instcfgDecidesWhatReadAndExeMean(int instcfg, int ap, int uxn, String granted) {
        long ttb = rig.allocate(4096);
        stream(Rig.cd(ttb));
        rig.ste(1, rig.ste(1).with(1, Ste.INSTCFG, instcfg));
        long leaf = (Rig.LEAF & ~0xc0L) | (long) ap << 6 | (long) uxn << 54;
        rig.map(ttb, 0, A, PAGE, leaf, 3);
        assertThat(grants(request(PASID, true, true, false))).isEqualTo(granted);
    }

    // 3.13.7.1: NW = 0 marks a writable-clean page dirty before W = 1 is granted; NW = 1 does not.
    @Test
    void aRequestToWriteMakesACleanPageDirtyAndOneToReadDoesNot() {
        long ttb = rig.allocate(4096);
        stream(Rig.cd(ttb).with(0, Cd.HA, 1).with(0, Cd.HD, 1));
        long leaf = rig.map(ttb, 0, A, PAGE, (Rig.LEAF & ~AF) | READ_ONLY | DBM, 3);
        assertThat(grants(request(PASID, true, false, false))).isEqualTo("r---");
        assertThat(rig.ram.read(leaf, 8) & (AF | READ_ONLY)).isEqualTo(AF | READ_ONLY);
        assertThat(grants(request(PASID, false, false, false))).isEqualTo("rw--");
        assertThat(rig.ram.read(leaf, 8) & (AF | READ_ONLY)).isEqualTo(AF);
        // 13.7: NW = 1 may be granted W where the page is dirty already.
        assertThat(grants(request(PASID, true, false, false))).isEqualTo("rw--");
    }

    // 3.13.7.1: with hardware updates of the access flag alone a clean page is not granted W.
    @Test
    void withoutHdACleanPageStaysCleanAndIsNotGrantedW() {
        long ttb = rig.allocate(4096);
        stream(Rig.cd(ttb).with(0, Cd.HA, 1));
        long leaf = rig.map(ttb, 0, A, PAGE, (Rig.LEAF & ~AF) | READ_ONLY | DBM, 3);
        assertThat(grants(request(PASID, false, false, false))).isEqualTo("r---");
        assertThat(rig.ram.read(leaf, 8) & (AF | READ_ONLY)).isEqualTo(AF | READ_ONLY);
    }

    // 3.13.7.2: without hardware updates a request to a page with AF = 0 is denied.
    @Test
    void withoutHaAPageThatWasNotAccessedIsDenied() {
        long ttb = rig.allocate(4096);
        stream(Rig.cd(ttb));
        long leaf = rig.map(ttb, 0, A, PAGE, Rig.LEAF & ~AF, 3);
        assertThat(request(PASID, false, false, false)).isEqualTo(NOTHING);
        assertThat(rig.ram.read(leaf, 8) & AF).isZero();
    }

    // 3.13.3.1: a page that APTable makes read-only is no writable-clean page.
    @Test
    void aPageThatATableMakesReadOnlyDoesNotBecomeDirty() {
        long ttb = rig.allocate(4096);
        stream(Rig.cd(ttb).with(0, Cd.HA, 1).with(0, Cd.HD, 1));
        long leaf = rig.map(ttb, 0, A, PAGE, Rig.LEAF | READ_ONLY | DBM, 3);
        rig.words(ttb, rig.ram.read(ttb, 8) | 2L << 61);
        assertThat(grants(request(PASID, false, false, false))).isEqualTo("r---");
        assertThat(rig.ram.read(leaf, 8) & READ_ONLY).isEqualTo(READ_ONLY);
    }

    private long nested(Cd cd) {
        rig.write(SmmuRegister.CR0, 0x1d);
        long s2 = rig.allocate(8192);
        rig.identity(s2);
        rig.nested(1, cd, s2);
        rig.ste(1, rig.ste(1).with(1, Ste.EATS, 1).with(2, Ste.S2HA, 1).with(2, Ste.S2HD, 1));
        return s2;
    }

    // 3.13.7.1: where stage 1 is read-only, NW = 0 makes neither stage 1 nor the final stage 2
    // descriptor dirty.
    @Test
    void aReadOnlyStage1KeepsStage2Clean() {
        long ttb = rig.allocate(4096);
        long s2 = nested(Rig.cd(ttb));
        rig.map(ttb, 0, A, 0x2000, Rig.LEAF | READ_ONLY, 3);
        rig.map(ttb, 0, A + 4096, 0x2000, Rig.LEAF, 3);
        long leaf = rig.map(s2, 1, 0x2000, PAGE, (Rig.LEAF2 & ~READ_ONLY) | DBM, 3);
        assertThat(grants(request(-1, false, false, false))).isEqualTo("r---");
        assertThat(rig.ram.read(leaf, 8) & READ_ONLY).isZero();
        assertThat(grants(ats.request(Request.plain(1, A + 4096)))).isEqualTo("rw--");
        assertThat(rig.ram.read(leaf, 8) & READ_ONLY).isEqualTo(READ_ONLY);
    }

    // 3.9.1.2: permissions of both stages together; a stage that grants nothing denies all.
    @ParameterizedTest
    @CsvSource({"1, 3, rw--", "1, 1, r---", "3, 3, r---", "1, 2, -w--", "3, 2, NoAccess"})
    void bothStagesMustPermit(int ap, int s2ap, String granted) {
        long ttb = rig.allocate(4096);
        long s2 = nested(Rig.cd(ttb));
        rig.map(ttb, 0, A, 0x2000, (Rig.LEAF & ~0xc0L) | (long) ap << 6, 3);
        rig.map(s2, 1, 0x2000, PAGE, (Rig.LEAF2 & ~0xc0L) | (long) s2ap << 6, 3);
        assertThat(grants(request(-1, false, false, false))).isEqualTo(granted);
        assertThat(grants(request(-1, false, false, false))).as("cached").isEqualTo(granted);
    }

    // 3.9.1.2: stage 2 faults of the CD fetch and of the stage 1 walk deny access, without event,
    // whatever CD.S, CD.A and STE.S2S say (5.5).
    @Test
    void faultsOfTranslationDenyAccessAndRecordNothing() {
        long ttb = rig.allocate(4096);
        long s2 = nested(Rig.cd(ttb).with(0, Cd.A, 0).with(0, Cd.S, 1));
        assertThat(request(-1, false, false, false)).isEqualTo(NOTHING);
        rig.map(ttb, 0, A, 0x2000, Rig.LEAF, 3);
        assertThat(request(-1, false, false, false)).as("stage 2, IN").isEqualTo(NOTHING);
        rig.words(ttb, 0x20_0000_0003L);
        assertThat(request(-1, false, false, false)).as("stage 2, TT").isEqualTo(NOTHING);
        rig.words(s2 + 8, 0);
        rig.command(new dev.belfry.model.smmu.spec.Command.CfgiSte(1, false, true));
        assertThat(request(-1, false, false, false)).as("stage 2, CD").isEqualTo(NOTHING);
        assertThat(rig.events()).isEmpty();
    }

    // 3.9.1.2, the table of configurations.
    @Test
    void whatForbidsRequestsIsAnsweredUrAndMostlyRecorded() {
        long ttb = rig.allocate(4096);
        stream(Rig.cd(ttb));
        Response ur = new Response.UnsupportedRequest();
        Ste good = rig.ste(1);
        rig.ste(1, good.with(0, Ste.CONFIG, 0));
        assertThat(request(-1, false, false, false)).isEqualTo(ur);
        assertThat(rig.events()).as("Config = 0b000").isEmpty();
        for (Ste bad : new Ste[] {good.with(0, Ste.CONFIG, 4), good.with(1, Ste.EATS, 0)}) {
            rig.ste(1, bad);
            assertThat(request(-1, false, false, false)).isEqualTo(ur);
            assertThat(rig.events())
                    .extracting(EventRecord::type)
                    .containsExactly(EventType.F_BAD_ATS_TREQ);
        }
        rig.write(SmmuRegister.CR0, 0xc);
        assertThat(request(-1, false, false, false)).isEqualTo(ur);
        assertThat(rig.events()).as("SMMUEN = 0").hasSize(1);
    }

    // 3.9.1.2: EATS = 0b10 with ATSCHK = 0 counts as 0b00.
    @Test
    void splitStageAtsWithoutAtschkIsNoAts() {
        long ttb = rig.allocate(4096);
        nested(Rig.cd(ttb));
        rig.ste(1, rig.ste(1).with(1, Ste.EATS, 2));
        rig.write(SmmuRegister.CR0, 0xd);
        assertThat(request(-1, false, false, false)).isEqualTo(new Response.UnsupportedRequest());
        assertThat(rig.events()).hasSize(1);
    }

    // 13.6.4: with S1DSS = 0b01 a request without a PASID is answered with its own address, R = W =
    // 1, in a block that may be as large as the OAS.
    @Test
    void aSkippedStage1AnswersWithTheAddressItself() {
        long ttb = rig.allocate(4096);
        stream(Rig.cd(ttb));
        rig.ste(1, rig.ste(1).with(1, Ste.S1DSS, 1));
        Response answer = ats.request(new Request(1, -1, A + 0x5000, true, true, true));
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Response.Granted.class,
                        g -> {
                            assertThat(g.read() && g.write()).isTrue();
                            assertThat(g.execute() || g.privileged()).isFalse();
                            assertThat(g.address() & (-1L << g.blockBits())).isEqualTo(g.address());
                            assertThat((A + 0x5000) >>> g.blockBits())
                                    .isEqualTo(g.address() >>> g.blockBits());
                            assertThat(g.blockBits()).isBetween(12, 52);
                        });
        assertThat(ats.request(Request.plain(1, 1L << 52))).isEqualTo(NOTHING);
    }

    // 3.9.1.1: address bits beyond the PA size abort a Translated transaction that bypasses, and
    // nothing is recorded; with ATSCHK = 0 as well (3.9.1).
    @Test
    void aTranslatedAddressBeyondTheOasIsAbortedWithoutAnEvent() {
        Rig small = new Rig(SmmuIdentity.MAX.withOas(44)).start();
        long ttb = small.allocate(4096);
        small.stage1(1, Rig.cd(ttb));
        small.ste(1, small.ste(1).with(1, Ste.EATS, 1));
        for (int cr0 : new int[] {0xd, 0x1d}) {
            small.write(SmmuRegister.CR0, cr0);
            assertThat(small.smmu.ats().translated(1, (1L << 44) - 8, true))
                    .isEqualTo(new Translation.Mapped((1L << 44) - 8, 12, true));
            assertThat(small.smmu.ats().translated(1, 1L << 44, true))
                    .isInstanceOfSatisfying(
                            Translation.Faulted.class,
                            f -> {
                                assertThat(f.abort()).isTrue();
                                assertThat(f.event()).isEmpty();
                            });
        }
        assertThat(small.events()).isEmpty();
    }

    // 3.9.1.3, 13.7: with EATS = 0b10 a Translated transaction is data, unprivileged, and without a
    // SubstreamID; PRIVCFG and INSTCFG are applied before stage 2 looks, and the record shows them.
    @Test
    void overridesApplyToTranslatedTransactionsBeforeStage2() {
        long ttb = rig.allocate(4096);
        long s2 = nested(Rig.cd(ttb));
        rig.ste(1, rig.ste(1).with(1, Ste.EATS, 2));
        // XN[1:0] = 0b01: executable at EL0 only.
        rig.map(s2, 1, 0x2000, PAGE, (Rig.LEAF2 & ~0x40L) | (1L << 53), 3);
        rig.map(s2, 1, 0x3000, PAGE, Rig.LEAF2 | (1L << 53), 3);
        assertThat(ats.translated(1, 0x2000, false)).isInstanceOf(Translation.Faulted.class);
        EventRecord plain = rig.events().getFirst();
        assertThat(plain.type()).isEqualTo(EventType.F_PERMISSION);
        assertThat(plain.w1() >>> 33 & 7).as("PnU, InD, RnW").isEqualTo(4);
        assertThat(plain.w0() >>> 11 & 1).as("SSV").isZero();
        rig.ste(1, rig.ste(1).with(1, Ste.INSTCFG, 3));
        rig.command(new dev.belfry.model.smmu.spec.Command.CfgiSte(1, false, true));
        assertThat(ats.translated(1, 0x2000, false)).isInstanceOf(Translation.Mapped.class);
        rig.ste(1, rig.ste(1).with(1, Ste.PRIVCFG, 3));
        rig.command(new dev.belfry.model.smmu.spec.Command.CfgiSte(1, false, true));
        assertThat(ats.translated(1, 0x3000, false)).isInstanceOf(Translation.Faulted.class);
        assertThat(rig.events().getFirst().w1() >>> 33 & 7).as("PnU, InD, RnW").isEqualTo(7);
    }

    // 3.9.1.3: the errors of a configuration are recorded with ATSCHK and REC_CFG_ATS only,
    // whatever
    // RECINVSID says; without ATSCHK nobody looks.
    @ParameterizedTest
    @CsvSource({"0x1d, 0x8, true", "0x1d, 0xa, true", "0x1d, 0x2, false", "0xd, 0xa, false"})
    void badStreamIdsOfTranslatedTransactionsFollowRecCfgAts(
            String cr0, String cr2, boolean recorded) {
        rig.write(SmmuRegister.CR0, 0);
        rig.write(SmmuRegister.CR2, Long.decode(cr2));
        rig.write(SmmuRegister.CR0, Long.decode(cr0));
        ats.translated(0x400, PAGE, false);
        assertThat(rig.events())
                .extracting(EventRecord::type)
                .isEqualTo(
                        recorded
                                ? java.util.List.of(EventType.C_BAD_STREAMID)
                                : java.util.List.of());
    }

    // 6.3.1: NS1ATS = 1 says that split-stage ATS is not there.
    @Test
    void withNs1atsAnSteThatAsksForSplitStageAtsIsBad() {
        Rig other = new Rig(SmmuIdentity.MAX.withIdr0(Idr0.NS1ATS, 1)).start();
        long s2 = other.allocate(8192);
        other.identity(s2);
        other.nested(1, Rig.cd(other.allocate(4096)), s2);
        other.ste(1, other.ste(1).with(1, Ste.EATS, 2));
        assertThat(other.fault(1, A, Access.READ)).isEqualTo(EventType.C_BAD_STE);
    }
}
