package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Gatos;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Address translation operations (IHI 0070 6.3.37 to 6.3.40, chapter 9).
class AtosTest {

    private static final int STAGE_1 = 1;
    private static final int STAGE_2 = 2;
    private static final int BOTH = 3;
    private static final long INV_REQ = 0xff1;
    private static final long INV_STAGE = 0xfe1;
    private static final long FAULT_IN = 7;
    private static final long A = 0x8080_0000L;
    private static final long IPA = 0x12_3000L;
    private static final long PAGE = 0x4000_5000L;

    private Rig rig = new Rig(SmmuIdentity.MAX);
    private long ttb;
    private long s2;

    @BeforeEach
    void start() {
        nested(SmmuIdentity.MAX);
    }

    /// Stream 1: stage 1 maps A to IPA, stage 2 maps IPA to PAGE and all RAM onto itself.
    private void nested(SmmuIdentity id) {
        rig = new Rig(id).start();
        s2 = rig.allocate(8192);
        rig.identity(s2);
        ttb = rig.allocate(4096);
        rig.nested(1, Rig.cd(ttb), s2);
        rig.map(ttb, 0, A, IPA, Rig.LEAF, 3);
        rig.map(s2, 1, IPA, PAGE, Rig.LEAF2, 3);
    }

    private long ask(int type, long address, long flags) {
        rig.write(SmmuRegister.GATOS_SID, 1);
        return askAgain(type, address, flags);
    }

    private long askAgain(int type, long address, long flags) {
        rig.write(SmmuRegister.GATOS_ADDR, address | Gatos.TYPE.of(type) | flags);
        rig.write(SmmuRegister.GATOS_CTRL, 1);
        assertThat(rig.read(SmmuRegister.GATOS_CTRL)).isZero();
        return rig.read(SmmuRegister.GATOS_PAR);
    }

    private static long address(long par) {
        assertThat(Gatos.FAULT.isSet(par)).as(Long.toHexString(par)).isFalse();
        return par & 0x00ff_ffff_ffff_f000L;
    }

    private static final long READ = Gatos.RNW.mask();

    @Test
    void eachStageAnswersForItself() {
        assertThat(address(ask(STAGE_1, A, READ))).isEqualTo(IPA);
        assertThat(address(ask(STAGE_2, IPA, READ))).isEqualTo(PAGE);
        assertThat(address(ask(BOTH, A, READ))).isEqualTo(PAGE);
    }

    // 6.3.39: InD is IGNORED if RnW == 0, and the effective InD for writes is Data.
    @Test
    void anInstructionWriteIsAWrite() {
        assertThat(address(ask(BOTH, A, Gatos.IND.mask()))).isEqualTo(PAGE);
    }

    // 9.1.3: INV_REQ where the SMMU has not the stage, INV_STAGE where the stream has not.
    @Test
    void aStageThatTheSmmuHasNotIsAnInvalidRequestAndOneThatTheStreamHasNotAnInvalidStage() {
        rig.stage1(1, Rig.cd(ttb));
        assertThat(ask(STAGE_2, IPA, READ)).isEqualTo(INV_STAGE);
        assertThat(ask(BOTH, A, READ)).isEqualTo(INV_STAGE);
        nested(SmmuIdentity.MAX.withIdr0(Idr0.S2P, 0));
        assertThat(ask(STAGE_2, IPA, READ)).isEqualTo(INV_REQ);
        assertThat(ask(BOTH, A, READ)).isEqualTo(INV_REQ);
        nested(SmmuIdentity.MAX.withIdr0(Idr0.S1P, 0));
        assertThat(ask(STAGE_1, A, READ)).isEqualTo(INV_REQ);
        assertThat(ask(BOTH, A, READ)).isEqualTo(INV_REQ);
    }

    // 9.1.3: stage 2 has no SubstreamID.
    @Test
    void aSubstreamIdForStage2AloneIsAnInvalidRequest() {
        rig.write(SmmuRegister.GATOS_SID, 1 | Gatos.SSID_VALID.mask());
        assertThat(askAgain(STAGE_2, IPA, READ)).isEqualTo(INV_REQ);
    }

