package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// ATS, PRI and ATOS (IHI 0070 3.9, chapters 8 and 9).
class AtsPortTest {

    private static final long A = 0x1_0000_0000L;
    private static final long PAGE = 0x4000_5000L;

    private final Rig rig = new Rig(SmmuIdentity.MAX);
    private final List<String> told = new ArrayList<>();
    private boolean answers = true;

    @BeforeEach
    void start() {
        rig.write(SmmuRegister.PRIQ_BASE, 0x4300_0000L | 1);
        rig.start();
        rig.write(SmmuRegister.CR0, 0x1f);
        long ttb = rig.allocate(4096);
        rig.stage1(1, Rig.cd(ttb));
        rig.map(ttb, 0, A, PAGE, Rig.LEAF, 3);
        rig.map(ttb, 0, A + 0x20_0000, 0x4020_0000L, Rig.LEAF | 0x80, 2);
        rig.smmu
                .ats()
                .connect(
                        new AtsPort.Endpoints() {
                            @Override
                            public boolean invalidate(
                                    int sid, int ssid, boolean global, long at, int size) {
                                told.add(sid + " " + ssid + " " + at + " " + size);
                                return answers;
                            }

                            @Override
                            public void pageResponse(int sid, int ssid, int prg, int response) {
                                told.add("prg " + prg + " " + response);
                            }
                        });
    }

    private void eats(int value) {
        rig.ste(1, rig.ste(1).with(1, Ste.EATS, value));
    }

    @Test
    void requestsAreAnsweredOnlyWhereEatsSaysSo() {
        AtsPort ats = rig.smmu.ats();
        assertThat(ats.request(AtsPort.Request.plain(1, A)))
                .isInstanceOf(AtsPort.Response.UnsupportedRequest.class);
        assertThat(rig.events())
                .extracting(EventRecord::type)
                .containsExactly(EventType.F_BAD_ATS_TREQ);
        eats(1);
        assertThat(ats.request(AtsPort.Request.plain(1, A + 8)))
                .isEqualTo(new AtsPort.Response.Granted(PAGE, 12, true, true, false, false));
        assertThat(ats.request(AtsPort.Request.plain(1, A + 0x20_1000)))
                .isEqualTo(
                        new AtsPort.Response.Granted(0x4020_0000L, 21, true, false, false, false));
        assertThat(ats.request(AtsPort.Request.plain(1, 0x5000)))
                .isEqualTo(new AtsPort.Response.NoAccess());
        assertThat(ats.request(AtsPort.Request.plain(2, A)))
                .isEqualTo(new AtsPort.Response.CompleterAbort());
        assertThat(rig.events()).isEmpty();
    }

    @Test
    void translatedTransactionsAreCheckedWithAtschk() {
        AtsPort ats = rig.smmu.ats();
        assertThat(ats.translated(1, PAGE, false)).isInstanceOf(Translation.Faulted.class);
        assertThat(rig.events())
                .extracting(EventRecord::type)
                .containsExactly(EventType.F_TRANSL_FORBIDDEN);
        eats(1);
        assertThat(ats.translated(1, PAGE, false)).isInstanceOf(Translation.Mapped.class);
    }

    @Test
    void splitStageAtsGivesIpasAndTranslatesThemLater() {
        long s2 = rig.allocate(8192);
        rig.identity(s2);
        long ttb = rig.allocate(4096);
        rig.nested(1, Rig.cd(ttb), s2);
        rig.map(ttb, 0, A, 0x2000, Rig.LEAF, 3);
        eats(2);
        AtsPort ats = rig.smmu.ats();
        // 13.6.3: what is granted is what both stages permit, in the smaller of their blocks.
        assertThat(ats.request(AtsPort.Request.plain(1, A)))
                .isEqualTo(new AtsPort.Response.NoAccess());
        assertThat(ats.translated(1, 0x2000, false)).isInstanceOf(Translation.Faulted.class);
        long leaf = rig.map(s2, 1, 0x2000, PAGE, Rig.LEAF2 & ~0x80, 3);
        assertThat(ats.request(AtsPort.Request.plain(1, A + 8)))
                .isEqualTo(new AtsPort.Response.Granted(0x2000, 12, true, false, false, false));
        rig.words(leaf, PAGE | Rig.LEAF2 | 2);
        assertThat(ats.request(AtsPort.Request.plain(1, A)))
                .isEqualTo(new AtsPort.Response.Granted(0x2000, 12, true, true, false, false));
        rig.map(ttb, 0, A + 0x20_0000, 0, Rig.LEAF, 2);
        assertThat(ats.request(AtsPort.Request.plain(1, A + 0x20_2000)))
                .isEqualTo(new AtsPort.Response.Granted(0x2000, 12, true, true, false, false));
        assertThat(ats.translated(1, 0x2010, false))
                .isInstanceOfSatisfying(
                        Translation.Mapped.class, m -> assertThat(m.pa()).isEqualTo(PAGE + 0x10));
    }

