package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Access flag and dirty state, by software and by hardware (IHI 0070 3.13.1 to 3.13.5).
class FlagClausesTest {

    private static final long VA = 0x1000;
    private static final long IPA = 0x10_0000_0000L;
    private static final long PAGE = 0x4000_5000L;
    private static final long AF = 1 << 10;

    /// AP[2] of stage 1; S2AP[1] of stage 2, which means the opposite.
    private static final long BIT7 = 1 << 7;

    private static final long DBM = 1L << 51;

    private final Rig rig = new Rig(SmmuIdentity.MAX).start();
    private final long ttb = rig.allocate(4096);
    private final long s2 = rig.allocate(8192);

    private void stage1(int ha, int hd, int affd) {
        rig.stage1(1, Rig.cd(ttb).with(0, Cd.HA, ha).with(0, Cd.HD, hd).with(0, Cd.AFFD, affd));
    }

    /// The flags of a descriptor: a for AF, 7 for bit 7, d for DBM.
    private String flags(long at) {
        long d = rig.ram.read(at, 8);
        return ((d & AF) != 0 ? "a" : "-")
                + ((d & BIT7) != 0 ? "7" : "-")
                + ((d & DBM) != 0 ? "d" : "-");
    }

    private static long bits(String flags) {
        return (flags.charAt(0) == 'a' ? AF : 0)
                | (flags.charAt(1) == '7' ? BIT7 : 0)
                | (flags.charAt(2) == 'd' ? DBM : 0);
    }

    // 3.13.1, 3.13.2, 3.13.3.1: what an access makes of a stage 1 leaf.
    @ParameterizedTest
    @CsvSource({
        // HA, HD, AFFD, before, write; event or after
        "0, 0, 0, ---, false, F_ACCESS",
        "0, 0, 1, ---, false, ---",
        "1, 0, 0, ---, false, a--",
        // HTTU is what counts, AFFD where it is not used.
        "1, 0, 1, ---, false, a--",
        // Access before permission, without updates (3.13.1).
        "0, 0, 0, -7d, true, F_ACCESS",
        "0, 0, 0, a7d, true, F_PERMISSION",
        "1, 0, 0, a7d, true, F_PERMISSION",
        "1, 0, 0, -7d, true, F_PERMISSION",
        // Clean becomes dirty by a write only; a page without DBM never does.
        "1, 1, 0, a7d, false, a7d",
        "1, 1, 0, a7d, true, a-d",
        "1, 1, 0, -7d, true, a-d",
        "1, 1, 0, a7-, true, F_PERMISSION",
        "1, 1, 0, a-d, true, a-d",
        "1, 1, 0, a--, true, a--",
        // HD without HA is not in use.
        "0, 1, 0, a7d, true, F_PERMISSION"
    })
    void aStage1LeafIsUpdatedAsHaAndHdSay(
            int ha, int hd, int affd, String before, boolean write, String expected) {
        stage1(ha, hd, affd);
        long leaf = rig.map(ttb, 0, VA, PAGE, (Rig.LEAF & ~AF) | bits(before), 3);
        Translation t = rig.go(1, VA, write ? Access.WRITE : Access.READ);
        if (expected.startsWith("F_")) {
            assertThat(rig.events()).extracting(e -> e.type().name()).containsExactly(expected);
            // A refused access leaves dirty state; AF is UNKNOWN with F_PERMISSION (3.13.2).
            assertThat(flags(leaf).substring(1)).isEqualTo(before.substring(1));
        } else {
            assertThat(t).isInstanceOf(Translation.Mapped.class);
            assertThat(flags(leaf)).isEqualTo(expected);
        }
    }