    // 9.1.4: REASON of a request for stage 2 alone is 0b11, of whatever stops it.
    @Test
    void whatStopsARequestForStage2AloneIsStage2s() {
        assertThat(ask(STAGE_2, 0x7000, READ)).isEqualTo(0x100 | FAULT_IN);
        rig.ste(1, Ste.ZERO);
        assertThat(ask(STAGE_2, IPA, READ)).isEqualTo(0x40 | FAULT_IN);
        assertThat(ask(BOTH, A, READ)).isEqualTo(0x41);
    }

    // 9.1.4: FADDR is the IPA of a stage 2 fault when both stages were asked for.
    @Test
    void aStage2FaultOfBothStagesHasItsIpa() {
        rig.map(ttb, 0, A + 0x1000, 0x7000, Rig.LEAF, 3);
        assertThat(ask(BOTH, A + 0x1000, READ)).isEqualTo(0x7000 | 0x100 | FAULT_IN);
        assertThat(address(ask(STAGE_1, A + 0x1000, READ))).isEqualTo(0x7000);
    }

    // 6.3.39: PnU and InD are not affected by STE.PRIVCFG and INSTCFG.
    @Test
    void overridesOfTheSteDoNotCount() {
        rig.map(ttb, 0, A + 0x2000, IPA, Rig.LEAF & ~0x40, 3);
        rig.ste(1, rig.ste(1).with(1, Ste.PRIVCFG, 3));
        assertThat(rig.pa(1, A + 0x2000, Access.READ)).isEqualTo(PAGE);
        assertThat(ask(BOTH, A + 0x2000, READ)).isEqualTo(0x131);
        assertThat(address(ask(BOTH, A + 0x2000, READ | Gatos.PNU.mask()))).isEqualTo(PAGE);
    }

    // Chapter 9: with HTTUI = 1 an access flag of 0 is taken as 1 where hardware would set it, and
    // nothing is written.
    @Test
    void inhibitedUpdatesAreTakenAsDoneAndNotWritten() {
        long leaf = rig.map(ttb, 0, A + 0x3000, IPA, Rig.LEAF & ~0x400, 3);
        rig.nested(1, Rig.cd(ttb).with(0, Cd.HA, 1), s2);
        assertThat(address(ask(BOTH, A + 0x3000, READ | Gatos.HTTUI.mask()))).isEqualTo(PAGE);
        assertThat(rig.ram.read(leaf, 8) & 0x400).isZero();
        assertThat(address(ask(BOTH, A + 0x3000, READ))).isEqualTo(PAGE);
        assertThat(rig.ram.read(leaf, 8) & 0x400).isNotZero();
    }

    // 9.1.3: where STE.S1DSS = 0b01 lets a request without SubstreamID pass stage 1, stage 1 gives
    // the address itself and both stages what stage 2 makes of it.
    @Test
    void skippedStage1GivesTheAddressItself() {
        rig.ste(1, rig.ste(1).with(0, Ste.S1CDMAX, 1).with(1, Ste.S1DSS, 1));
        assertThat(address(ask(STAGE_1, 0x7000, READ))).isEqualTo(0x7000);
        assertThat(address(ask(BOTH, IPA, READ))).isEqualTo(PAGE);
        rig.ste(1, rig.ste(1).with(0, Ste.CONFIG, 5));
        assertThat(address(ask(STAGE_1, 0x9000, READ))).isEqualTo(0x9000);
    }

    // 6.3.37: RUN set while SMMUEN = 0 is IGNORED. Chapter 9: faults are not recorded.
    @Test
    void nothingRunsWhileTheSmmuIsOffAndNothingIsRecorded() {
        ask(BOTH, 0x7000_0000L, READ);
        assertThat(rig.events()).isEmpty();
        long before = rig.read(SmmuRegister.GATOS_PAR);
        assertThat(Gatos.FAULT.isSet(before)).isTrue();
        rig.write(SmmuRegister.CR0, 0xc);
        assertThat(ask(BOTH, A, READ)).isEqualTo(before);
    }
}
