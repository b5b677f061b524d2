package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Icc;

/// The physical interrupts of one CPU: its own SGIs and PPIs, SPIs that are routed to it, LPIs of
/// its Redistributor.
///
/// @param gic the GIC
/// @param distributor its SPIs
/// @param redistributor the CPU's
record CpuSource(GicV3 gic, Distributor distributor, Redistributor redistributor)
        implements InterruptSource {

    private static final int CLUSTER = 16;

    @Override
    public long best(boolean group0, boolean group1) {
        boolean g0 = group0 && distributor.group0Enabled();
        boolean g1 = group1 && distributor.group1Enabled();
        if (redistributor.isAsleep() || !(g0 || g1)) {
            return NONE;
        }
        long best = Math.min(bestOf(redistributor.bank(), 0, 1, g0, g1), bestSpi(g0, g1));
        LpiState lpis = redistributor.lpis();
        int lpiPriority = g1 ? lpis.bestPriority() : ActivePriorities.IDLE;
        return lpiPriority < InterruptSource.priority(best)
                ? InterruptSource.candidate(lpiPriority, true, lpis.best())
                : best;
    }

    private long bestSpi(boolean group0, boolean group1) {
        InterruptBank bank = distributor.bank();
        long best = NONE;
        for (int w = 1; w < bank.words(); w++) {
            best = Math.min(best, bestOf(bank, w, w + 1, group0, group1));
        }
        return best;
    }

    /// The best candidate of words `from` (inclusive) to `to`.
    private long bestOf(InterruptBank bank, int from, int to, boolean group0, boolean group1) {
        long best = NONE;
        for (int w = from; w < to; w++) {
            int groups = bank.group(w);
            int wanted = (group1 ? groups : 0) | (group0 ? ~groups : 0);
            for (int bits = bank.candidates(w) & wanted; bits != 0; bits &= bits - 1) {
                int n = w * 32 + Integer.numberOfTrailingZeros(bits);
                if (w == 0 || distributor.target(n) == redistributor.affinity()) {
                    boolean inGroup1 = ((groups >>> n) & 1) != 0;
                    best = Math.min(best, InterruptSource.candidate(bank.priority(n), inGroup1, n));
                }
            }
        }
        return best;
    }

    @Override
    public void activate(int intid) {
        if (intid < 32) {
            redistributor.bank().take(intid);
        } else if (intid < distributor.intids()) {
            distributor.bank().take(intid);
        } else {
            redistributor.lpis().clear(intid);
        }
    }

    @Override
    public void deactivate(int intid) {
        if (intid < 32) {
            redistributor.bank().deactivate(0, 1 << intid);
        } else if (intid < distributor.intids()) {
            distributor.bank().end(intid);
        }
    }

    /// An SGI reaches a CPU only when it is in the group that the register stands for.
    @Override
    public void send(long sgir, boolean group1) {
        int bit = 1 << Icc.SGI_INTID.getInt(sgir);
        for (int cpu = 0; cpu < gic.cpus(); cpu++) {
            Redistributor r = gic.redistributor(cpu);
            boolean inGroup1 = (r.bank().group(0) & bit) != 0;
            boolean named = Icc.SGI_IRM.isSet(sgir) ? r != redistributor : names(sgir, r);
            if (named && inGroup1 == group1) {
                r.bank().setPending(0, bit);
            }
        }
    }

    private static boolean names(long sgir, Redistributor r) {
        int cluster =
                Icc.SGI_AFF3.getInt(sgir) << 24
                        | Icc.SGI_AFF2.getInt(sgir) << 16
                        | Icc.SGI_AFF1.getInt(sgir) << 8;
        int within = (r.affinity() & 0xff) - CLUSTER * Icc.SGI_RS.getInt(sgir);
        return (r.affinity() & ~0xff) == cluster
                && within >= 0
                && within < CLUSTER
                && ((Icc.SGI_TARGET_LIST.getInt(sgir) >>> within) & 1) != 0;
    }
}
