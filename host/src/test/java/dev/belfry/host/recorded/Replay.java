package dev.belfry.host.recorded;

import dev.belfry.host.HostKernel;
import dev.belfry.host.abi.Answer;
import dev.belfry.host.abi.ProcessFiles;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.machine.HostMachine;
import dev.belfry.host.memory.MemFile;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.msi.SwMsiDesign;
import dev.belfry.host.recorded.Recording.Outcome;
import dev.belfry.host.recorded.Recording.Section;
import dev.belfry.host.recorded.Recording.Step;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Where;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.CacheMode;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A record, made again on a model host of the same description.
///
/// What is this program's own - addresses and descriptors - is translated on the way in and back;
/// everything else, ids included, must be the same.
final class Replay {

    /// A call that ended otherwise.
    ///
    /// @param section where
    /// @param line of the record
    /// @param call its name and bytes
    /// @param real how the kernel answered
    /// @param ours how the model answered
    record Difference(String section, int line, String call, String real, String ours) {}

    private final Section section;
    private final HostKernel kernel;
    private final ProcessFiles files;
    private final ProgramMemory memory;
    private final Translation translation;
    private final Map<Integer, Integer> fds = new LinkedHashMap<>();
    private final UserMemory filePages;

    private Replay(HostKernel kernel, KernelVersion version, Section section) {
        this.section = section;
        this.kernel = kernel;
        UserMemory process = kernel.newProcess();
        filePages = kernel.newProcess();
        files = new ProcessFiles(process, version);
        memory = new ProgramMemory(process);
        translation = new Translation(memory, fds);
    }

    /// Makes all sections again, one after the other, while the host stays up.
    static List<Difference> run(HostDescription description, Recording recording) {
        JourneyRecorder recorder = new JourneyRecorder();
        HostMachine machine =
                new HostMachine(description, new CacheMode.Adversarial(), recorder.at(Where.HOST));
        HostKernel kernel =
                new HostKernel(
                        machine, new HostKernel.Boot(new SwMsiDesign(), recorder.at(Where.HOST)));
        List<Difference> out = new ArrayList<>();
        for (Section section : recording.sections()) {
            out.addAll(new Replay(kernel, description.kernel(), section).run());
        }
        return out;
    }

    private List<Difference> run() {
        List<Difference> out = new ArrayList<>();
        section.steps().forEach(s -> step(s).ifPresent(out::add));
        List.copyOf(fds.values()).reversed().forEach(files::close);
        return out;
    }

    private Optional<Difference> step(Step step) {
        return switch (step) {
            case Recording.Opened s -> {
                fds.put(s.fd(), open(s.kind(), s.what()));
                yield Optional.empty();
            }
            case Recording.Wrote s -> {
                memory.write(s.address(), s.bytes().toArray());
                yield Optional.empty();
            }
            case Recording.Limited s -> {
                long locked = s.locked() < 0 ? Long.MAX_VALUE : s.locked();
                files.process()
                        .limit(
                                new UserMemory.Limits(
                                        locked,
                                        s.capabilities().contains("ipc_lock"),
                                        s.capabilities().contains("sys_resource")));
                yield Optional.empty();
            }
            case Recording.Closed s -> {
                files.close(fd(s.fd()));
                fds.remove(s.fd());
                yield Optional.empty();
            }
            case Recording.Called s -> {
                byte[] given = s.given().toArray();
                byte[] bytes = translation.in(s.request(), given);
                memory.watch();
                Answer answer = files.ioctl(fd(s.fd()), s.request(), bytes);
                byte[] back = translation.out(s.request(), given, bytes, s.outcome());
                yield compare(
                        s.line(),
                        s.name() + " " + HexFormat.of().formatHex(given),
                        s.outcome(),
                        ours(answer, HexFormat.of().formatHex(back)));
            }
            case Recording.CalledAt s -> {
                memory.watch();
                Answer answer =
                        files.ioctl(
                                fd(s.fd()), s.request(), new UserVa(memory.toModel(s.address())));
                yield compare(s.line(), s.name() + " at", s.outcome(), ours(answer, ""));
            }
            case Recording.Read s -> {
                memory.watch();
                Answer answer =
                        files.read(fd(s.fd()), new UserVa(memory.toModel(s.address())), s.count());
                yield compare(s.line(), "read " + s.count(), s.outcome(), ours(answer, ""));
            }
        };
    }

    private Outcome ours(Answer answer, String structure) {
        return new Outcome(
                answer.errno().map(Enum::name).orElse(Long.toString(answer.value())),
                structure,
                memory.changes());
    }

    private Optional<Difference> compare(int line, String call, Outcome real, Outcome ours) {
        return real.equals(ours)
                ? Optional.empty()
                : Optional.of(
                        new Difference(
                                section.name(), line, call, show(real, ours), show(ours, real)));
    }

    private static String show(Outcome o, Outcome other) {
        return o.returned()
                + (o.structure().equals(other.structure()) ? "" : " " + o.structure())
                + (o.memory().equals(other.memory()) ? "" : " " + o.memory());
    }

    private int fd(int recorded) {
        return fds.getOrDefault(recorded, recorded);
    }

    private int open(String kind, String what) {
        return switch (kind) {
            case "iommufd" -> files.add(kernel.openIommu(files.process(), IoctlFilter.NONE));
            case "vfio" -> files.add(kernel.openVfio(bdf(what), IoctlFilter.NONE).orElseThrow());
            case "eventfd" -> files.add(new EventFd("event"));
            case "memfd" ->
                    files.add(MemFile.create(filePages, Long.parseLong(what, 16)).orThrow());
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static Bdf bdf(String text) {
        String[] p = text.split("[:.]");
        return new Bdf(
                Integer.parseInt(p[0], 16),
                Integer.parseInt(p[1], 16),
                Integer.parseInt(p[2], 16),
                Integer.parseInt(p[3], 16));
    }
}
