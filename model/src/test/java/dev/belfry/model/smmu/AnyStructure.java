package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.Command.Span;
import dev.belfry.model.smmu.spec.L1Cd;
import dev.belfry.model.smmu.spec.Ste;
import java.util.SplittableRandom;

/// Random structures that are near enough to legal ones to be followed, with pointers into a small
/// memory.
///
/// @param random where they come from
/// @param base first address of the memory
/// @param size its bytes, a power of two
record AnyStructure(SplittableRandom random, long base, int size) {

    private boolean seldom() {
        return random.nextInt(16) == 0;
    }

    private long flag(long mask) {
        return random.nextInt(4) == 0 ? mask : 0;
    }

    /// A page, seldom one that is not there.
    private long page() {
        long anywhere = random.nextLong() >>> (12 + random.nextInt(32));
        return seldom() ? anywhere & -4096 : base | (random.nextInt(size) & -4096);
    }

    long[] ste() {
        long w0 =
                Ste.V.of(seldom() ? 0 : 1)
                        | Ste.CONFIG.of(seldom() ? random.nextInt(8) : 4 + random.nextInt(4))
                        | Ste.S1FMT.of(random.nextInt(4))
                        | (page() | (random.nextInt(4096) & 0xfc0))
                        | Ste.S1CDMAX.of(seldom() ? random.nextInt(32) : random.nextInt(3));
        long w1 =
                Ste.S1DSS.of(random.nextInt(4))
                        | Ste.EATS.of(random.nextInt(3))
                        | Ste.STRW.of(seldom() ? random.nextInt(4) : 2 * random.nextInt(2))
                        | flag(Ste.S2FWB.mask())
                        | (seldom() ? Ste.S1STALLD.mask() : 0)
                        | (random.nextLong() & 0x000f_f1ff_0000_0000L);
        int tg = random.nextInt(3);
        int sl0 = random.nextInt(3);
        int index = 10 + 2 * (tg == 0 ? 1 : tg == 2 ? 2 : 3);
        int inputs = index + sl0AsLevels(tg, sl0) * (index - 3) + 1 + random.nextInt(index);
        long w2 =
                Ste.S2VMID.of(random.nextInt(4))
                        | Ste.S2T0SZ.of(64 - Math.min(48, inputs))
                        | Ste.S2SL0.of(sl0)
                        | Ste.S2TG.of(tg)
                        | Ste.S2PS.of(random.nextInt(8))
                        | Ste.S2AA64.of(seldom() ? 0 : 1)
                        | Ste.S2R.of(random.nextInt(2))
                        | (seldom() ? Ste.S2S.mask() : 0)
                        | flag(Ste.S2PTW.mask())
                        | (seldom() ? Ste.S2AFFD.mask() : 0)
                        | (seldom() ? Ste.S2HA.mask() | Ste.S2HD.mask() : 0);
        return new long[] {w0, w1, w2, page(), random.nextLong(), 0, 0, 0};
    }

    /// Levels below the start level.
    private static int sl0AsLevels(int tg, int sl0) {
        return tg == 0 ? sl0 + 1 : sl0;
    }

    long[] cd() {
        long w0 =
                Cd.T0SZ.of(seldom() ? random.nextInt(64) : 16 + random.nextInt(24))
                        | Cd.T1SZ.of(16 + random.nextInt(24))
                        | Cd.TG0.of(random.nextInt(3))
                        | Cd.TG1.of(1 + random.nextInt(3))
                        | flag(Cd.EPD0.mask())
                        | Cd.EPD1.of(random.nextInt(2))
                        | Cd.V.of(seldom() ? 0 : 1)
                        | Cd.IPS.of(random.nextInt(8))
                        | Cd.AA64.of(seldom() ? 0 : 1)
                        | Cd.A.mask()
                        | Cd.R.of(random.nextInt(2))
                        | Cd.ASET.of(random.nextInt(2))
                        | Cd.ASID.of(random.nextInt(4))
                        | flag(Cd.AFFD.mask())
                        | flag(Cd.TBI0.mask() | Cd.TBI1.mask())
                        | flag(Cd.WXN.mask())
                        | flag(Cd.PAN.mask())
                        | (seldom() ? Cd.S.mask() : 0)
                        | (seldom() ? Cd.HA.mask() | Cd.HD.mask() : 0);
        return new long[] {
            w0,
            page() | flag(Cd.HAD0.mask()),
            page() | flag(Cd.HAD1.mask()),
            random.nextLong(),
            0,
            0,
            0,
            0
        };
    }

    long[] l1cd() {
        return new long[] {L1Cd.of(page()).word() & (seldom() ? ~1L : -1L)};
    }

    /// A Table descriptor, or a leaf, of either stage.
    long[] descriptor() {
        long low =
                random.nextInt(3) == 0 ? random.nextInt(4096) : 0x7c0 | (random.nextInt(16) << 2);
        long high = random.nextInt(4) == 0 ? random.nextLong() & 0xfff8_0000_0000_0000L : 0;
        int type = seldom() ? random.nextInt(4) : random.nextInt(3) == 0 ? 1 : 3;
        return new long[] {page() | (low & ~3L) | type | high};
    }

    private Span span() {
        long address = seldom() ? random.nextLong() : page();
        return new Span(
                address & -4096,
                random.nextBoolean(),
                random.nextInt(32),
                random.nextInt(64),
                random.nextInt(4),
                random.nextInt(4));
    }

    Command command() {
        int sid = random.nextInt(80);
        int ssid = random.nextInt(8);
        int vmid = random.nextInt(4);
        int asid = random.nextInt(4);
        boolean leaf = random.nextBoolean();
        return switch (random.nextInt(26)) {
            case 0 -> new Command.CfgiSte(sid, false, leaf);
            case 1 -> new Command.CfgiSteRange(sid, false, random.nextInt(32));
            case 2 -> new Command.CfgiCd(sid, false, ssid, leaf);
            case 3 -> new Command.CfgiCdAll(sid, false);
            case 4 -> new Command.TlbiNhAll(vmid);
            case 5 -> new Command.TlbiNhAsid(vmid, asid);
            case 6, 7 -> new Command.TlbiNhVa(vmid, asid, span());
            case 8, 9 -> new Command.TlbiNhVaa(vmid, span());
            case 10 -> new Command.TlbiEl2All();
            case 11 -> new Command.TlbiEl2Asid(asid);
            case 12 -> new Command.TlbiEl2Va(asid, span());
            case 13 -> new Command.TlbiEl2Vaa(span());
            case 14 -> new Command.TlbiS12Vmall(vmid);
            case 15, 16 -> new Command.TlbiS2Ipa(vmid, span());
            case 17 -> new Command.TlbiNsnhAll();
            case 18 -> new Command.AtcInv(sid, ssid, leaf, leaf, page(), random.nextInt(64));
            case 19 -> new Command.PriResp(sid, ssid, leaf, random.nextInt(512), random.nextInt(4));
            case 20 -> new Command.Resume(sid, false, random.nextInt(16), leaf, leaf);
            case 21 -> new Command.StallTerm(sid, false);
            case 22 -> new Command.PrefetchConfig(sid, false, ssid, leaf);
            case 23 -> new Command.PrefetchAddr(sid, false, ssid, leaf, page(), 3, 3);
            case 24 -> new Command.Unknown(random.nextLong(), random.nextLong());
            default -> new Command.Sync(random.nextInt(4), 0, 0, page(), random.nextInt());
        };
    }
}
