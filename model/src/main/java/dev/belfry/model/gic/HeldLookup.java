package dev.belfry.model.gic;

import dev.belfry.model.gic.HeldMappings.Device;
import dev.belfry.model.gic.spec.Cte;
import dev.belfry.model.gic.spec.Dte;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.Vte;
import org.jspecify.annotations.Nullable;

/// Mappings that the ITS keeps to itself. The tables in memory only say how many there may be.
final class HeldLookup extends ItsLookup {

    private static final long[] NOTHING = {};

    private final HeldMappings held;
    private @Nullable Device device;
    private int eventId;

    HeldLookup(ItsTables tables, HeldMappings held, int cpus) {
        super(tables, cpus, false);
        this.held = held;
    }

    HeldMappings held() {
        return held;
    }

    @Override
    Step device(int deviceId) {
        Device found = held.device(deviceId);
        device = found;
        if (found == null) {
            dte = Dte.INVALID;
            return (deviceId & 0xffff_ffffL) < tables().deviceCount() ? Step.INVALID : Step.BEYOND;
        }
        dte = found.dte();
        return Step.FOUND;
    }

    @Override
    Step event(int id) {
        eventId = id;
        if (device == null || (id & 0xffff_ffffL) >= dte.events()) {
            return Step.BEYOND;
        }
        Ite found = device.events().get(id);
        return check(found == null ? Ite.INVALID : found);
    }

    @Override
    Step collection(int icid) {
        return check(held.collections().getOrDefault(icid, Cte.INVALID), icid);
    }

    @Override
    Step vpe(int vpeid) {
        return Step.BEYOND;
    }

    @Override
    void mapDevice(int deviceId, Dte now) {
        if (now.valid()) {
            held.map(deviceId, now);
        } else {
            held.unmap(deviceId);
        }
    }

    @Override
    boolean mapEvent(Ite now) {
        return device != null && held.map(device, eventId, now);
    }

    @Override
    boolean mapCollection(int icid, Cte now) {
        if (now.valid()) {
            held.collections().put(icid, now);
        } else {
            held.unmapCollection(icid);
        }
        return true;
    }

    @Override
    boolean mapVpe(int vpeid, Vte now) {
        return false;
    }

    @Override
    long[] evidence(int deviceId) {
        return NOTHING;
    }
}
