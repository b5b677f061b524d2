package dev.belfry.lab.explain;

import dev.belfry.lab.explain.ExplainReport.Finding;
import dev.belfry.lab.explain.ExplainReport.Range;
import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.system.SystemView.Function;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/// What is wrong, or will be, although no hop is broken. One method a check.
final class CrossChecks {

    private final Inventory inventory;
    private final Streams streams;
    private final CommandHistory commands;
    private final List<Function> functions;
    private final List<Vector> vectors;
    private final FindingList findings = new FindingList();

    CrossChecks(
            Inventory inventory,
            Streams streams,
            CommandHistory commands,
            List<Function> functions,
            List<Vector> vectors) {
        this.inventory = inventory;
        this.streams = streams;
        this.commands = commands;
        this.functions = functions;
        this.vectors = vectors.stream().filter(v -> v.state() != State.UNUSED).toList();
    }

    List<Finding> run() {
        FirmwareChecks firmware = new FirmwareChecks(inventory, streams, findings);
        HistoryChecks history = new HistoryChecks(streams, commands, findings);
        sharedEvents();
        new QueueChecks(inventory, findings).run();
        new DoorbellChecks(inventory, findings).run(functions);
        new RedistributorChecks(inventory, findings).run(vectors);
        Map<String, List<Vector>> byDevice =
                vectors.stream().collect(Collectors.groupingBy(Vector::device));
        for (Function f : functions) {
            String name = inventory.topology().name(f.bdf());
            List<Vector> of = byDevice.getOrDefault(name, List.of());
            Streams.Seen stream = streams.of(f.bdf());
            firmware.idMaps(f, name);
            pendingLpis(name, of);
            if (stream.smmu().isEmpty()) {
                continue;
            }
            firmware.reservedMemory(f, name, stream);
            history.announcedSte(name, stream);
            for (long address : of.stream().mapToLong(Vector::address).distinct().toArray()) {
                doorbellPage(name, stream, address);
                staleAddress(f, name, stream, address);
            }
            history.invalidatedLpis(f, name, of);
        }
        return findings.list();
    }

    private void sharedEvents() {
        Map<List<Object>, Vector> seen = new HashMap<>();
        for (Vector v : vectors) {
            if (v.masked()) {
                continue;
            }
            Vector other = seen.putIfAbsent(List.of(v.device(), v.address(), v.data()), v);
            if (other != null) {
                findings.add(
                        "shared-event",
                        "warning",
                        v.device(),
                        "vectors %d and %d send the same message (data %s)"
                                .formatted(other.vector(), v.vector(), Hex.of(v.data())),
                        "The ITS cannot tell them apart: one interrupt stands for both, and the"
                                + " other one's handler never runs.");
            }
        }
    }

    /// Memory attributes and access flag of the page that the doorbell is mapped by.
    private void doorbellPage(String name, Streams.Seen stream, long address) {
        StreamWalks.Walk walk = streams.write(stream, address);
        if (walk.toleratedAccessFlag()) {
            findings.add(
                    "access-flag",
                    "warning",
                    name,
                    "the descriptor of the doorbell page "
                            + Hex.of(address & ~0xfffL)
                            + " has AF = 0",
                    "The architecture expects F_ACCESS here (IHI 0070 7.3.15: CD.AFFD = 0 and no"
                            + " hardware update of the flag), and the interrupt would be lost. This"
                            + " QEMU does not look at AF and lets it pass; releases since 9.0, and"
                            + " hardware, do not.");
        }
        if (walk.output().isEmpty() || walk.attributes().incoming()) {
            return;
        }
        Doorbells.Place place = inventory.doorbells().at(walk.output().getAsLong());
        int memory = walk.attributes().memory();
        boolean cacheable = !walk.attributes().isDevice() && memory != 0x44;
        if (doorbell(place) && cacheable) {
            findings.add(
                    "cacheable-doorbell",
                    "warning",
                    name,
                    "the doorbell page "
                            + Hex.of(address & ~0xfffL)
                            + " is mapped as cacheable memory (attributes "
                            + Hex.of(memory)
                            + ")",
                    "A message is a write to a device register: Linux maps it Device-nGnRE. Held in"
                            + " a cache, it does not arrive.");
        }
    }

    /// A message address that belongs to a domain that the device has left.
    private void staleAddress(Function f, String name, Streams.Seen stream, long address) {
        boolean physical = doorbell(inventory.doorbells().at(address));
        if (stream.policy().endsWith("bypass") && !physical) {
            findings.add(
                    "stale-message-address",
                    "error",
                    name,
                    "its stream bypasses translation, but its messages go to "
                            + Hex.of(address)
                            + ", which is no physical doorbell",
                    "The address is an IOVA of a domain that the device has left: its vectors were"
                            + " not written again after the switch to an identity domain.");
        }
        if (!stream.translated() || streams.write(stream, address).output().isPresent()) {
            return;
        }
        if (physical) {
            findings.add(
                    "stale-message-address",
                    "error",
                    name,
                    "its stream is translated, but its messages go to the physical doorbell "
                            + Hex.of(address)
                            + ", which "
                            + stream.policy()
                            + " does not map",
                    "The address was composed while the device bypassed translation, or the"
                            + " doorbell was mapped in another domain.");
            return;
        }
        otherDoorbell(f)
                .ifPresent(r ->
                        findings.add(
                                "stale-message-address",
                                "error",
                                name,
                                "its messages go to %s, which its stage 1 does not map; that maps %s at %s"
                                        .formatted(Hex.of(address), r.what(), Hex.of(r.iova())),
                                "The address is an IOVA of another domain: its vectors were not written"
                                        + " again after the switch to this one."));
    }

    private Optional<Range> otherDoorbell(Function f) {
        return new IovaMap(inventory, streams)
                .of(f.bdf(), OptionalInt.empty()).ranges().stream()
                        .filter(r -> doorbell(inventory.doorbells().inPage(r.output(), r.size())))
                        .findFirst();
    }

    private static boolean doorbell(Doorbells.Place place) {
        return place instanceof Doorbells.Place.Its || place instanceof Doorbells.Place.V2mFrame;
    }

    /// An interrupt that is pending although nothing holds it back: the CPU has it masked, or the
    /// redistributor goes by a configuration that it read before.
    private void pendingLpis(String name, List<Vector> of) {
        for (Vector v : of) {
            boolean pending =
                    v.delivered()
                            && !v.hops().isEmpty()
                            && v.hops().stream()
                                    .filter(h -> h.kind() == HopKind.LPI)
                                    .anyMatch(h -> "1".equals(h.fields().get("pending")));
            if (pending) {
                findings.add(
                        "lpi-pending",
                        "warning",
                        name,
                        "LPI %d (vector %d) is enabled and pending: its CPU has not taken it"
                                .formatted(v.intId().orElse(0), v.vector()),
                        "If it stays so, the CPU has it masked (ICC_PMR_EL1, PSTATE.I, or it hangs),"
                                + " or no INV told the redistributor that it is enabled now (IHI"
                                + " 0069 5.1.1).");
            }
        }
    }
}
