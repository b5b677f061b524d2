package dev.belfry.lab.run;

import dev.belfry.host.description.HostDescription;
import dev.belfry.host.uapi.FaultInjection;
import dev.belfry.kernel.memory.OutOfMemory;
import dev.belfry.lab.InputError;
import dev.belfry.lab.InputFile;
import dev.belfry.lab.Progress;
import dev.belfry.model.system.SystemView;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.input.Launch;
import dev.belfry.vmm.input.Launches;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.refusal.HostRefusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Builds, boots and exercises the machine of a command line.
public final class RunLab {

    /// Firmware and a kernel do not start in less.
    static final long LEAST_RAM = 128L << 20;

    private RunLab() {}

    /// A platform that has booted, what is to be noted so far, and what it was made from.
    ///
    /// @param failures system calls that are made to fail, and how often each was made
    record Booted(
            Platform platform,
            List<RunReport.Note> notes,
            CommandLine commandLine,
            FaultInjection failures) {}

    /// Runs it: every device does DMA in both directions and fires every vector.
    ///
    /// @throws InputError when the command line or the host cannot be used
    /// @throws HostRefused when a call that was made to fail leaves no machine
    public static RunReport run(RunRequest request, Progress progress)
            throws InputError, HostRefused {
        try (RunSession session = RunSession.start(request, progress)) {
            return session.finish();
        }
    }

    /// Builds and boots the machine.
    ///
    /// @throws HostRefused when a call that was made to fail leaves no machine
    static Booted boot(RunRequest request, Progress progress) throws InputError, HostRefused {
        progress.at("reading the command line", 0, 0);
        try {
            CommandLine commandLine = parse(request.commandLine());
            CheckedMachine reading = CheckedMachine.read(commandLine);
            Optional<Problem> error = reading.firstError();
            if (error.isPresent()) {
                throw error.get().refusal();
            }
            long ram = reading.machine().memory().size();
            if (ram < LEAST_RAM) {
                throw new InputError(
                        "-m: %d MiB of RAM are too few for firmware and a kernel"
                                .formatted(ram >>> 20),
                        "give at least 128M");
            }
            HostDescription host =
                    HostChoice.of(request.host(), reading.machine(), request.later());
            if (request.host().isPresent()) {
                reading = CheckedMachine.read(commandLine, Terms.on(host)).tolerant();
                Optional<Problem> misfit = reading.firstError();
                if (misfit.isPresent()) {
                    throw misfit.get().refusal();
                }
            }
            FaultInjection failures = new FaultInjection(request.options().failures().failures());
            Platform.Conditions conditions =
                    new Platform.Conditions(true, OptionalLong.empty(), failures);
            return new Booted(
                    Platform.boot(reading.machine(), host, request.options(), conditions, progress),
                    notes(reading),
                    commandLine,
                    failures);
        } catch (HostRefusal e) {
            if (request.options().failures().failures().isEmpty()) {
                throw new InputError(String.valueOf(e.getMessage()), "");
            }
            throw new HostRefused(e);
        } catch (CommandLineError e) {
            throw new InputError(String.valueOf(e.getMessage()), "");
        }
    }

    /// Builds and boots it, and gives it to look at.
    ///
    /// @throws InputError when the command line or the host cannot be used
    public static SystemView view(RunRequest request, Progress progress) throws InputError {
        try {
            Platform platform = boot(request, progress).platform;
            platform.vm().stop();
            return new MachineView(platform.vm(), platform.firmware());
        } catch (HostRefused e) {
            throw new InputError(e.text(), "");
        } catch (OutOfMemory e) {
            throw outOfMemory(e);
        }
    }

    static InputError outOfMemory(OutOfMemory e) {
        return new InputError(
                "a kernel runs out of memory: " + e.getMessage(),
                "give the guest more with -m, or the host more with ram: in its description");
    }

    /// Reads the command line, or the domain that libvirt would make one of.
    static CommandLine parse(RunRequest.Source source) throws InputError {
        return switch (source) {
            case RunRequest.Source.Words(List<String> argv) -> CommandLine.parse(argv);
            case RunRequest.Source.File(var path) -> {
                Launch launch = Launches.read(InputFile.read(path));
                for (Problem p : launch.problems()) {
                    if (p.severity() == Severity.ERROR) {
                        throw new InputError(path + ": " + p.refusal().getMessage(), "");
                    }
                }
                yield launch.commandLine();
            }
        };
    }

    private static List<RunReport.Note> notes(CheckedMachine reading) {
        List<RunReport.Note> out = new ArrayList<>();
        for (Problem p : reading.problems()) {
            if (p.severity() != Severity.ERROR) {
                String fix = p.fix().isEmpty() ? "" : "; " + p.fix();
                out.add(
                        new RunReport.Note(
                                p.severity() == Severity.NOTE ? "note" : "warning",
                                p.at() + ": " + p.message() + fix));
            }
        }
        List<String> ignored =
                reading.machine().ignored().stream().map(o -> o.at().text()).distinct().toList();
        if (!ignored.isEmpty()) {
            out.add(
                    new RunReport.Note(
                            "note", "without bearing here, ignored: " + String.join(" ", ignored)));
        }
        return out;
    }
}
