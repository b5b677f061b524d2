package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Gatos;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Clauses of IHI 0070 6.3 that are about one register each.
class RegisterClausesTest {

    private static final SmmuIdentity MAX = SmmuIdentity.MAX;

    private static SmmuIdentity withIdr1(SmmuIdentity id, long idr1) {
        return new SmmuIdentity(
                id.name(),
                id.idr0(),
                (int) idr1,
                id.idr2(),
                id.idr3(),
                id.idr4(),
                id.idr5(),
                id.iidr(),
                id.aidr());
    }

    // 6.3.28: if QS < 19, bits [19:QS+1] are RAZ.
    @Test
    void cmdqConsShowsNoMoreBitsThanTheQueueHas() {
        Rig rig = new Rig(MAX);
        rig.write(SmmuRegister.CMDQ_BASE, Rig.CMDQ | 5);
        rig.write(SmmuRegister.CMDQ_CONS, 0xf_ffff);
        assertThat(rig.read(SmmuRegister.CMDQ_CONS)).isEqualTo(0x3f);
        assertThat(rig.smmu.register(SmmuRegister.CMDQ_CONS)).isEqualTo(0x3f);
        rig.write(SmmuRegister.CMDQ_BASE, Rig.CMDQ);
        assertThat(rig.read(SmmuRegister.CMDQ_CONS)).isEqualTo(1);
    }

    // 6.3.26: LOG2SIZE counts up to IDR1.CMDQS; it reads back as written.
    @Test
    void aQueueLargerThanIdr1SaysIsCappedAndReadsBackAsWritten() {
        Rig rig = new Rig(MAX.withCommandQueue(3));
        rig.write(SmmuRegister.CMDQ_BASE, Rig.CMDQ | 0x1f);
        rig.write(SmmuRegister.CMDQ_CONS, 0xf_ffff);
        assertThat(rig.read(SmmuRegister.CMDQ_BASE)).isEqualTo(Rig.CMDQ | 0x1f);
        assertThat(rig.read(SmmuRegister.CMDQ_CONS)).isEqualTo(0xf);
    }

    // 6.3.95, 6.3.97: WR is RAZ above the wrap bit; OVFLG stays where it is. 6.3.96: RD may be
    // stored as written.
    @Test
    void outputQueuesProdShowsNoMoreBitsThanTheQueueHas() {
        Rig rig = new Rig(MAX);
        rig.write(SmmuRegister.EVENTQ_BASE, Rig.EVENTQ | 4);
        rig.write(SmmuRegister.EVENTQ_PROD, 0x800f_ffffL);
        rig.write(SmmuRegister.EVENTQ_CONS, 0x800f_ffffL);
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isEqualTo(0x8000_001fL);
        assertThat(rig.smmu.read(0xa8, 4)).isEqualTo(0x8000_001fL);
        assertThat(rig.read(SmmuRegister.EVENTQ_CONS)).isEqualTo(0x800f_ffffL);
        rig.write(SmmuRegister.PRIQ_BASE, Rig.EVENTQ | 1);
        rig.write(SmmuRegister.PRIQ_PROD, 0x800f_ffffL);
        assertThat(rig.read(SmmuRegister.PRIQ_PROD)).isEqualTo(0x8000_0003L);
    }

    // 6.3.19, 6.3.20: bit 6 needs MSIs and PRI, bit 3 PRI; bits Reserved in GERROR are in GERRORN.
    @Test
    void gerrornHasNoBitOfAPriQueueThatIsNotThere() {
        SmmuIdentity noPri = MAX.withIdr0(Idr0.PRI, 0);
        assertThat(written(noPri, SmmuRegister.GERRORN))
                .isEqualTo(0x1fdL & ~Gerror.PRIQ_ABT_ERR.mask() & ~Gerror.MSI_PRIQ_ABT_ERR.mask());
        assertThat(written(MAX, SmmuRegister.GERRORN)).isEqualTo(0x1fd);
        assertThat(written(MAX.withIdr0(Idr0.MSI, 0), SmmuRegister.GERRORN)).isEqualTo(0x10d);
    }

    private static long written(SmmuIdentity id, SmmuRegister register) {
        Rig rig = new Rig(id);
        rig.write(register, -1L);
        return rig.read(register);
    }

