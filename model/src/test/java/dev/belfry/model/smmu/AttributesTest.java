package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.Descriptor;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Memory types: MAIR's Reserved encodings, combination of stages, S2FWB, hints, and what makes
/// attributes consistent (IHI 0070 5.4 MAIR1, 13.1.5 to 13.1.7, 13.4; Arm ARM D8.6).
class AttributesTest {

    private static Attributes stage1(int mair, int sh) {
        return Attributes.stage1(mair, new Descriptor(Descriptor.SH.of(sh)));
    }

    private static Descriptor leaf2(int memAttr, int sh) {
        return new Descriptor(Descriptor.MEMATTR.of(memAttr) | Descriptor.SH.of(sh));
    }

    @ParameterizedTest
    @CsvSource({
        // MAIR attribute, what it behaves as
        "0x00, 0x00",
        "0x04, 0x04",
        "0x08, 0x08",
        "0x0c, 0x0c",
        "0x01, 0x00",
        "0x03, 0x00",
        "0x05, 0x04",
        "0x0a, 0x08",
        "0x0f, 0x0c",
        "0x40, 0x43",
        "0xf0, 0xf3",
        "0x44, 0x44",
        "0xbb, 0xbb"
    })
    void reservedMairEncodingsBehaveAsTheTableSays(String attr, String as) {
        assertThat(stage1(Integer.decode(attr), 3).memory()).isEqualTo(Integer.decode(as));
    }

    @ParameterizedTest
    @CsvSource({
        "0x00, 3, 2",
        "0x0c, 0, 2",
        "0x44, 3, 2",
        "0x44, 0, 2",
        "0xff, 0, 0",
        "0xff, 1, 0",
        "0xff, 2, 2",
        "0xff, 3, 3",
        "0x4f, 3, 3"
    })
    void deviceAndNonCacheableMemoryIsOuterShareable(String attr, int sh, int out) {
        assertThat(stage1(Integer.decode(attr), sh).consistent().shareability()).isEqualTo(out);
    }

    @ParameterizedTest
    @CsvSource({
        // stage 1, SH; MemAttr, SH; combined (D8.6.5, 13.1.5.1)
        "0xff, 0, 0xf, 3, 0xff, 3",
        "0xff, 3, 0xf, 2, 0xff, 2",
        "0xff, 0, 0xa, 0, 0xbb, 0",
        "0xff, 0, 0x5, 0, 0x44, 2",
        "0xbb, 3, 0xf, 0, 0xbb, 3",
        "0xff, 3, 0x1, 3, 0x04, 2",
        "0x04, 3, 0x0, 3, 0x00, 2",
        "0x00, 3, 0x3, 3, 0x00, 2",
        "0x0c, 3, 0xf, 3, 0x0c, 2",
        "0x44, 3, 0xf, 3, 0x44, 2",
        // Transient write-back becomes transient write-through.
        "0x77, 3, 0xa, 3, 0x33, 3",
        // Inner write-back transient, outer Non-cacheable, with write-through of both.
        "0x47, 3, 0xa, 2, 0x43, 2",
        // Inner and outer apart.
        "0xff, 3, 0xd, 3, 0xf4, 3",
        "0xff, 3, 0x6, 3, 0x4b, 3"
    })
    void theStricterOfBothStagesCountsAndHintsStay(
            String first, int sh1, String second, int sh2, String memory, int share) {
        Attributes both =
                stage1(Integer.decode(first), sh1)
                        .combine(leaf2(Integer.decode(second), sh2), false)
                        .consistent();
        assertThat(both).isEqualTo(new Attributes(Integer.decode(memory), share, false));
    }

    @ParameterizedTest
    @CsvSource({
        // stage 1, MemAttr; combined with S2FWB (table D8-101)
        "0x04, 5, 0x04",
        "0x44, 5, 0x44",
        "0xbb, 5, 0x44",
        "0xff, 5, 0x44",
        "0x04, 6, 0xff",
        "0x44, 6, 0xff",
        "0xbb, 6, 0xff",
        "0xee, 6, 0xee",
        "0xaa, 6, 0xee",
        "0x04, 7, 0x04",
        "0x44, 7, 0x44",
        "0xbb, 7, 0xbb",
        "0xff, 7, 0xff",
        "0xff, 0, 0x00",
        "0xff, 3, 0x0c",
        "0x04, 3, 0x04",
        "0x0c, 1, 0x04",
        // MemAttr[3] is RES0.
        "0xff, 0xd, 0x44",
        "0xbb, 0xe, 0xff",
        "0xff, 0x9, 0x04"
    })
    void s2FwbForcesOrLeavesTheType(String first, String second, String memory) {
        Attributes both =
                stage1(Integer.decode(first), 3)
                        .combine(leaf2(Integer.decode(second), 3), true)
                        .consistent();
        assertThat(both.memory()).isEqualTo(Integer.decode(memory));
    }

    @ParameterizedTest
    @CsvSource({
        // stage 1, ALLOCCFG, out: no allocation and transient prevail; no hints without a cache
        "0xff, 0x0, 0xff", "0xff, 0x8, 0xcc", "0xff, 0xc, 0xee", "0xee, 0xa, 0xcc",
        "0xff, 0xf, 0x77", "0x44, 0x8, 0x44", "0x04, 0x8, 0x04", "0x4f, 0x8, 0x4c",
        "0x77, 0x8, 0xcc", "0xff, 0x9, 0xcc"
    })
    void aTransactionsHintsAreCombinedWithStage1s(String first, String alloc, String memory) {
        Attributes input = Attributes.overridden(false, 0, Integer.decode(alloc), 1);
        assertThat(stage1(Integer.decode(first), 3).withHintsOf(input).memory())
                .isEqualTo(Integer.decode(memory));
    }

    /// STE fields but those of the list in 5.2.1 are not cached with translations.
    @Test
    void anOverrideCountsWithoutATlbInvalidationAndForItsOwnStreamOnly() {
        Rig rig = new Rig(SmmuIdentity.MAX, new CacheMode.Adversarial()).start();
        long s2 = rig.allocate(8192);
        rig.identity(s2);
        Ste plain = Rig.stage2(Ste.Config.S2, s2);
        rig.ste(1, plain);
        rig.ste(2, plain.with(1, Ste.MTCFG, 1).with(1, Ste.MEMATTR, 1));
        assertThat(memory(rig, 1)).isEqualTo(0xff);
        assertThat(memory(rig, 2)).isEqualTo(0x04);
        assertThat(memory(rig, 1)).isEqualTo(0xff);
        rig.ste(1, plain.with(1, Ste.ALLOCCFG, 8));
        rig.command(new Command.CfgiSte(1, false, true));
        assertThat(memory(rig, 1)).isEqualTo(0xcc);
    }

    private static int memory(Rig rig, int sid) {
        return ((Translation.Mapped) rig.go(sid, Rig.RAM, Access.READ)).attributes().memory();
    }
}
