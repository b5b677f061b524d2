package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.Command.Span;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.Test;

/// What is kept until invalidated, and what each invalidation reaches (IHI 0070 3.21, 4.3, 4.4).
class CachesTest {

    private static final long A = 0x1_0000_0000L;
    private static final long PAGE = 0x4000_5000L;
    private static final long NEW = 0x4000_9000L;
    private static final long NG = 0x800;

    private final Rig rig =
            new Rig(SmmuIdentity.QEMU_10_2_NESTED, new CacheMode.Adversarial()).start();
    private final long ttb = rig.allocate(4096);

    private void stream(int sid, int asid) {
        rig.stage1(sid, Rig.cd(ttb).with(0, Cd.ASID, asid));
        rig.ste(sid, rig.ste(sid).with(2, Ste.S2VMID, 7));
    }

    private long leaf(long flags) {
        return rig.map(ttb, 0, A, PAGE, Rig.LEAF | flags, 3);
    }

    private void change(long flags) {
        rig.map(ttb, 0, A, NEW, Rig.LEAF | flags, 3);
    }

    private long now(int sid) {
        return rig.pa(sid, A, Access.READ);
    }

    @Test
    void aChangedLeafIsOldUntilItsAddressIsInvalidated() {
        stream(1, 1);
        leaf(NG);
        assertThat(now(1)).isEqualTo(PAGE);
        change(NG);
        assertThat(now(1)).isEqualTo(PAGE);
        rig.command(
                new Command.TlbiNhVa(7, 1, Span.of(A + 0x1000, true)),
                new Command.TlbiNhVa(7, 2, Span.of(A, true)),
                new Command.TlbiNhVa(8, 1, Span.of(A, true)),
                new Command.TlbiNhAsid(7, 2),
                new Command.TlbiNhAll(8));
        assertThat(now(1)).isEqualTo(PAGE);
        rig.command(new Command.TlbiNhVa(7, 1, Span.of(A, true)));
        assertThat(now(1)).isEqualTo(NEW);
    }

    @Test
    void globalEntriesAreReachedByVaOfAnyAsidAndNotByAsid() {
        stream(1, 1);
        stream(2, 2);
        leaf(0);
        assertThat(now(1)).isEqualTo(PAGE);
        change(0);
        assertThat(now(2)).isEqualTo(PAGE);
        rig.command(new Command.TlbiNhAsid(7, 1), new Command.TlbiNhAsid(7, 2));
        assertThat(now(1)).isEqualTo(PAGE);
        rig.command(new Command.TlbiNhVa(7, 99, Span.of(A, true)));
        assertThat(now(1)).isEqualTo(NEW);
    }

    @Test
    void globalEntriesMatchWithinTheirAsidSetOnlyAndInvalidationsReachBothSets() {
        long other = rig.allocate(4096);
        rig.map(other, 0, A, NEW, Rig.LEAF, 3);
        stream(1, 1);
        leaf(0);
        rig.stage1(2, Rig.cd(other).with(0, Cd.ASID, 2).with(0, Cd.ASET, 0));
        rig.ste(2, rig.ste(2).with(2, Ste.S2VMID, 7));
        assertThat(now(1)).isEqualTo(PAGE);
        assertThat(now(2)).isEqualTo(NEW);
        change(0);
        rig.map(other, 0, A, PAGE, Rig.LEAF, 3);
        assertThat(now(1)).isEqualTo(PAGE);
        assertThat(now(2)).isEqualTo(NEW);
        rig.command(new Command.TlbiNhVa(7, 1, Span.of(A, true)));
        assertThat(now(1)).isEqualTo(NEW);
        assertThat(now(2)).isEqualTo(PAGE);
    }

    @Test
    void aStreamThatBypassesStage1LeavesNothingForStage2StreamsOfItsVmid() {
        rig.ste(
                1,
                Ste.ZERO
                        .withWord(
                                0,
                                Ste.V.of(1)
                                        | Ste.CONFIG.of(5)
                                        | Ste.S1CDMAX.of(1)
                                        | rig.allocate(128))
                        .with(1, Ste.S1DSS, 1)
                        .with(2, Ste.S2VMID, 7));
        Rig max = new Rig(SmmuIdentity.MAX, new CacheMode.Infinite()).start();
        max.ste(1, rig.ste(1));
        assertThat(max.pa(1, A, Access.READ)).isEqualTo(A);
        long s2 = max.allocate(8192);
        max.ste(2, Rig.stage2(Ste.Config.S2, s2));
        assertThat(max.fault(2, A, Access.READ).name()).isEqualTo("F_TRANSLATION");
        max.map(s2, 1, A, PAGE, Rig.LEAF2, 3);
        assertThat(max.pa(2, A, Access.READ)).isEqualTo(PAGE);
        assertThat(max.pa(1, A, Access.READ)).isEqualTo(A);
    }

