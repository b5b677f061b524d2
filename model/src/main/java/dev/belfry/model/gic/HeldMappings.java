package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Cte;
import dev.belfry.model.gic.spec.Dte;
import dev.belfry.model.gic.spec.Ite;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Mappings that an ITS keeps to itself, as KVM's does: guest memory holds them only after a save.
/// Devices and events are in the order of their ids, collections in that of their mapping.
final class HeldMappings {

    /// So many events and no more, whatever a guest maps: each costs memory.
    private static final int MOST_EVENTS = 1 << 22;

    /// A mapped device.
    ///
    /// @param dte its entry
    /// @param events its events by EventID
    /// @param forwarded those events whose LPIs the host's GIC has as virtual ones
    record Device(Dte dte, SortedMap<Integer, Ite> events, Set<Integer> forwarded) {}

    private final TreeMap<Integer, Device> devices = new TreeMap<>(Integer::compareUnsigned);
    private final Map<Integer, Cte> collections = new LinkedHashMap<>();
    private int events;

    SortedMap<Integer, Device> devices() {
        return devices;
    }

    Map<Integer, Cte> collections() {
        return collections;
    }

    @Nullable Device device(int deviceId) {
        return devices.get(deviceId);
    }

    /// Maps a device anew, without events.
    void map(int deviceId, Dte dte) {
        unmap(deviceId);
        devices.put(
                deviceId,
                new Device(dte, new TreeMap<>(Integer::compareUnsigned), new HashSet<>()));
    }

    void unmap(int deviceId) {
        Device gone = devices.remove(deviceId);
        events -= gone == null ? 0 : gone.events.size();
    }

    void forgetDevices() {
        devices.clear();
        events = 0;
    }

    /// Maps an event, or unmaps it. An event of a collection that nobody mapped makes it known, so
    /// that it is saved.
    ///
    /// @return false when there are too many
    boolean map(Device device, int eventId, Ite ite) {
        if (!ite.valid()) {
            device.forwarded.remove(eventId);
            events -= device.events.remove(eventId) == null ? 0 : 1;
            return true;
        }
        if (events >= MOST_EVENTS) {
            return false;
        }
        collections.putIfAbsent(ite.icid(), new Cte(true, Cte.NOWHERE, ite.icid()));
        events += device.events.put(eventId, ite) == null ? 1 : 0;
        return true;
    }

    /// A collection that goes leaves its events without one, and one of that id that comes later
    /// does not get them.
    void unmapCollection(int icid) {
        if (collections.remove(icid) != null) {
            for (Device d : devices.values()) {
                d.events.replaceAll((id, ite) -> ite.icid() == icid ? ite.withIcid(-1) : ite);
            }
        }
    }

    /// Whether an event's LPI is the host's affair.
    boolean isForwarded(int deviceId, int eventId) {
        Device d = devices.get(deviceId);
        return d != null && d.forwarded.contains(eventId);
    }

    /// Makes an event's LPI the host's affair, or the ITS's own again.
    ///
    /// @return false when it is not mapped
    boolean forward(int deviceId, int eventId, boolean now) {
        Device d = devices.get(deviceId);
        if (d == null || !d.events.containsKey(eventId)) {
            return false;
        }
        if (now) {
            d.forwarded.add(eventId);
        } else {
            d.forwarded.remove(eventId);
        }
        return true;
    }

    /// INTIDs of all events of a collection.
    void forEachIntid(int icid, IntConsumer action) {
        for (Device d : devices.values()) {
            for (Ite ite : d.events.values()) {
                if (ite.icid() == icid) {
                    action.accept(ite.intid());
                }
            }
        }
    }
}
