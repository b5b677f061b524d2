package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.GicrPendbaser;
import dev.belfry.model.gic.spec.GicrPropbaser;
import dev.belfry.model.gic.spec.GicrVpendbaser;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.LpiConfig;
import dev.belfry.model.gic.spec.Vte;
import dev.belfry.model.memory.PhysicalMemory;

/// Our own Redistributor.
///
/// @param delivers whether [#pend] acts; otherwise it is only looked at
record LiveRedistributor(
        Redistributor target, PhysicalMemory memory, int cpu, long regionBase, boolean delivers)
        implements RedistributorView {

    @Override
    public boolean known() {
        return true;
    }

    @Override
    public long base() {
        return regionBase == 0 ? 0 : regionBase + cpu * target.size();
    }

    @Override
    public boolean enableLpis() {
        return target.enableLpis();
    }

    @Override
    public GicrPropbaser propbaser() {
        return target.propbaser();
    }

    @Override
    public GicrPendbaser pendbaser() {
        return target.pendbaser();
    }

    @Override
    public int limit() {
        return target.lpis().limit();
    }

    @Override
    public int config(int intid) {
        LpiState lpis = target.lpis();
        return lpis.trustsCache(intid)
                ? lpis.config(intid)
                : (int) memory.read(propbaser().address() + intid - LpiConfig.FIRST_LPI, 1);
    }

    @Override
    public boolean pending(int intid) {
        return target.lpis().isPending(intid);
    }

    @Override
    public void pend(int intid) {
        if (delivers) {
            target.pend(intid);
        }
    }

    @Override
    public GicrVpendbaser vpendbaser() {
        return new GicrVpendbaser(target.virtualLpis().vpendbaser());
    }

    @Override
    public void pendVirtual(Ite ite, Vte vte) {
        if (delivers) {
            target.pendVirtual(ite, vte);
        }
    }
}