    @Test
    void byAsidByVmidAndAllReachNonGlobalEntries() {
        for (Command c :
                new Command[] {
                    new Command.TlbiNhAsid(7, 1),
                    new Command.TlbiNhAll(7),
                    new Command.TlbiNhVaa(7, Span.of(A, true)),
                    new Command.TlbiS12Vmall(7),
                    new Command.TlbiNsnhAll()
                }) {
            stream(1, 1);
            leaf(NG);
            rig.command(new Command.CfgiSteRange(0, false, 31), new Command.TlbiNsnhAll());
            assertThat(now(1)).isEqualTo(PAGE);
            change(NG);
            assertThat(now(1)).isEqualTo(PAGE);
            rig.command(c);
            assertThat(now(1)).as(c.specName()).isEqualTo(NEW);
        }
    }

    @Test
    void rangesReachEachOfTheirGranulesAndNoMore() {
        stream(1, 1);
        for (int i = 0; i < 40; i++) {
            rig.map(ttb, 0, A + 4096L * i, PAGE, Rig.LEAF | NG, 3);
            rig.pa(1, A + 4096L * i, Access.READ);
            rig.map(ttb, 0, A + 4096L * i, NEW, Rig.LEAF | NG, 3);
        }
        // (3 + 1) << 3 pages from the second one on.
        rig.command(new Command.TlbiNhVa(7, 1, new Span(A + 4096, true, 3, 3, 1, 3)));
        for (int i = 0; i < 40; i++) {
            assertThat(rig.pa(1, A + 4096L * i, Access.READ))
                    .as("page %d", i)
                    .isEqualTo(i >= 1 && i < 33 ? NEW : PAGE);
        }
    }

    @Test
    void hintsSpareOtherGranulesAndLevelsInAdversarialMode() {
        stream(1, 1);
        leaf(NG);
        assertThat(now(1)).isEqualTo(PAGE);
        change(NG);
        rig.command(
                new Command.TlbiNhVa(7, 1, new Span(A, true, 0, 0, 3, 3)),
                new Command.TlbiNhVa(7, 1, new Span(A, true, 0, 0, 1, 2)));
        assertThat(now(1)).isEqualTo(PAGE);
        rig.command(new Command.TlbiNhVa(7, 1, new Span(A, true, 0, 0, 1, 3)));
        assertThat(now(1)).isEqualTo(NEW);
    }

    @Test
    void aStage1BlockOverStage2PagesGoesAsAWhole() {
        long s2 = rig.allocate(8192);
        rig.map(s2, 1, Rig.RAM, Rig.RAM, Rig.LEAF2, 1);
        for (int i = 0; i < 512; i++) {
            rig.map(s2, 1, 0x20_0000L + 4096L * i, PAGE, Rig.LEAF2, 3);
        }
        rig.nested(1, Rig.cd(ttb), s2);
        long block = 0x8000_0000L;
        rig.map(ttb, 0, block, 0x20_0000L, Rig.LEAF | NG, 2);
        for (int i = 0; i < 512; i += 37) {
            assertThat(rig.pa(1, block + 4096L * i, Access.READ)).isEqualTo(PAGE);
        }
        rig.map(ttb, 0, block, Rig.RAM, Rig.LEAF | NG, 2);
        assertThat(rig.pa(1, block + 37 * 4096, Access.READ)).isEqualTo(PAGE);
        // An address of one page, another than those in use.
        rig.command(new Command.TlbiNhVa(7, 1, Span.of(block + 4096, true)));
        for (int i = 0; i < 512; i += 37) {
            assertThat(rig.pa(1, block + 4096L * i, Access.READ)).isEqualTo(Rig.RAM + 4096L * i);
        }
    }

    @Test
    void invalidationByIpaDoesNotReachCombinedEntries() {
        long s2 = rig.allocate(8192);
        rig.map(s2, 1, Rig.RAM, Rig.RAM, Rig.LEAF2, 1);
        rig.map(s2, 1, A, PAGE, Rig.LEAF2, 3);
        rig.nested(1, Rig.cd(ttb), s2);
        rig.ste(2, Rig.stage2(Ste.Config.S2, s2));
        rig.map(ttb, 0, A, A, Rig.LEAF | NG, 3);
        assertThat(now(1)).isEqualTo(PAGE);
        assertThat(now(2)).isEqualTo(PAGE);
        rig.map(s2, 1, A, NEW, Rig.LEAF2, 3);
        rig.command(new Command.TlbiS2Ipa(7, Span.of(A, true)));
        assertThat(now(2)).isEqualTo(NEW);
        assertThat(now(1)).isEqualTo(PAGE);
        rig.command(new Command.TlbiNhAll(7));
        assertThat(now(1)).isEqualTo(NEW);
    }

    @Test
    void aRefusalIsCachedToo() {
        stream(1, 1);
        rig.map(ttb, 0, A, PAGE, Rig.LEAF | NG | 0x80, 3);
        assertThat(now(1)).isEqualTo(PAGE);
        leaf(NG);
        assertThat(rig.fault(1, A, Access.WRITE).name()).isEqualTo("F_PERMISSION");
        rig.command(new Command.TlbiNhVa(7, 1, Span.of(A, true)));
        assertThat(rig.pa(1, A, Access.WRITE)).isEqualTo(PAGE);
    }

