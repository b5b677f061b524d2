package dev.belfry.lab.explain;

import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.lab.InputError;
import dev.belfry.lab.explain.ExplainReport.Stage1;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.lab.explain.Messages.Message;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.system.RecordingView;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Function;
import dev.belfry.qemu.QemuError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/// Explains a system that is looked at.
public final class ExplainLab {

    private final SystemView view;
    private final ExplainRequest request;
    private final Inventory inventory;
    private final Streams streams;

    private ExplainLab(SystemView view, Optional<FirmwareInfo> firmware, ExplainRequest request) {
        this.view = view;
        this.request = request;
        this.inventory = new Inventory(view, firmware);
        this.streams = new Streams(inventory);
    }

    /// Answers a request.
    ///
    /// @throws InputError when the system has no such function or vector
    public static ExplainReport explain(SystemView view, ExplainRequest request) throws InputError {
        try {
            return new ExplainLab(view, Firmware.find(view).map(Firmware.Found::info), request)
                    .run();
        } catch (QemuError e) {
            throw new InputError(String.valueOf(e.getMessage()), "");
        }
    }

    /// Everything that [#explain] looks at, whatever the request: the pages with tables and queues,
    /// registers, functions.
    ///
    /// @throws InputError when the system cannot be read
    public static Snapshot capture(SystemView view) throws InputError {
        try {
            // Where tables are is found out first: a search is not to be kept.
            Optional<Firmware.Found> tables = Firmware.find(view);
            RecordingView recording = new RecordingView(view);
            ExplainLab lab =
                    new ExplainLab(
                            recording,
                            tables.flatMap(t -> Firmware.read(recording, t.address())),
                            ExplainRequest.EVERYTHING);
            lab.run();
            for (Function f : view.functions()) {
                Stage1 map =
                        new IovaMap(lab.inventory, lab.streams).of(f.bdf(), OptionalInt.empty());
                for (int pasid : map.pasids()) {
                    new IovaMap(lab.inventory, lab.streams).of(f.bdf(), OptionalInt.of(pasid));
                }
            }
            return recording.snapshot();
        } catch (QemuError e) {
            throw new InputError(String.valueOf(e.getMessage()), "");
        }
    }

    private ExplainReport run() throws InputError {
        List<Function> functions =
                view.functions().stream().filter(f -> request.wants(f.bdf())).toList();
        if (functions.isEmpty() && request.device().isPresent()) {
            throw noSuch(request.device().get());
        }
        List<Vector> vectors = vectors(functions);
        CommandHistory commands = new CommandHistory(inventory);
        return new ExplainReport(
                view.source(),
                view.notes(),
                functions.stream().map(this::describe).toList(),
                vectors,
                request.device()
                        .flatMap(bdf ->
                                request.dma()
                                        .map(d ->
                                                new DmaWalks(inventory, streams)
                                                        .walk(bdf, request.pasid(), d))),
                request.device()
                        .filter(bdf -> request.iovaMap())
                        .map(bdf -> new IovaMap(inventory, streams).of(bdf, request.pasid())),
                new EventHistory(inventory, streams, commands).told(request.device()),
                commands(commands, functions),
                new CrossChecks(inventory, streams, commands, functions, vectors).run(),
                changes());
    }

    /// With a device, only what is about it or about all.
    private List<ExplainReport.Command> commands(CommandHistory history, List<Function> functions) {
        if (request.device().isEmpty()) {
            return history.told();
        }
        Bdf bdf = functions.getFirst().bdf();
        long stream = streams.of(bdf).streamId() & 0xffff_ffffL;
        long device = streams.device(bdf).deviceId() & 0xffff_ffffL;
        Set<String> smmus =
                view.smmus().stream().map(SystemView.Frame::name).collect(Collectors.toSet());
        return history.told().stream()
                .filter(c ->
                        c.id().isPresent()
                                ? c.id().getAsLong()
                                                == (smmus.contains(c.queue()) ? stream : device)
                                        || c.covers(stream)
                                : !c.name().endsWith("SYNC"))
                .toList();
    }

    private List<ExplainReport.Change> changes() {
        return view.changes().stream()
                .map(c -> new ExplainReport.Change(c.address(), c.before(), c.after()))
                .toList();
    }

    private InputError noSuch(Bdf bdf) {
        String known =
                view.functions().stream()
                        .map(f -> inventory.topology().name(f.bdf()))
                        .collect(Collectors.joining(", "));
        return new InputError(
                inventory.topology().name(bdf) + ": no such PCI function in " + view.source(),
                known.isEmpty() ? "no PCI function is known at all" : "there are " + known);
    }

    private List<Vector> vectors(List<Function> functions) throws InputError {
        Journeys journeys = new Journeys(inventory, streams);
        List<Vector> out = new ArrayList<>();
        for (Function f : functions) {
            List<Message> messages = inventory.messages().of(f);
            if (messages.isEmpty() && request.vector().isPresent()) {
                messages = inventory.messages().switchedOff(f);
            }
            for (Message m : messages) {
                if (request.vector().isEmpty() || request.vector().getAsInt() == m.vector()) {
                    out.add(journeys.of(m, request.allHops(), request.vector().isPresent()));
                }
            }
        }
        if (out.isEmpty() && request.vector().isPresent()) {
            throw noVector(functions.getFirst(), request.vector().getAsInt());
        }
        return out;
    }

    private InputError noVector(Function function, int vector) {
        return new InputError(
                "%s has no vector %d: %s"
                        .formatted(
                                inventory.topology().name(function.bdf()),
                                vector,
                                inventory.messages().summary(function)),
                "vectors are counted from 0; without a number all are told");
    }

    private ExplainReport.Function describe(Function function) {
        Bdf bdf = function.bdf();
        ConfigSpace config = inventory.topology().config(bdf);
        Streams.Seen stream = streams.of(bdf);
        boolean behind = stream.smmu().isPresent();
        return new ExplainReport.Function(
                inventory.topology().name(bdf),
                config.vendorId(),
                config.deviceId(),
                config.classCode() >>> 8,
                inventory.messages().summary(function),
                inventory.topology().requesterId(bdf),
                behind
                        ? Optional.of(inventory.smmu(stream.smmu().getAsInt()).name())
                        : Optional.empty(),
                behind ? OptionalLong.of(stream.streamId() & 0xffff_ffffL) : OptionalLong.empty(),
                stream.policy(),
                view.itss().isEmpty()
                        ? OptionalLong.empty()
                        : OptionalLong.of(streams.device(bdf).deviceId() & 0xffff_ffffL));
    }
}