    // 6.3.38: bits beyond SIDSIZE and SSIDSIZE are RES0; without substreams SSID_VALID is too.
    @Test
    void gatosSidIsAsWideAsStreamIdsAndSubstreamIdsAre() {
        SmmuIdentity small = withIdr1(MAX, Idr1.SIDSIZE.set(Idr1.SSIDSIZE.set(MAX.idr1(), 8), 16));
        assertThat(written(small, SmmuRegister.GATOS_SID))
                .isEqualTo(Gatos.SSID_VALID.mask() | 0xff_0000_ffffL);
        assertThat(written(MAX, SmmuRegister.GATOS_SID)).isEqualTo(0x1f_ffff_ffff_ffffL);
        assertThat(written(MAX.withSsidSize(0), SmmuRegister.GATOS_SID)).isEqualTo(0xffff_ffffL);
    }

    // 6.3.24 to 6.3.26, 6.3.29, 6.3.11: what is preset is read-only.
    @Test
    void presetTablesAndQueuesCannotBeMoved() {
        SmmuIdentity preset =
                withIdr1(MAX, MAX.idr1() | Idr1.TABLES_PRESET.mask() | Idr1.QUEUES_PRESET.mask());
        assertThat(
                        List.of(
                                SmmuRegister.STRTAB_BASE,
                                SmmuRegister.STRTAB_BASE_CFG,
                                SmmuRegister.CMDQ_BASE,
                                SmmuRegister.EVENTQ_BASE,
                                SmmuRegister.PRIQ_BASE,
                                SmmuRegister.CR1))
                .allMatch(r -> written(preset, r) == 0);
        assertThat(written(preset, SmmuRegister.CMDQ_CONS)).isNotZero();
    }

    // 6.3.16, 3.18.2: an interrupt is of what happens after it was enabled.
    @Test
    void enablingAnInterruptRaisesNoneForWhatHappenedBefore() {
        Rig rig = new Rig(MAX).start();
        rig.write(SmmuRegister.IRQ_CTRL, 0);
        assertThat(rig.fault(Rig.SID, 0, Access.READ)).isEqualTo(EventType.C_BAD_STE);
        rig.go(Rig.SID, 0, Access.READ);
        rig.command(new Command.Unknown(0, 0));
        assertThat(rig.read(SmmuRegister.GERROR)).isEqualTo(1);
        rig.write(SmmuRegister.IRQ_CTRL, 7);
        assertThat(rig.read(SmmuRegister.IRQ_CTRLACK)).isEqualTo(7);
        assertThat(rig.pulses).isEmpty();
    }

    static Stream<SmmuIdentity> presets() {
        return Stream.of(
                SmmuIdentity.QEMU_7_2,
                SmmuIdentity.QEMU_10_2,
                SmmuIdentity.QEMU_10_2_STAGE2,
                SmmuIdentity.QEMU_10_2_NESTED,
                SmmuIdentity.GRACE,
                SmmuIdentity.KUNPENG920,
                SmmuIdentity.MAX,
                SmmuIdentity.OPPOSITE);
    }

    // 6.3.1, 6.3.2, 6.3.4: fields that are RES0 without another one, and SIDSIZE >= 7 with linear
    // tables only.
    @ParameterizedTest
    @MethodSource("presets")
    void noPresetAdvertisesWhatTheArchitectureRulesOut(SmmuIdentity id) {
        assertThat(id.sidSize() >= 7 && Idr0.ST_LEVEL.getInt(id.idr0()) == 0).isFalse();
        assertThat(id.has0(Idr0.PRI) && !id.has0(Idr0.ATS)).isFalse();
        assertThat(id.has0(Idr0.ATSRECERR) && !id.has0(Idr0.ATS)).isFalse();
        assertThat(id.has0(Idr0.VMW) && !id.stage2()).isFalse();
        assertThat(id.has0(Idr0.HYP) && !(id.stage1() && id.stage2())).isFalse();
        assertThat(id.has0(Idr0.VATOS) && !id.has0(Idr0.ATOS)).isFalse();
        assertThat(id.has3(Idr3.XNX) && !id.stage2()).isFalse();
        assertThat(id.has3(Idr3.PBHA) && !id.has3(Idr3.HAD)).isFalse();
        assertThat(id.ssidSize()).isLessThanOrEqualTo(20);
        assertThat(Idr1.CMDQS.getInt(id.idr1())).isLessThanOrEqualTo(19);
        assertThat(Idr1.EVENTQS.getInt(id.idr1())).isLessThanOrEqualTo(19);
        assertThat(Stream.of(12, 14, 16)).anyMatch(id::granule);
    }
}
