package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.Command.Span;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Random fills and invalidations, held against a plain list of [CachedEntry]s: what a command has
/// to remove is gone, and in adversarial mode nothing else is (IHI 0070 4.4).
///
/// Each leaf's output address tells which generation of the tables it was read from.
class TlbInvalidationTest {

    private static final int LEAVES = 12;

    /// Which space has a block that stage 2 cuts.
    private static final int CUT = 5;

    /// Streams whose tables are one address space: a VMID and an ASID, or a regime's only one.
    ///
    /// @param number for output addresses, 0..15
    /// @param stages 1, 2 or 3 for both
    /// @param cut whether the last leaf, a block, lies on small stage 2 pages
    private record Space(
            int number,
            int sid,
            int world,
            int vmid,
            int asid,
            int aset,
            int stages,
            int granule,
            boolean cut,
            long table,
            long stage2) {

        boolean ipa() {
            return stages == 2;
        }

        /// A page, or with the highest numbers a block of level 2; some in the upper half.
        long address(int leaf) {
            long low = isBlock(leaf) ? (leaf - 7L) << 25 : (leaf + 1L) << granule;
            return leaf % 3 == 2 && stages != 2 && world != 2 ? low | 0xffff_8000_0000_0000L : low;
        }

        boolean isBlock(int leaf) {
            return leaf >= 8 && granule < 16;
        }

        int shift(int leaf) {
            return isBlock(leaf) ? 2 * granule - 3 : granule;
        }

        boolean global(int leaf) {
            return world == 2 || ipa() || leaf % 2 == 0;
        }

        /// Pages of global leaves are those of all ASIDs of the VMID.
        long output(int leaf, int generation) {
            int owner = global(leaf) && !ipa() ? world : number + 4;
            return (long) generation << 40 | (long) owner << 35 | (leaf + 1L) << 30;
        }
    }

    private final List<CachedEntry> entries = new ArrayList<>();
    private final List<Space> spaces = new ArrayList<>();
    private int generation = 1;
    private Rig rig = new Rig(SmmuIdentity.MAX);
    private boolean e2h;
    private int wildcard;

    private void start(CacheMode mode, boolean withE2h) {
        e2h = withE2h;
        rig = new Rig(SmmuIdentity.MAX, mode).start();
        rig.write(SmmuRegister.CR0, 0);
        rig.write(SmmuRegister.CR2, e2h ? 3 : 2);
        rig.write(SmmuRegister.CR0, 0xd);
        int el2 = e2h ? 3 : 2;
        add(1, 4, 1, 1, 1, 12, false);
        add(1, 4, 2, 1, 1, 12, false);
        add(1, 4, 3, 0, 1, 12, false);
        add(1, 5, 1, 1, 1, 14, false);
        add(1, 6, 1, 1, 3, 12, false);
        add(1, 6, 2, 1, 3, 12, true);
        add(1, 7, 1, 1, 3, 16, false);
        add(1, 7, 0, 0, 2, 12, false);
        add(el2, 0, 1, 1, 1, 12, false);
        if (e2h) {
            add(el2, 0, 2, 1, 1, 12, false);
        }
    }

    private void add(
            int world, int vmid, int asid, int aset, int stages, int granule, boolean cut) {
        int number = spaces.size();
        long table = rig.allocate(1 << 16);
        long stage2 = stages == 1 ? 0 : rig.allocate(4096);
        int sid = 0x20 + number;
        Space s =
                new Space(
                        number, sid, world, vmid, asid, aset, stages, granule, cut, table, stage2);
        spaces.add(s);
        int tg0 = granule == 12 ? 0 : granule == 14 ? 2 : 1;
        int tg1 = granule == 12 ? 2 : granule == 14 ? 1 : 3;
        Cd cd =
                Rig.cd(table)
                        .with(0, Cd.EPD1, 0)
                        .with(0, Cd.T0SZ, granule == 14 ? 17 : 16)
                        .with(0, Cd.T1SZ, granule == 14 ? 17 : 16)
                        .with(0, Cd.TG0, tg0)
                        .with(0, Cd.TG1, tg1)
                        .with(0, Cd.IPS, 5)
                        .with(0, Cd.ASID, asid)
                        .with(0, Cd.ASET, aset)
                        .withWord(2, table);
        Ste.Config config =
                stages == 1 ? Ste.Config.S1 : stages == 2 ? Ste.Config.S2 : Ste.Config.NESTED;
        if (stages == 1) {
            rig.stage1(sid, cd);
        } else {
            rig.nested(sid, cd, stage2);
            Ste ste =
                    rig.ste(sid)
                            .with(0, Ste.CONFIG, config.bits())
                            .with(2, Ste.S2T0SZ, 16)
                            .with(2, Ste.S2SL0, 2)
                            .with(2, Ste.S2PS, 5);
            rig.ste(sid, ste);
            rig.map(stage2, 0, Rig.RAM, Rig.RAM, Rig.LEAF2, 1);
        }
        rig.ste(sid, rig.ste(sid).with(2, Ste.S2VMID, vmid).with(1, Ste.STRW, world == 1 ? 0 : 2));
    }