    @Test
    void anSteIsOldUntilItsStreamIdIsInvalidated() {
        rig.ste(0x20, Ste.bypass());
        assertThat(rig.pa(0x20, A, Access.READ)).isEqualTo(A);
        rig.ste(0x20, Ste.abort());
        rig.command(
                new Command.CfgiSte(0x21, false, true),
                new Command.CfgiSteRange(0x10, false, 3),
                new Command.CfgiCdAll(0x20, false));
        assertThat(rig.pa(0x20, A, Access.READ)).isEqualTo(A);
        rig.command(new Command.CfgiSte(0x20, false, true));
        assertThat(rig.go(0x20, A, Access.READ)).isInstanceOf(Translation.Faulted.class);
    }

    @Test
    void rangesOfStreamIdsAreAlignedAndTwiceTwoToTheRange() {
        // Renode's mask spans twice as many, and range 31 only two.
        for (int sid = 0; sid < 256; sid++) {
            rig.ste(sid, Ste.bypass());
            rig.pa(sid, A, Access.READ);
            rig.ste(sid, Ste.abort());
        }
        rig.command(new Command.CfgiSteRange(0x2b, false, 2));
        for (int sid = 0; sid < 256; sid++) {
            boolean stale = rig.go(sid, A, Access.READ) instanceof Translation.Mapped;
            assertThat(stale).as("sid %d", sid).isEqualTo(sid < 0x28 || sid > 0x2f);
        }
        rig.command(new Command.CfgiSteRange(0x2b, false, 31));
        assertThat(rig.go(255, A, Access.READ)).isInstanceOf(Translation.Faulted.class);
    }

    @Test
    void aCdIsOldUntilItsIndexIsInvalidated() {
        stream(1, 1);
        leaf(NG);
        assertThat(now(1)).isEqualTo(PAGE);
        rig.words(rig.ste(1).s1ContextPtr(), 0);
        rig.command(new Command.CfgiCd(1, false, 1, true), new Command.CfgiCd(2, false, 0, true));
        assertThat(now(1)).isEqualTo(PAGE);
        rig.command(new Command.CfgiCd(1, false, 0, true));
        assertThat(rig.fault(1, A, Access.READ).name()).isEqualTo("C_BAD_CD");
    }

    @Test
    void theFastPathAgreesAndKnowsOnlyWhatIsCached() {
        stream(1, 1);
        leaf(NG | 0x80);
        assertThat(rig.smmu.translateCached(1, Smmu.NO_SUBSTREAM, A + 5, Access.READ))
                .isEqualTo(-1);
        assertThat(rig.pa(1, A + 5, Access.READ)).isEqualTo(PAGE + 5);
        assertThat(rig.smmu.translateCached(1, Smmu.NO_SUBSTREAM, A + 5, Access.READ))
                .isEqualTo(PAGE + 5);
        assertThat(rig.smmu.translateCached(1, Smmu.NO_SUBSTREAM, A + 5, Access.WRITE))
                .isEqualTo(-1);
        rig.write(SmmuRegister.CR0, 0xc);
        assertThat(rig.smmu.translateCached(1, Smmu.NO_SUBSTREAM, A + 5, Access.READ))
                .isEqualTo(-1);
    }

    @Test
    void vmidWildcardsWidenInvalidations() {
        Rig max = new Rig(SmmuIdentity.MAX, new CacheMode.Infinite()).start();
        long table = max.allocate(4096);
        max.stage1(1, Rig.cd(table));
        max.ste(1, max.ste(1).with(2, Ste.S2VMID, 7));
        max.map(table, 0, A, PAGE, Rig.LEAF | NG, 3);
        max.pa(1, A, Access.READ);
        max.map(table, 0, A, NEW, Rig.LEAF | NG, 3);
        max.command(new Command.TlbiNhVa(5, 1, Span.of(A, true)));
        assertThat(max.pa(1, A, Access.READ)).isEqualTo(PAGE);
        max.write(SmmuRegister.CR0, 0xd | 2 << 6);
        max.command(new Command.TlbiNhVa(5, 1, Span.of(A, true)));
        assertThat(max.pa(1, A, Access.READ)).isEqualTo(NEW);
    }

    @Test
    void aCdThatWasUsedAfterItChangedIsAFinding() {
        long cd = rig.stage1(1, Rig.cd(ttb));
        leaf(NG);
        now(1);
        now(1);
        assertThat(rig.smmu.findings()).isEmpty();
        rig.words(cd, Rig.cd(ttb).with(0, Cd.AFFD, 1).w0());
        now(1);
        assertThat(rig.smmu.findings())
                .extracting(Finding::rule, Finding::section)
                .containsExactly(tuple("STALE_CD", "3.21.3"));
        rig.command(new Command.CfgiCd(1, false, 0, true));
        now(1);
        assertThat(rig.smmu.findings()).hasSize(1);
    }
}
