package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a guest may make the caches hold, and look through, is bounded, whatever tags it uses.
class CacheBoundsTest {

    private static final int MANY = 1 << 17;
    private static final long PAGE = 0x4000_5000L;
    private static final long VA = 0x1000;

    @Test
    void tagsThatHoldNothingAreGivenUp() {
        Tlb tlb = new Tlb(0, false);
        for (int vmid = 0; vmid < 8; vmid++) {
            for (int asid = 0; asid < 1 << 16; asid++) {
                tlb.makeRoomForContexts();
                Tlb.Context c = tlb.context(0, vmid, asid);
                assertThat(tlb.find(c, VA)).as("ASID %s, VMID %s", asid, vmid).isNegative();
                tlb.insert(c, VA, 12, 12, PAGE, 0);
                tlb.invalidate(c);
            }
        }
        assertThat(tlb.contexts()).isLessThan(MANY);
    }

    @Test
    void tagsThatHoldSomethingAreKeptAndThenAllDroppedTogether() {
        Tlb tlb = new Tlb(0, false);
        int most = 0;
        for (int i = 0; i < 3 * MANY; i++) {
            tlb.makeRoomForContexts();
            most = Math.max(most, tlb.contexts());
            tlb.insert(tlb.context(0, i >>> 16, i & 0xffff), VA, 12, 12, PAGE, 0);
        }
        assertThat(most).isBetween(MANY, 2 * MANY + 1);
        Tlb.Context first = tlb.context(0, 0, 0);
        assertThat(tlb.find(first, VA)).isNegative();
        Tlb.Context last = tlb.context(0, (3 * MANY - 1) >>> 16, 0xffff);
        assertThat(tlb.find(last, VA)).isNotNegative();
        tlb.invalidate(tlb.known(0, (3 * MANY - 1) >>> 16, 0xffff));
        assertThat(tlb.find(last, VA)).isNegative();
    }

    /// A stream of which each of `count` PASIDs has a CD and an ASID of its own.
    private static Rig substreams(CacheMode mode, int count) {
        Rig rig = new Rig(SmmuIdentity.MAX, mode).start();
        long ttb = rig.allocate(4096);
        long at = rig.allocate(Integer.highestOneBit(count) * 128);
        for (int i = 0; i < count; i++) {
            rig.words(at + 64L * i, Rig.cd(ttb).with(0, Cd.ASID, i).words());
        }
        rig.map(ttb, 0, VA, PAGE, Rig.LEAF | 0x800, 3);
        rig.map(ttb, 0, 2 * VA, PAGE, Rig.LEAF | 0x800, 3);
        rig.ste(
                1,
                Ste.ZERO
                        .withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5) | at)
                        .with(0, Ste.S1CDMAX, 32 - Integer.numberOfLeadingZeros(count)));
        return rig;
    }

    // 4.4.2.3: CMD_TLBI_NH_VAA is for all ASIDs of a VMID, however many there are; what else goes
    // is
    // free, but not to the adversarial cache.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAddressOfManyAsidsIsInvalidatedInAllOfThem(boolean adversarial) {
        int count = 1000;
        Rig rig =
                substreams(
                        adversarial ? new CacheMode.Adversarial() : new CacheMode.Infinite(),
                        count);
        for (int i = 0; i < count; i++) {
            rig.smmu.translate(1, i, VA, Access.READ);
            rig.smmu.translate(1, i, 2 * VA, Access.READ);
        }
        long before = rig.smmu.work().walks();
        rig.command(new Command.TlbiNhVaa(0, Command.Span.of(VA, true)));
        for (int i = 0; i < count; i++) {
            rig.smmu.translate(1, i, VA, Access.READ);
        }
        assertThat(rig.smmu.work().walks() - before).isEqualTo(count);
        for (int i = 0; i < count; i++) {
            rig.smmu.translate(1, i, 2 * VA, Access.READ);
        }
        assertThat(rig.smmu.work().walks() - before).isEqualTo(adversarial ? count : 2 * count);
    }

    // 4.4.1.1: a range that covers everything, in a TLB that is far smaller than the range.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHugeRangeReachesWhatIsThereAndNoOtherAsid(boolean adversarial) {
        Rig rig =
                substreams(adversarial ? new CacheMode.Adversarial() : new CacheMode.Infinite(), 4);
        for (int i = 0; i < 4; i++) {
            rig.smmu.translate(1, i, VA, Access.READ);
        }
        long before = rig.smmu.work().walks();
        Command.Span all = new Command.Span(0, true, 31, 31, 1, 0);
        rig.command(new Command.TlbiNhVa(0, 2, all));
        for (int i = 0; i < 4; i++) {
            rig.smmu.translate(1, i, VA, Access.READ);
        }
        assertThat(rig.smmu.work().walks() - before).isEqualTo(1);
        assertThat(rig.read(SmmuRegister.GERROR)).isZero();
    }

    @Test
    void contextDescriptorsOfAllPasidsAreNotAllKept() {
        ConfigCache cache = new ConfigCache(new CacheMode.Infinite());
        SmmuIdentity id = SmmuIdentity.MAX;
        StreamConfig stream =
                SteDecoder.decode(Ste.ZERO.withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5)), id, false);
        ContextConfig cd = CdDecoder.decode(Rig.cd(0), stream, id);
        int most = 0;
        for (int sid = 0; sid < 4; sid++) {
            ConfigCache.Stream s = cache.put(sid, stream);
            for (int i = 0; i < 1 << 16; i++) {
                cache.put(s, i, cd);
                most = Math.max(most, cache.contexts());
            }
        }
        assertThat(most).isEqualTo(MANY);
        cache.invalidate(new Command.CfgiSteRange(0, false, 31), 6);
        assertThat(cache.contexts()).isZero();
    }

    // Looking leaves no trace in the caches, of any number of ASIDs.
    @Test
    void inspectionMakesNoTags() {
        Rig rig = substreams(new CacheMode.Infinite(), 64);
        for (int i = 0; i < 64; i++) {
            rig.smmu.inspect(1, i, VA, Access.READ, Probe.NONE);
        }
        assertThat(rig.smmu.translateCached(1, 5, VA, Access.READ)).isEqualTo(-1);
        rig.smmu.translate(1, 5, VA, Access.READ);
        assertThat(rig.smmu.translateCached(1, 5, VA, Access.READ)).isEqualTo(PAGE);
    }
}
