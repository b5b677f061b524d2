package dev.belfry.vmm.check;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// One cause is told once: what follows from an earlier error, and would go with it, is left out.
///
/// QEMU stops at the first error, so that what stays is what it would print.
final class Consequences {

    /// What an error brings about.
    ///
    /// @param causes its rule, or one of them
    /// @param everywhere whether for the whole machine, or for the option that it stands at
    /// @param explained the rules that find it again
    private record Follows(Set<String> causes, boolean everywhere, Set<String> explained) {

        static Follows atOption(String causes, String explained) {
            return new Follows(Set.of(causes.split(" ")), false, Set.of(explained.split(" ")));
        }

        static Follows everywhere(String causes, String explained) {
            return new Follows(Set.of(causes.split(" ")), true, Set.of(explained.split(" ")));
        }

        boolean isCausedBy(Problem p) {
            return p.severity() == Severity.ERROR && causes.contains(p.rule());
        }
    }

    private static final List<Follows> FOLLOWS =
            List.of(
                    Follows.everywhere(
                            "ACCEL-UNKNOWN", "CPU-MODEL GIC-HOST GIC-VERSION SMMU-ACCEL-KVM"),
                    Follows.atOption("SMMU-OAS", "SMMU-EMULATED-OAS SMMU-OAS-MAP SMMU-OAS-DIFFERS"),
                    Follows.atOption("SMMU-BUS-PROPERTY", "SMMU-BUS-MISSING"),
                    Follows.atOption("SMMU-AUTO-UNRESOLVED", "CMDQV-NO-DEVICE"),
                    // The second SMMU took the first one's devices.
                    Follows.everywhere("SMMU-BUS-TAKEN", "SMMU-AUTO-UNRESOLVED CMDQV-NO-DEVICE"),
                    Follows.atOption(
                            "SMMU-BUS-PROPERTY SMMU-BUS-UNKNOWN SMMU-BUS-LATER SMMU-BUS-MISSING"
                                    + " SMMU-BUS-NOT-ROOT SMMU-BYPASS",
                            "SMMU-AUTO-UNRESOLVED CMDQV-NO-DEVICE"),
                    Follows.everywhere(
                            "SMMU-BUS-PROPERTY SMMU-BUS-UNKNOWN SMMU-BUS-LATER SMMU-BUS-MISSING"
                                    + " SMMU-BUS-NOT-ROOT SMMU-BYPASS",
                            "ROOT-WITHOUT-SMMU"),
                    Follows.everywhere("VFIO-IOMMUFD VFIO-IOMMUFD-UNKNOWN", "IOMMUFD-UNUSED"),
                    Follows.everywhere("NUMA-MEMDEV", "NUMA-SIZE"),
                    Follows.everywhere("INITIATOR-DEVICE", "INITIATOR-COUNT"),
                    Follows.atOption("MEMORY-BACKEND", "CMDQV-HUGEPAGES"),
                    Follows.everywhere("XML-SMMU-BUS", "VFIO-EMULATED-SMMU"),
                    Follows.everywhere("XML-INDEX", "XML-ADDRESS-BUS"),
                    Follows.atOption("XML-SIZE", "OBJECT-VALUE OBJECT-SIZE MEMORY-BACKEND"),
                    Follows.atOption("XML-HOSTDEV-SOURCE", "VFIO-HOST"));

    /// Of the machine as a whole, though found at each device.
    private static final Set<String> OF_THE_MACHINE =
            Set.of(
                    """
                    SMMU-ACCEL-KVM SMMU-ACCEL-FIRMWARE SMMU-ACCEL-DT SMMU-MIGRATION MSI-NONE \
                    KERNEL-VIOMMU KERNEL-GBPA KERNEL-CMDQV CMDQV-HUGEPAGES\
                    """
                            .split(" "));

    /// What is said of a name that nothing has.
    private static final Set<String> OF_NAMES =
            Set.of(
                    """
                    BUS-UNKNOWN SMMU-BUS-UNKNOWN VFIO-IOMMUFD-UNKNOWN NUMA-MEMDEV MEMORY-BACKEND \
                    INITIATOR-DEVICE BACKEND-UNKNOWN\
                    """
                            .split(" "));

