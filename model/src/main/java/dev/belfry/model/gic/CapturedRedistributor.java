package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.GicrCtlr;
import dev.belfry.model.gic.spec.GicrPendbaser;
import dev.belfry.model.gic.spec.GicrPropbaser;
import dev.belfry.model.gic.spec.GicrVpendbaser;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.Vte;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.SystemView;

/// A Redistributor of a capture or a live system, by its registers.
record CapturedRedistributor(SystemView.Frame frame, PhysicalMemory memory)
        implements RedistributorView {

    @Override
    public boolean known() {
        SystemView.Registers r = frame.registers();
        return r.read32(Gicr.GICR_CTLR.offset()).isPresent()
                && r.read64(Gicr.GICR_PROPBASER.offset()).isPresent()
                && r.read64(Gicr.GICR_PENDBASER.offset()).isPresent();
    }

    @Override
    public long base() {
        return frame.base();
    }

    @Override
    public boolean enableLpis() {
        long ctlr = frame.registers().read32(Gicr.GICR_CTLR.offset()).orElse(0);
        return GicrCtlr.ENABLE_LPIS.isSet(ctlr);
    }

    @Override
    public GicrPropbaser propbaser() {
        return new GicrPropbaser(frame.registers().read64(Gicr.GICR_PROPBASER.offset()).orElse(0));
    }

    @Override
    public GicrPendbaser pendbaser() {
        return new GicrPendbaser(frame.registers().read64(Gicr.GICR_PENDBASER.offset()).orElse(0));
    }

    @Override
    public int limit() {
        int bits = propbaser().idBits();
        return bits < 14 ? 0 : 1 << Math.min(bits, 24);
    }

    @Override
    public int config(int intid) {
        long address = propbaser().configAddress(intid);
        return memory.accepts(address, 1) ? (int) memory.read(address, 1) : -1;
    }

    @Override
    public boolean pending(int intid) {
        long address = pendbaser().pendingAddress(intid);
        return memory.accepts(address, 1) && ((memory.read(address, 1) >>> (intid & 7)) & 1) != 0;
    }

    @Override
    public void pend(int intid) {}

    @Override
    public GicrVpendbaser vpendbaser() {
        return new GicrVpendbaser(
                frame.registers().read64(Gicr.GICR_VPENDBASER.offset()).orElse(0));
    }

    @Override
    public void pendVirtual(Ite ite, Vte vte) {}
}
