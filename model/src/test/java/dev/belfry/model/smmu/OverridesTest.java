package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What STE and GBPA make of a transaction's attributes (IHI 0070 5.2, 6.3.14, 13.1), and what
/// CR2.REC_CFG_ATS adds to the Event queue (3.9.1.2, 3.9.1.3).
class OverridesTest {

    private static Attributes attributes(Translation t) {
        return ((Translation.Mapped) t).attributes();
    }

    @ParameterizedTest
    @CsvSource({
        // MTCFG, MemAttr, ALLOCCFG, SHCFG; the attribute byte as MAIR has it, and SH
        "1, 0x0, 0, 3, 0x00, 2",
        "1, 0x1, 0, 3, 0x04, 2",
        "1, 0x3, 0, 1, 0x0c, 2",
        // Reserved: Device-nGnRnE.
        "1, 0x4, 0, 3, 0x00, 2",
        "1, 0xc, 8, 3, 0x00, 2",
        // Normal Non-cacheable is Outer shareable whatever SHCFG says, and has no hints.
        "1, 0x5, 0xe, 3, 0x44, 2",
        "1, 0xf, 0, 3, 0xff, 3",
        "1, 0xf, 0, 1, 0xff, 0",
        "1, 0xa, 0, 2, 0xbb, 2",
        "1, 0x7, 0, 3, 0x4f, 3",
        "1, 0xf, 0x8, 0, 0xcc, 0",
        "1, 0xf, 0xc, 0, 0xee, 0",
        "1, 0xf, 0xa, 0, 0xdd, 0",
        // Transient.
        "1, 0xf, 0xd, 0, 0x66, 0",
        "1, 0xa, 0xf, 0, 0x33, 0",
        // Transient without allocation is not transient.
        "1, 0xf, 0x9, 0, 0xcc, 0",
        "0, 0x0, 0, 2, 0xff, 2"
    })
    void aBypassSteAndGbpaOverrideTypeHintsAndShareability(
            int mtcfg, String memAttr, String alloc, int share, String memory, int expected) {
        Rig rig = new Rig(SmmuIdentity.MAX).start();
        Ste ste =
                Ste.bypass()
                        .with(1, Ste.MTCFG, mtcfg)
                        .with(1, Ste.MEMATTR, Long.decode(memAttr))
                        .with(1, Ste.ALLOCCFG, Long.decode(alloc))
                        .with(1, Ste.SHCFG, share);
        rig.ste(Rig.SID, ste);
        Attributes out = new Attributes(Integer.decode(memory), expected, false);
        assertThat(attributes(rig.go(Rig.SID, 0x1000, Access.READ))).isEqualTo(out);
        rig.write(SmmuRegister.CR0, 0);
        rig.write(
                SmmuRegister.GBPA,
                1L << 31
                        | (long) share << 12
                        | Long.decode(alloc) << 8
                        | (long) mtcfg << 4
                        | Long.decode(memAttr));
        assertThat(attributes(rig.go(Rig.SID, 0x1000, Access.READ))).isEqualTo(out);
    }

    @Test
    void stage2CombinesWithTheOverriddenTypeAndStage1ReplacesIt() {
        Rig rig = new Rig(SmmuIdentity.MAX).start();
        long s2 = rig.allocate(8192);
        rig.identity(s2);
        Ste device = Rig.stage2(Ste.Config.S2, s2).with(1, Ste.MTCFG, 1).with(1, Ste.MEMATTR, 1);
        rig.ste(Rig.SID, device);
        assertThat(attributes(rig.go(Rig.SID, Rig.RAM, Access.READ)).memory()).isEqualTo(0x04);
        long ttb = rig.allocate(4096);
        rig.stage1(1, Rig.cd(ttb));
        rig.ste(1, rig.ste(1).with(1, Ste.MTCFG, 1).with(1, Ste.MEMATTR, 1));
        // AttrIndx 0 is 0x44 in the CD's MAIR.
        rig.map(ttb, 0, 0x1000, Rig.RAM, Rig.LEAF, 3);
        assertThat(attributes(rig.go(1, 0x1000, Access.READ)).memory()).isEqualTo(0x44);
    }

    @Test
    void withoutAttrTypesOvrTheyAreRes0() {
        SmmuIdentity id = SmmuIdentity.QEMU_10_2;
        assertThat(Idr1.ATTR_TYPES_OVR.isSet(id.idr1())).isFalse();
        Rig rig = new Rig(id).start();
        rig.ste(Rig.SID, Ste.bypass().with(1, Ste.MTCFG, 1).with(1, Ste.SHCFG, 3));
        assertThat(attributes(rig.go(Rig.SID, 0x1000, Access.READ))).isEqualTo(Attributes.INCOMING);
    }

    @Test
    void configurationErrorsOfAtsAreRecordedWhereRecCfgAtsSaysSo() {
        Rig rig = new Rig(SmmuIdentity.MAX).start();
        AtsPort ats = rig.smmu.ats();
        rig.stage1(1, Rig.cd(rig.allocate(4096)));
        rig.ste(1, rig.ste(1).with(1, Ste.EATS, 1).with(0, Ste.S1CDMAX, 31));
        rig.write(SmmuRegister.CR0, 0x1d);
        for (boolean recorded : new boolean[] {false, true}) {
            rig.write(SmmuRegister.CR0, 0);
            rig.write(SmmuRegister.CR2, recorded ? 0xa : 0x2);
            rig.write(SmmuRegister.CR0, 0x1d);
            assertThat(ats.request(AtsPort.Request.plain(1, 0x1000)))
                    .isEqualTo(new AtsPort.Response.CompleterAbort());
            assertThat(ats.request(AtsPort.Request.plain(400, 0x1000)))
                    .isEqualTo(new AtsPort.Response.CompleterAbort());
            ats.translated(1, 0x1000, false);
            if (recorded) {
                assertThat(rig.events())
                        .extracting(EventRecord::type)
                        .containsExactly(
                                EventType.C_BAD_STE, EventType.C_BAD_STREAMID, EventType.C_BAD_STE);
            } else {
                assertThat(rig.events()).isEmpty();
            }
        }
    }
}