    /// What may only be there because a passed-through device is not.
    private static final Set<String> OF_ABSENT_DEVICES =
            Set.of(
                    "SMMU-AUTO-UNRESOLVED",
                    "CMDQV-NO-DEVICE",
                    "IOMMUFD-UNUSED",
                    "ROOT-WITHOUT-SMMU");

    private final Map<Long, Option> options = new HashMap<>();
    private final CommandLine commandLine;
    private final MachineDescription machine;
    private final List<Problem> problems;

    private Consequences(
            CommandLine commandLine, MachineDescription machine, List<Problem> problems) {
        this.commandLine = commandLine;
        this.machine = machine;
        this.problems = problems;
        for (Option option : commandLine.options()) {
            option.params().all().forEach(p -> options.putIfAbsent(key(p.at()), option));
            options.put(key(option.at()), option);
        }
    }

    /// The problems that are causes.
    ///
    /// @param problems in QEMU's order
    static List<Problem> leftOut(
            CommandLine commandLine, MachineDescription machine, List<Problem> problems) {
        return problems.size() < 2
                ? problems
                : new Consequences(commandLine, machine, problems).causes();
    }

    private List<Problem> causes() {
        Set<Problem> gone = new HashSet<>();
        FOLLOWS.forEach(f -> follow(f, gone));
        names(gone);
        absentDevices(gone);
        misspelt(gone);
        Optional<Problem> kvm = kvm(gone);
        Set<String> told = new HashSet<>();
        List<Problem> out = new ArrayList<>();
        for (Problem p : problems) {
            boolean again = OF_THE_MACHINE.contains(p.rule()) && told.contains(p.rule());
            if (!gone.contains(p) && !again) {
                out.add(kvm.filter(k -> k.rule().equals(p.rule())).orElse(p));
                told.add(p.rule());
            }
        }
        return out;
    }

    private void follow(Follows f, Set<Problem> gone) {
        List<Problem> causes = problems.stream().filter(f::isCausedBy).toList();
        if (causes.isEmpty()) {
            return;
        }
        Set<Long> at = causes.stream().map(this::optionOf).collect(Collectors.toSet());
        Set<Problem> themselves = new HashSet<>(causes);
        problems.stream()
                .filter(p -> f.explained.contains(p.rule()) && !themselves.contains(p))
                .filter(p -> f.everywhere || at.contains(optionOf(p)))
                .forEach(gone::add);
    }

    /// A name is unknown because what has it could not be made, for a reason that is told there.
    private void names(Set<Problem> gone) {
        Map<String, Problem> broken = new HashMap<>();
        // QEMU makes its bus, and refuses it at the end.
        problems.stream()
                .filter(p -> p.rule().equals("PXB-OTHER"))
                .forEach(p -> idAt(p).ifPresent(id -> broken.putIfAbsent(id, p)));
        for (Problem p : problems) {
            if (p.severity() != Severity.ERROR) {
                continue;
            }
            Optional<Option> option = Optional.ofNullable(options.get(key(p.at())));
            boolean follows =
                    OF_NAMES.contains(p.rule())
                            && option.flatMap(o -> at(o, p.at()))
                                    .filter(v -> broken.containsKey(v.replaceFirst("\\.\\d+$", "")))
                                    .isPresent();
            if (follows) {
                gone.add(p);
            }
            idAt(p).ifPresent(id -> broken.putIfAbsent(id, p));
        }
    }

    private Optional<String> idAt(Problem p) {
        return Optional.ofNullable(options.get(key(p.at())))
                .map(o -> o.params().get("id", ""))
                .filter(id -> !id.isEmpty());
    }

    private static Optional<String> at(Option option, Position at) {
        return option.params().all().stream()
                .filter(p -> key(p.at()) == key(at))
                .map(Param::value)
                .findFirst();
    }