    // The same for stage 2, whose bit 7 is S2AP[1]: 1 is writable.
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, -7-, false, F_ACCESS", "0, 0, 1, -7-, false, -7-", "1, 0, 0, -7-, false, a7-",
        "1, 0, 0, a-d, true, F_PERMISSION", "1, 1, 0, a-d, false, a-d", "1, 1, 0, a-d, true, a7d",
        "1, 1, 0, --d, true, a7d", "1, 1, 0, a--, true, F_PERMISSION", "1, 1, 0, a7-, true, a7-",
        "0, 1, 0, a-d, true, F_PERMISSION"
    })
    void aStage2LeafIsUpdatedAsS2haAndS2hdSay(
            int ha, int hd, int affd, String before, boolean write, String expected) {
        rig.ste(
                1,
                Rig.stage2(Ste.Config.S2, s2)
                        .with(2, Ste.S2HA, ha)
                        .with(2, Ste.S2HD, hd)
                        .with(2, Ste.S2AFFD, affd));
        long leaf = rig.map(s2, 1, IPA, PAGE, (Rig.LEAF2 & ~(AF | BIT7)) | bits(before), 3);
        Translation t = rig.go(1, IPA, write ? Access.WRITE : Access.READ);
        if (expected.startsWith("F_")) {
            assertThat(rig.events()).extracting(e -> e.type().name()).containsExactly(expected);
            assertThat(flags(leaf).substring(1)).isEqualTo(before.substring(1));
        } else {
            assertThat(t).isInstanceOf(Translation.Mapped.class);
            assertThat(flags(leaf)).isEqualTo(expected);
        }
    }

    // 3.13.3.1: where PAN or APTable refuse, the page stays clean.
    @Test
    void aCleanPageThatIsRefusedForAnotherReasonStaysClean() {
        stage1(1, 1, 0);
        long leaf = rig.map(ttb, 0, VA, PAGE, Rig.LEAF | BIT7 | DBM, 3);
        rig.words(ttb, rig.ram.read(ttb, 8) | 2L << 61);
        assertThat(rig.fault(1, VA, Access.WRITE)).isEqualTo(EventType.F_PERMISSION);
        assertThat(flags(leaf)).isEqualTo("a7d");
        rig.words(ttb, rig.ram.read(ttb, 8) & ~(3L << 61));
        rig.words(leaf, rig.ram.read(leaf, 8) & ~0x40L);
        assertThat(rig.fault(1, VA, Access.WRITE)).as("privileged only").isNotNull();
        assertThat(flags(leaf)).isEqualTo("a7d");
        assertThat(rig.pa(1, VA, Access.PRIVILEGED_WRITE)).isEqualTo(PAGE);
        assertThat(flags(leaf)).isEqualTo("a-d");
    }

    // 3.13.5: an access updates the stage 1 leaf, the stage 2 leaf under it, for which that update
    // is
    // a write, and the stage 2 leaf of the IPA; the tables above only have their access flag set.
    @Test
    void oneAccessUpdatesTheDescriptorsOfBothStages() {
        rig.nested(1, Rig.cd(IPA).with(0, Cd.HA, 1).with(0, Cd.HD, 1), s2);
        rig.ste(1, rig.ste(1).with(2, Ste.S2HA, 1).with(2, Ste.S2HD, 1));
        long clean = (Rig.LEAF2 & ~(AF | BIT7)) | DBM;
        long cd = rig.ste(1).s1ContextPtr();
        long cdLeaf = rig.map(s2, 1, cd & -4096, cd & -4096, clean, 3);
        // Four levels of stage 1, each in a page of its own.
        long[] tables = new long[4];
        long[] leaves = new long[4];
        for (int i = 0; i < 4; i++) {
            tables[i] = rig.allocate(4096);
            leaves[i] = rig.map(s2, 1, IPA + 4096L * i, tables[i], clean, 3);
            if (i > 0) {
                rig.words(tables[i - 1], IPA + 4096L * i | 3);
            }
        }
        long leaf = tables[3] + 8;
        rig.words(leaf, 0x2000 | (Rig.LEAF & ~AF) | BIT7 | DBM | 2);
        long last = rig.map(s2, 1, 0x2000, PAGE, clean, 3);
        assertThat(rig.pa(1, VA, Access.READ)).isEqualTo(PAGE);
        assertThat(flags(leaf)).isEqualTo("a7d");
        assertThat(flags(last)).isEqualTo("a-d");
        // 3.13.3.1: the fetch of a CD never makes a page dirty.
        assertThat(flags(cdLeaf)).isEqualTo("a-d");
        for (int i = 0; i < 3; i++) {
            assertThat(flags(leaves[i])).as("table %s", i).isEqualTo("a-d");
        }
        assertThat(flags(leaves[3])).as("the table that was written").isEqualTo("a7d");
        assertThat(rig.pa(1, VA, Access.WRITE)).isEqualTo(PAGE);
        assertThat(flags(leaf)).isEqualTo("a-d");
        assertThat(flags(last)).isEqualTo("a7d");
    }

    // 3.13.5, 7.3.16: stage 2 must let the descriptor be written; TTRnW says that a write was
    // refused, and RnW that the transaction was a read.
    @Test
    void anUpdateThatStage2RefusesIsItsPermissionFault() {
        rig.nested(1, Rig.cd(ttb).with(0, Cd.HA, 1), s2);
        rig.map(s2, 1, Rig.RAM, Rig.RAM, Rig.LEAF2 & ~BIT7, 1);
        long leaf = rig.map(ttb, 0, VA, PAGE, Rig.LEAF & ~AF, 3);
        EventRecord e = rig.event(1, VA, Access.READ);
        assertThat(e.w0() & 0xff).isEqualTo(0x13);
        assertThat(e.w1() >>> 35 & 1).as("RnW").isEqualTo(1);
        assertThat(e.w1() >>> 39 & 7).as("CLASS = TT, S2").isEqualTo(3);
        assertThat(e.w1() >>> 44 & 1).as("TTRnW").isZero();
        assertThat(e.w3()).as("IPA").isEqualTo(leaf & -4096);
        assertThat(flags(leaf)).isEqualTo("---");
    }

    // 6.3.1, 5.4.2, 5.2.2: what IDR0.HTTU does not have is an error of the CD or STE.
    @ParameterizedTest
    @CsvSource({
        "0, 1, 0, false",
        "0, 0, 1, false",
        "1, 1, 0, true",
        "1, 1, 1, false",
        "2, 1, 1, true"
    })
    void hardwareUpdatesThatAreNotThereAreIllegal(int httu, int ha, int hd, boolean legal) {
        Rig other = new Rig(SmmuIdentity.MAX.withIdr0(Idr0.HTTU, httu)).start();
        long table = other.allocate(4096);
        other.map(table, 0, VA, PAGE, Rig.LEAF, 3);
        other.stage1(1, Rig.cd(table).with(0, Cd.HA, ha).with(0, Cd.HD, hd));
        other.go(1, VA, Access.READ);
        assertThat(other.events().isEmpty()).isEqualTo(legal);
        long stage2 = other.allocate(8192);
        other.identity(stage2);
        other.ste(2, Rig.stage2(Ste.Config.S2, stage2).with(2, Ste.S2HA, ha).with(2, Ste.S2HD, hd));
        other.go(2, Rig.RAM, Access.READ);
        assertThat(other.events().isEmpty()).isEqualTo(legal);
    }
}
