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
import java.util.OptionalLong;

/// A Redistributor of a capture or a live system, by its registers as they were read once.
///
/// @param known whether they could be read
record CapturedRedistributor(
        SystemView.Frame frame,
        PhysicalMemory memory,
        boolean known,
        boolean enableLpis,
        GicrPropbaser propbaser,
        GicrPendbaser pendbaser)
        implements RedistributorView {

    static CapturedRedistributor of(SystemView.Frame frame, PhysicalMemory memory) {
        OptionalLong ctlr = frame.registers().read32(Gicr.GICR_CTLR.offset());
        OptionalLong propbaser = frame.registers().read64(Gicr.GICR_PROPBASER.offset());
        OptionalLong pendbaser = frame.registers().read64(Gicr.GICR_PENDBASER.offset());
        return new CapturedRedistributor(
                frame,
                memory,
                ctlr.isPresent() && propbaser.isPresent() && pendbaser.isPresent(),
                GicrCtlr.ENABLE_LPIS.isSet(ctlr.orElse(0)),
                new GicrPropbaser(propbaser.orElse(0)),
                new GicrPendbaser(pendbaser.orElse(0)));
    }

    @Override
    public long base() {
        return frame.base();
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
