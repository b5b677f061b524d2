package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.GicrPendbaser;
import dev.belfry.model.gic.spec.GicrPropbaser;
import dev.belfry.model.gic.spec.GicrVpendbaser;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.Vte;

/// A Redistributor as a walk to it sees it: our own, or a captured one.
interface RedistributorView {

    /// Whether its registers could be read.
    boolean known();

    /// Physical address of its RD_base; 0 when nobody said.
    long base();

    boolean enableLpis();

    GicrPropbaser propbaser();

    GicrPendbaser pendbaser();

    /// One more than the highest INTID of an LPI that it accepts.
    int limit();

    /// The configuration byte in force for an LPI below [#limit]; -1 when it could not be read.
    int config(int intid);

    /// Whether an LPI below [#limit] is pending.
    boolean pending(int intid);

    /// Makes an LPI pending where that is possible; looking at a capture changes nothing.
    void pend(int intid);

    GicrVpendbaser vpendbaser();

    /// Whether the vPE with this pending table is resident.
    default boolean isResident(long table) {
        return vpendbaser().valid() && vpendbaser().address() == table;
    }

    /// Makes a virtual LPI pending, and its doorbell where that is due.
    void pendVirtual(Ite ite, Vte vte);
}
