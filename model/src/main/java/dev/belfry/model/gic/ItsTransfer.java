package dev.belfry.model.gic;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.HeldMappings.Device;
import dev.belfry.model.gic.TableProblem.Kind;
import dev.belfry.model.gic.spec.Cte;
import dev.belfry.model.gic.spec.Dte;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.LpiConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Held mappings to the tables in memory and back, as KVM's table ABI revision 0 has it
/// (Documentation/virt/kvm/devices/arm-vgic-its.rst): valid entries say how far the next one is, a
/// distance of 0 ends a table, and so does a collection entry that is not valid.
///
/// @param held the mappings
/// @param tables where the tables are
/// @param eventIdBits the widest EventIDs that the ITS has
/// @param cpus how many CPUs there are
record ItsTransfer(HeldMappings held, ItsTables tables, int eventIdBits, int cpus) {

    private static final int FARTHEST_DEVICE = (1 << 14) - 1;
    private static final int FARTHEST_EVENT = (1 << 16) - 1;

    private static Optional<TableProblem> problem(Kind kind, String why) {
        return Optional.of(new TableProblem(kind, why));
    }

    private static Optional<TableProblem> unreachable(String what, long address) {
        return problem(
                Kind.UNREACHABLE,
                what + " at " + Hex.of(address) + " is not in the guest's memory");
    }

    /// Writes devices with their events, then collections.
    Optional<TableProblem> save() {
        Optional<TableProblem> failed = tables.devices().valid() ? saveDevices() : Optional.empty();
        return failed.isPresent() || !tables.collections().valid() ? failed : saveCollections();
    }

    private Optional<TableProblem> saveDevices() {
        List<Map.Entry<Integer, Device>> all = new ArrayList<>(held.devices().entrySet());
        for (int i = 0; i < all.size(); i++) {
            int id = all.get(i).getKey();
            Device device = all.get(i).getValue();
            long slot = tables.deviceSlot(id);
            if (slot < 0 || !tables.answers(slot)) {
                return problem(Kind.BAD, "the device table has no room for DeviceID " + Hex.of(id));
            }
            Optional<TableProblem> failed = saveEvents(device);
            if (failed.isPresent()) {
                return failed;
            }
            int next = i + 1 < all.size() ? all.get(i + 1).getKey() - id : 0;
            Dte dte = device.dte();
            int far = Math.min(next, FARTHEST_DEVICE);
            Dte linked = new Dte(true, dte.size(), dte.ittAddr(), far);
            tables.write(slot, tables.format().encode(linked));
        }
        return Optional.empty();
    }

    /// Events whose collection is gone have nothing that could be saved.
    private Optional<TableProblem> saveEvents(Device device) {
        List<Map.Entry<Integer, Ite>> all =
                device.events().entrySet().stream().filter(e -> e.getValue().icid() >= 0).toList();
        for (int i = 0; i < all.size(); i++) {
            int id = all.get(i).getKey();
            if (device.forwarded().contains(id)) {
                return problem(Kind.FORWARDED, "the host's GIC has the state of EventID " + id);
            }
            long at = tables.iteAddress(device.dte(), id);
            if (!tables.iteAnswers(at)) {
                return unreachable("An interrupt translation entry", at);
            }
            int next = i + 1 < all.size() ? all.get(i + 1).getKey() - id : 0;
            tables.write(at, all.get(i).getValue().withNext(Math.min(next, FARTHEST_EVENT)));
        }
        return Optional.empty();
    }

    private Optional<TableProblem> saveCollections() {
        int at = 0;
        for (Map.Entry<Integer, Cte> e : held.collections().entrySet()) {
            Optional<TableProblem> failed =
                    saveCollection(at++, tables.format().encode(e.getValue(), e.getKey()));
            if (failed.isPresent()) {
                return failed;
            }
        }
        return at < tables.collections().entries() ? saveCollection(at, 0) : Optional.empty();
    }

    private Optional<TableProblem> saveCollection(int index, long word) {
        long slot = tables.collections().address() + 8L * index;
        if (!tables.answers(slot)) {
            return unreachable("A collection table entry", slot);
        }
        tables.write(slot, word);
        return Optional.empty();
    }

    /// Reads collections, then devices with their events. What was read before a problem stays.
    Optional<TableProblem> restore() {
        Optional<TableProblem> failed =
                tables.collections().valid() ? restoreCollections() : Optional.empty();
        return failed.isPresent() || !tables.devices().valid() ? failed : restoreDevices();
    }