    private void absentDevices(Set<Problem> gone) {
        Set<Long> broken =
                problems.stream()
                        .filter(p -> p.severity() == Severity.ERROR)
                        .map(this::optionOf)
                        .collect(Collectors.toSet());
        Set<Long> made = new HashSet<>();
        machine.pci().inOrder().forEach(f -> made.add(key(f.plugged().at())));
        boolean absent =
                commandLine
                        .all("device")
                        .filter(o -> o.params().get("driver", "").contains("vfio"))
                        .anyMatch(o -> broken.contains(key(o.at())) && !made.contains(key(o.at())));
        if (absent) {
            problems.stream().filter(p -> OF_ABSENT_DEVICES.contains(p.rule())).forEach(gone::add);
        }
    }

    /// What a misspelt property was to give is missing.
    private void misspelt(Set<Problem> gone) {
        Set<Long> iommufds = new HashSet<>();
        Set<Long> needed = new HashSet<>();
        Set<Long> values = new HashSet<>();
        boolean gic = false;
        for (Problem cause : problems) {
            if (cause.rule().equals("PROPERTY-UNKNOWN") && cause.fix().contains("iommufd?")) {
                iommufds.add(optionOf(cause));
            }
            if (cause.rule().equals("PROPERTY-VALUE")) {
                values.add(key(cause.at()));
            }
            if (cause.rule().equals("QEMU-TOO-OLD") && cause.edits().isEmpty()) {
                needed.add(optionOf(cause));
            }
            gic |=
                    cause.severity() == Severity.ERROR
                            && cause.rule().startsWith("MACHINE-")
                            && (cause.message() + cause.fix()).contains("gic-version");
        }
        for (Problem p : problems) {
            boolean follows =
                    switch (p.rule()) {
                        case "VFIO-IOMMUFD" -> iommufds.contains(optionOf(p));
                        case "SMMU-OAS" -> values.contains(key(p.at()));
                        case "IOMMUFD-UNUSED" -> !iommufds.isEmpty();
                        case "GIC-DEFAULT" -> gic;
                        case "QEMU-TOO-OLD" -> !p.edits().isEmpty() && needed.contains(optionOf(p));
                        default -> false;
                    };
            if (follows) {
                gone.add(p);
            }
        }
    }

    /// Without KVM, or without its interrupt controller, several things are refused, of which QEMU
    /// names the first.
    private Optional<Problem> kvm(Set<Problem> gone) {
        List<Problem> want =
                problems.stream()
                        .filter(p -> p.severity() == Severity.ERROR && !gone.contains(p))
                        .filter(p -> !wants(p).isEmpty())
                        .toList();
        if (want.stream().map(Problem::rule).distinct().count() < 2) {
            return Optional.empty();
        }
        Problem first = want.getFirst();
        String others =
                want.stream()
                        .filter(p -> !p.rule().equals(first.rule()))
                        .map(Consequences::wants)
                        .distinct()
                        .collect(Collectors.joining(" and "));
        want.stream().filter(p -> !p.equals(first)).forEach(gone::add);
        Problem told = CheckedMachine.explained(first);
        String why = told.why().isEmpty() ? "" : told.why() + "; ";
        Problem remedy =
                want.stream()
                        .filter(p -> p.rule().equals("SMMU-ACCEL-KVM"))
                        .findFirst()
                        .orElse(first);
        return Optional.of(
                told.because(why + "without KVM there is no " + others + " either", told.source())
                        .fix(remedy.fix())
                        .repair(remedy.edits().toArray(Edit[]::new)));
    }

    /// What a finding says needs KVM, or empty.
    private static String wants(Problem p) {
        return switch (p.rule()) {
            case "CPU-MODEL" -> p.fix().contains("accel=kvm") ? "-cpu host" : "";
            case "GIC-HOST" -> "gic-version=host";
            case "GIC-VERSION" -> p.fix().contains("kernel-irqchip") ? "GICv3" : "";
            case "SMMU-ACCEL-KVM" -> "accel=on of an arm-smmuv3";
            default -> "";
        };
    }

    /// The option that a finding is about, by its place.
    private long optionOf(Problem p) {
        Option option = options.get(key(p.at()));
        return option == null ? key(p.at()) : key(option.at());
    }

    private static long key(Position at) {
        return (long) at.line() << 32 | at.column();
    }
}
