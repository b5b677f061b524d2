package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.Test;

/// When structures are read, what is kept of them and until when (IHI 0070 3.21.1, 3.21.3,
/// 6.3.9.6). The caches are those that keep everything for as long as they may.
class StructureClausesTest {

    private static final long VA = 0x1000;
    private static final long PAGE = 0x4000_5000L;
    private static final long NOWHERE = 0x5000_0000L;
    private static final long UNMAPPED = 0x10_0000_0000L;

    private final Rig rig = new Rig(SmmuIdentity.MAX, new CacheMode.Adversarial()).start();
    private final long ttb = rig.allocate(4096);
    private final long s2 = rig.allocate(8192);

    private void nested(long contexts) {
        rig.identity(s2);
        rig.nested(1, Rig.cd(ttb), s2);
        Ste ste = rig.ste(1);
        if (contexts != 0) {
            rig.ste(1, ste.withWord(0, Ste.V.of(1) | Ste.CONFIG.of(7) | contexts));
        }
        rig.map(ttb, 0, VA, PAGE, Rig.LEAF, 3);
    }

    // 3.21.3: that a CD could not be fetched is not remembered; it is read again without any
    // configuration invalidation.
    @Test
    void anAbortedFetchOfACdIsNotRemembered() {
        nested(UNMAPPED);
        rig.map(s2, 1, UNMAPPED, NOWHERE, Rig.LEAF2, 3);
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.F_CD_FETCH);
        long page = rig.allocate(4096);
        rig.words(page, Rig.cd(ttb).words());
        rig.map(s2, 1, UNMAPPED, page, Rig.LEAF2, 3);
        assertThat(rig.pa(1, VA, Access.READ)).isEqualTo(PAGE);
    }

    // 3.21.3: nor that stage 2 did not map it: with stalls it is enough to map it and to resume.
    @Test
    void aStallOnTheFetchOfACdIsResumedWithoutInvalidatingTheCd() {
        nested(UNMAPPED);
        rig.ste(1, rig.ste(1).with(2, Ste.S2S, 1));
        Translation[] end = new Translation[1];
        rig.smmu.onStallEnd((stag, result) -> end[0] = result);
        assertThat(rig.go(1, VA, Access.READ)).isInstanceOf(Translation.Stalled.class);
        EventRecord event = rig.events().getFirst();
        assertThat(event.w1() >>> 40 & 3).as("CLASS").isZero();
        long page = rig.allocate(4096);
        rig.words(page, Rig.cd(ttb).words());
        rig.map(s2, 1, UNMAPPED, page, Rig.LEAF2, 3);
        rig.command(new Command.Resume(1, false, event.stag(), true, false));
        assertThat(end[0])
                .isInstanceOfSatisfying(
                        Translation.Mapped.class, m -> assertThat(m.pa()).isEqualTo(PAGE));
    }

    // 3.21.3: nor that an STE could not be fetched.
    @Test
    void anAbortedFetchOfAnSteIsNotRemembered() {
        rig.write(SmmuRegister.CR0, 0xc);
        rig.write(SmmuRegister.STRTAB_BASE_CFG, 1 << 16 | 6 << 6 | 8);
        rig.write(SmmuRegister.CR0, 0xd);
        rig.words(Rig.STRTAB, NOWHERE | 7);
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.F_STE_FETCH);
        // The L1STD was read, and may be kept; the STE was not.
        rig.words(Rig.STRTAB, rig.allocate(4096) | 7);
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.F_STE_FETCH);
        rig.command(new Command.CfgiSte(1, false, false));
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.C_BAD_STE);
    }

    // 3.21.3: a structure may be kept whether it is valid or not: without an invalidation what was
    // made valid stays invalid.
    @Test
    void anInvalidStructureMayBeRememberedUntilItIsInvalidated() {
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.C_BAD_STE);
        rig.stage1(1, Rig.cd(ttb).with(0, Cd.V, 0));
        rig.map(ttb, 0, VA, PAGE, Rig.LEAF, 3);
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.C_BAD_STE);
        rig.command(new Command.CfgiSte(1, false, true));
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.C_BAD_CD);
        rig.words(rig.ste(1).s1ContextPtr(), Rig.cd(ttb).words());
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.C_BAD_CD);
        rig.command(new Command.CfgiCd(1, false, 0, true));
        assertThat(rig.pa(1, VA, Access.READ)).isEqualTo(PAGE);
    }

    // 3.21.3.1: a CD that was complete before its STE pointed to it needs no CMD_CFGI_CD.
    @Test
    void aCdThatIsNewWithItsSteNeedsNoInvalidationOfItsOwn() {
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.C_BAD_STE);
        rig.stage1(1, Rig.cd(ttb));
        rig.map(ttb, 0, VA, PAGE, Rig.LEAF, 3);
        rig.command(new Command.CfgiSte(1, false, true));
        assertThat(rig.pa(1, VA, Access.READ)).isEqualTo(PAGE);
    }

    // 3.21.1: only valid translations are kept: what faulted is walked again.
    @Test
    void aTranslationThatFaultedIsNotRemembered() {
        rig.stage1(1, Rig.cd(ttb));
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.F_TRANSLATION);
        long leaf = rig.map(ttb, 0, VA, PAGE, Rig.LEAF & ~0x400L, 3);
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.F_ACCESS);
        // 3.13.1: no invalidation is needed when AF becomes 1.
        rig.words(leaf, PAGE | Rig.LEAF | 2);
        assertThat(rig.pa(1, VA, Access.READ)).isEqualTo(PAGE);
    }

    // 6.3.9.6, 3.21.3: a change of SMMUEN invalidates nothing, nor does one of STRTAB_BASE; what
    // was
    // reachable may be used until it is invalidated.
    @Test
    void disablingAndMovingTheStreamTableLeavesTheCachesAsTheyAre() {
        rig.stage1(1, Rig.cd(ttb));
        rig.map(ttb, 0, VA, PAGE, Rig.LEAF, 3);
        assertThat(rig.pa(1, VA, Access.READ)).isEqualTo(PAGE);
        rig.write(SmmuRegister.CR0, 0xc);
        rig.write(SmmuRegister.STRTAB_BASE, NOWHERE);
        assertThat(rig.pa(1, VA, Access.READ)).as("GBPA").isEqualTo(VA);
        rig.write(SmmuRegister.CR0, 0xd);
        assertThat(rig.pa(1, VA, Access.READ)).isEqualTo(PAGE);
        // Commands reach the caches while SMMUEN = 0 as well.
        rig.write(SmmuRegister.CR0, 0xc);
        rig.command(new Command.CfgiSteRange(0, false, 31));
        rig.write(SmmuRegister.CR0, 0xd);
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.F_STE_FETCH);
    }

    /// RAM that notes which of its addresses are read.
    private static final class Watched implements PhysicalMemory {
        private final PhysicalMemory ram;
        long reads;

        Watched(PhysicalMemory ram) {
            this.ram = ram;
        }

        @Override
        public boolean accepts(long address, long length) {
            return ram.accepts(address, length);
        }

        @Override
        public long read(long address, int width) {
            reads++;
            return ram.read(address, width);
        }

        @Override
        public boolean write(long address, int width, long value, int requester) {
            return ram.write(address, width, value, requester);
        }
    }

    // 3.21.3, 6.3.9.6: with SMMUEN = 0 no structure is read, for transactions or CMD_PREFETCH.
    @Test
    void whileDisabledNoStructureIsRead() {
        Watched memory = new Watched(rig.ram);
        Smmu smmu =
                new Smmu(
                        Rig.setup(
                                SmmuIdentity.MAX,
                                new CacheMode.Infinite(),
                                memory,
                                SmmuInterrupts.NONE));
        rig.stage1(1, Rig.cd(ttb));
        smmu.write(SmmuRegister.STRTAB_BASE.offset(), 8, Rig.STRTAB, 0);
        smmu.write(SmmuRegister.STRTAB_BASE_CFG.offset(), 4, 8, 0);
        smmu.write(SmmuRegister.CMDQ_BASE.offset(), 8, Rig.CMDQ | 2, 0);
        Command prefetch = new Command.PrefetchConfig(1, false, 0, false);
        rig.words(Rig.CMDQ, prefetch.w0(), prefetch.w1());
        smmu.write(SmmuRegister.CR0.offset(), 4, 8, 0);
        smmu.translate(1, -1, VA, Access.READ);
        assertThat(memory.reads).isZero();
        smmu.write(SmmuRegister.CMDQ_PROD.offset(), 4, 1, 0);
        assertThat(memory.reads).as("the command").isEqualTo(2);
        smmu.write(SmmuRegister.CR0.offset(), 4, 9, 0);
        smmu.translate(1, -1, VA, Access.READ);
        assertThat(memory.reads).isGreaterThan(2 + 8);
    }

    // 3.21.1.3: with BBML = 2 a block may become pages, and pages a block, without
    // break-before-make;
    // the invalidation of the range reaches both, and nothing faults in between.
    @Test
    void blocksBecomePagesAndBackWithoutBreakBeforeMake() {
        rig.stage1(1, Rig.cd(ttb));
        long block = 0x4020_0000L;
        long slot = rig.map(ttb, 0, block, block, Rig.LEAF, 2);
        assertThat(rig.pa(1, block + 0x3000, Access.READ)).isEqualTo(block + 0x3000);
        long pages = rig.allocate(4096);
        for (int i = 0; i < 512; i++) {
            rig.words(pages + 8L * i, block + 4096L * i | Rig.LEAF | 2);
        }
        rig.words(slot, pages | 3);
        for (int i = 0; i < 512; i++) {
            long va = block + 4096L * i;
            assertThat(rig.pa(1, va, Access.WRITE)).isEqualTo(va);
        }
        rig.command(new Command.TlbiNhVa(0, 1, Command.Span.of(block + 0x3000, true)));
        rig.words(pages + 8 * 3, PAGE | Rig.LEAF | 2);
        assertThat(rig.pa(1, block + 0x3000, Access.READ)).isEqualTo(PAGE);
        rig.words(slot, block | Rig.LEAF);
        assertThat(rig.pa(1, block + 0x3000, Access.READ)).isEqualTo(PAGE);
        rig.command(new Command.TlbiNhVa(0, 1, Command.Span.of(block + 0x3000, true)));
        assertThat(rig.pa(1, block + 0x3000, Access.READ)).isEqualTo(block + 0x3000);
    }
}