    /// Changes all leaves; the caches do not know.
    private void change() {
        generation++;
        for (Space s : spaces) {
            for (int leaf = 0; leaf < LEAVES; leaf++) {
                change(s, leaf);
            }
        }
    }

    private void change(Space s, int leaf) {
        long input = s.address(leaf);
        long output = s.output(leaf, generation);
        if (s.ipa()) {
            rig.map(s.stage2(), 0, input, output, Rig.LEAF2, s.isBlock(leaf) ? 2 : 3);
            return;
        }
        long ipa = s.cut() && leaf == LEAVES - 1 ? 0x8000_0000L : output;
        int start = s.granule() == 12 ? 0 : 1;
        long leafBits = Rig.LEAF | (s.global(leaf) ? 0 : 0x800);
        long below = input & (s.granule() == 14 ? 0x7fff_ffff_ffffL : 0xffff_ffff_ffffL);
        rig.map(s.table(), s.granule(), start, below, ipa, leafBits, s.isBlock(leaf) ? 2 : 3);
        if (s.stages() == 3 && ipa == output) {
            rig.map(s.stage2(), 0, output, output, Rig.LEAF2, 1);
        } else if (s.stages() == 3) {
            for (int i = 0; i < 4; i++) {
                rig.map(s.stage2(), 0, ipa + 4096L * i, output + 8192L * i, Rig.LEAF2, 3);
            }
        }
    }

    /// One access, as the list and as the SMMU see it.
    private void access(SplittableRandom random, boolean exact) {
        Space s = space(random);
        int leaf = leaf(s, random);
        boolean piece = s.cut() && leaf == LEAVES - 1;
        int page = piece ? random.nextInt(4) : 0;
        long block = s.address(leaf);
        long address = block + 4096L * page;
        long size = piece ? 4096 : 1L << s.shift(leaf);
        CachedEntry fresh =
                new CachedEntry(
                        s.world(),
                        s.vmid(),
                        s.global(leaf) ? -1 : s.asid(),
                        s.aset(),
                        s.ipa(),
                        address,
                        size,
                        block,
                        1L << s.shift(leaf),
                        s.granule() / 2 - 5,
                        s.isBlock(leaf) ? 2 : 3,
                        s.output(leaf, generation) + 8192L * page);
        CachedEntry known = null;
        for (CachedEntry e : entries) {
            if (e.answers(s.world(), s.vmid(), s.asid(), s.aset(), s.ipa(), address)) {
                known = e;
            }
        }
        long pa = rig.pa(s.sid(), address + 0x18, Access.READ) - 0x18;
        if (known == null) {
            assertThat(pa).as("removed, or never there: %s", fresh).isEqualTo(fresh.output());
            entries.add(fresh);
        } else if (exact) {
            assertThat(pa).as("nothing removes it: %s", known).isEqualTo(known.output());
        } else if (pa != known.output()) {
            assertThat(pa).isEqualTo(fresh.output());
            entries.remove(known);
            entries.add(fresh);
        }
    }

    /// The one whose block is cut more often than others.
    private Space space(SplittableRandom random) {
        int n = random.nextInt(spaces.size() + 3);
        return spaces.get(n < spaces.size() ? n : CUT);
    }

    private static int leaf(Space s, SplittableRandom random) {
        return s.cut() && random.nextBoolean() ? LEAVES - 1 : random.nextInt(LEAVES);
    }