    private Optional<TableProblem> restoreCollections() {
        for (int i = 0; i < tables.collections().entries(); i++) {
            long slot = tables.collections().address() + 8L * i;
            if (!tables.answers(slot)) {
                return unreachable("A collection table entry", slot);
            }
            Cte cte = tables.cte(slot);
            if (!cte.valid()) {
                return Optional.empty();
            }
            if (cte.rdbase() != Cte.NOWHERE && (cte.rdbase() < 0 || cte.rdbase() >= cpus)) {
                return problem(
                        Kind.BAD, "collection " + cte.icid() + " names vCPU " + cte.rdbase());
            }
            if (held.collections().putIfAbsent(cte.icid(), cte) != null) {
                return problem(Kind.DUPLICATE, "collection " + cte.icid() + " is there already");
            }
        }
        return Optional.empty();
    }

    private Optional<TableProblem> restoreDevices() {
        if (!tables.devices().indirect()) {
            return new Scan()
                    .over(tables.devices().address(), tables.deviceCount(), 0, this::restoreDevice)
                    .problem;
        }
        long perPage = (1L << tables.devices().pageBits()) / tables.format().dteSize();
        return new Scan()
                .over(
                        tables.devices().address(),
                        tables.deviceCount() / perPage,
                        0,
                        (scan, index, word) -> {
                            if (!ItsTables.isPage(word)) {
                                return 1;
                            }
                            Scan page = new Scan();
                            page.over(
                                    ItsTables.page(word, tables.devices()),
                                    perPage,
                                    (int) (index * perPage),
                                    this::restoreDevice);
                            scan.problem = page.problem;
                            return page.ended ? 0 : 1;
                        })
                .problem;
    }

    private int restoreDevice(Scan scan, int id, long word) {
        Dte dte = tables.format().dte(word);
        if (!dte.valid()) {
            return 1;
        }
        if (dte.size() >= eventIdBits) {
            scan.problem = problem(Kind.BAD, "DeviceID " + Hex.of(id) + " has too many events");
            return 0;
        }
        held.map(id, Dte.of(dte.size(), dte.ittAddr()));
        Scan events = new Scan();
        events.over(
                dte.ittAddr(),
                dte.events(),
                0,
                (inner, event, entry) -> restoreEvent(inner, id, dte, event, entry));
        scan.problem = events.problem;
        if (scan.problem.isPresent()) {
            held.unmap(id);
        }
        return dte.next();
    }

    private int restoreEvent(Scan scan, int deviceId, Dte dte, int eventId, long word) {
        Ite ite = tables.format().ite(word, 0);
        if (!ite.valid()) {
            return 1;
        }
        String who = "EventID " + eventId + " of DeviceID " + Hex.of(deviceId);
        Device device = held.device(deviceId);
        if (ite.intid() < LpiConfig.FIRST_LPI) {
            scan.problem = problem(Kind.BAD, who + " is INTID " + ite.intid() + ", no LPI");
        } else if (eventId + ite.next() >= dte.events()) {
            scan.problem = problem(Kind.BAD, who + " links beyond the table");
        } else if (!held.collections().containsKey(ite.icid())) {
            scan.problem = problem(Kind.BAD, who + " is in unknown collection " + ite.icid());
        } else if (device == null || !held.map(device, eventId, ite.withNext(0))) {
            scan.problem = problem(Kind.TOO_MANY, "too many events are mapped");
        }
        return ite.next();
    }

    /// A walk over the entries of a table, 8 bytes each, following their distances.
    private final class Scan {

        /// What to do with an entry.
        interface Visit {
            /// @return how far the next one is, 0 for the end
            int entry(Scan scan, int id, long word);
        }

        private Optional<TableProblem> problem = Optional.empty();
        private boolean ended;

        Scan over(long base, long count, int firstId, Visit visit) {
            for (long i = 0; i < count && !ended && problem.isEmpty(); ) {
                long at = base + 8 * i;
                if (!tables.answers(at)) {
                    problem = unreachable("A table entry", at);
                    return this;
                }
                int step = visit.entry(this, (int) (firstId + i), tables.word(at));
                ended = step == 0;
                i += step;
            }
            return this;
        }
    }
}