    @Test
    void atcInvalidationsReachTheEndpointAndATimeoutIsReportedBySync() {
        Command sync = new Command.Sync(0, 0, 0, 0, 0);
        rig.command(new Command.AtcInv(1, 0, false, false, A + 0x1000, 1), sync);
        rig.command(new Command.AtcInv(1, 5, true, false, A, 52), sync);
        assertThat(told).containsExactly("1 -1 " + A + " 13", "1 5 0 64");
        answers = false;
        long cons = rig.command(new Command.AtcInv(1, 0, false, false, 0, 52), sync);
        assertThat(cons).isEqualTo(3 << 24 | 5);
    }

    @Test
    void pageRequestsLieInTheirQueueUntilItOverflows() {
        AtsPort ats = rig.smmu.ats();
        assertThat(ats.pageRequest(0x10, 3, A + 5, 0b0110, true, 0x1ff)).isTrue();
        assertThat(rig.ram.read(0x4300_0000L, 8)).isEqualTo(0xd800_0003_0000_0010L);
        assertThat(rig.ram.read(0x4300_0008L, 8)).isEqualTo(A | 0x1ff);
        assertThat(ats.pageRequest(1, -1, A, 4, false, 1)).isTrue();
        assertThat(ats.pageRequest(1, -1, A, 4, true, 2)).isFalse();
        assertThat(told).containsExactly("prg 2 2");
        assertThat(rig.read(SmmuRegister.PRIQ_PROD)).isEqualTo(1L << 31 | 2);
        rig.command(new Command.PriResp(1, 0, false, 1, 2));
        assertThat(told).last().isEqualTo("prg 1 2");
    }

    private long atos(int type, long address, boolean read) {
        rig.write(SmmuRegister.GATOS_SID, 1);
        rig.write(SmmuRegister.GATOS_ADDR, address | (long) type << 10 | (read ? 1 << 8 : 0));
        rig.write(SmmuRegister.GATOS_CTRL, 1);
        assertThat(rig.read(SmmuRegister.GATOS_CTRL)).isZero();
        return rig.read(SmmuRegister.GATOS_PAR);
    }

    @Test
    void atosAnswersWithAddressSizeAndAttributesOrWithACode() {
        assertThat(atos(1, A, true)).isEqualTo(0x44L << 56 | PAGE | 2 << 8);
        assertThat(atos(1, A + 0x20_0000, true))
                .isEqualTo(0x44L << 56 | 0x4020_0000L | 1 << 20 | 1 << 11 | 2 << 8);
        assertThat(atos(1, A + 0x20_0000, false)).isEqualTo(0x131);
        assertThat(atos(1, 0x5000, true)).isEqualTo(0x101);
        assertThat(atos(0, A, true)).isEqualTo(0xff1);
        assertThat(atos(2, A, true)).isEqualTo(0xfe1);
        rig.ste(1, Ste.ZERO);
        assertThat(atos(3, A, true)).isEqualTo(0x41);
        assertThat(rig.events()).isEmpty();
    }

    @Test
    void aForgottenInvalidationIsAFinding() {
        Rig strict = new Rig(SmmuIdentity.QEMU_10_2_NESTED, new CacheMode.Adversarial()).start();
        long ttb = strict.allocate(4096);
        strict.stage1(1, Rig.cd(ttb));
        strict.map(ttb, 0, A, PAGE, Rig.LEAF, 3);
        strict.pa(1, A, Access.READ);
        strict.pa(1, A, Access.READ);
        assertThat(strict.smmu.findings()).isEmpty();
        strict.map(ttb, 0, A, PAGE + 4096, Rig.LEAF, 3);
        assertThat(strict.pa(1, A, Access.READ)).isEqualTo(PAGE);
        assertThat(strict.smmu.findings())
                .extracting(Finding::rule)
                .containsExactly("STALE_TRANSLATION");
    }
}