    private Span span(Space s, SplittableRandom random) {
        long near = s.address(leaf(s, random)) + ((random.nextInt(5) - 2L) << 12);
        if (random.nextBoolean()) {
            return Span.of(near, random.nextBoolean());
        }
        int tg = 1 + random.nextInt(3);
        int ttl = random.nextInt(4);
        int scale = random.nextInt(random.nextBoolean() ? 3 : 14);
        int num = random.nextInt(32);
        boolean reserved = num == 0 && scale == 0 && ttl == 0;
        num = reserved ? 1 : num;
        // Aligned as TG and TTL ask for it: else the range is UNPREDICTABLE (4.4.1.1).
        int granule = 10 + 2 * tg;
        boolean noLevel = ttl == 0 || (ttl == 1 && tg == 2);
        int align = noLevel ? granule : granule + (3 - ttl) * (granule - 3);
        // Leaves lie where a range begins, or where it ends, or just behind it.
        long back =
                random.nextBoolean() ? 0 : (num + random.nextInt(2)) * (1L << (scale + granule));
        // Never from one half into the other, where nothing is required.
        long from = near < 0 ? near - back : Math.max(0, near - back);
        from = from >> align << align;
        return new Span(from, random.nextBoolean(), num, scale, tg, ttl);
    }

    private Command command(SplittableRandom random) {
        Space s = space(random);
        boolean aimed = random.nextInt(3) != 0;
        int vmid = aimed ? s.vmid() : 4 + random.nextInt(5);
        int asid = aimed ? s.asid() : random.nextInt(4);
        Span span = span(s, random);
        return switch (random.nextInt(24)) {
            case 0 -> new Command.TlbiNhAll(vmid);
            case 1 -> new Command.TlbiS12Vmall(vmid);
            case 2 -> random.nextInt(4) == 0 ? new Command.TlbiNsnhAll() : new Command.TlbiEl2All();
            case 3, 4 -> new Command.TlbiEl2Asid(asid);
            case 5, 6 -> new Command.TlbiNhAsid(vmid, asid);
            case 7, 8, 9, 10 -> new Command.TlbiNhVaa(vmid, span);
            case 11, 12, 13 -> new Command.TlbiS2Ipa(vmid, span);
            case 14, 15 -> new Command.TlbiEl2Va(asid, span);
            case 16 -> new Command.TlbiEl2Vaa(span);
            // Of configurations, not translations.
            case 17 -> new Command.CfgiSteRange(0, false, 31);
            default -> new Command.TlbiNhVa(vmid, asid, span);
        };
    }

    private int run(long seed, CacheMode mode, boolean withE2h, boolean exact) {
        start(mode, withE2h);
        SplittableRandom random = new SplittableRandom(seed);
        int removed = 0;
        for (int round = 0; round < 50; round++) {
            change();
            wildcard = random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0;
            rig.write(SmmuRegister.CR0, 0xd | (long) wildcard << 6);
            for (int step = 0; step < 60; step++) {
                if (random.nextInt(3) != 0) {
                    access(random, exact);
                    continue;
                }
                Command c = command(random);
                int before = entries.size();
                rig.command(c);
                assertThat(rig.read(SmmuRegister.GERROR)).as("%s", c).isZero();
                entries.removeIf(e -> e.goesWith(c, wildcard, e2h));
                removed += before - entries.size();
            }
        }
        return removed;
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, true", "3, false", "4, true", "5, false", "6, true"})
    void anAdversarialTlbLosesWhatEachCommandDemandsAndNothingElse(long seed, boolean withE2h) {
        assertThat(run(seed, new CacheMode.Adversarial(), withE2h, true)).isGreaterThan(300);
    }

    @ParameterizedTest
    @CsvSource({"11, false, 0", "12, true, 0", "13, false, 16", "14, true, 64"})
    void otherTlbsLoseAtLeastThat(long seed, boolean withE2h, int entriesHeld) {
        CacheMode mode =
                entriesHeld == 0 ? new CacheMode.Infinite() : new CacheMode.Sized(entriesHeld);
        assertThat(run(seed, mode, withE2h, false)).isGreaterThan(300);
    }
}
