package dev.belfry.vmm.check;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.input.Launch;
import dev.belfry.vmm.input.domain.DomainWords;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.reader.MachineReader;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A command line read into a machine and held against every rule.
///
/// @param machine the machine; with errors, what could be made of it
/// @param problems in the order in which QEMU would meet them; of each rule the first hundred, and
///   how many more
public record CheckedMachine(MachineDescription machine, List<Problem> problems) {

    /// What QEMU refuses and Belfry can run all the same, with what it is worth telling then.
    private static final Map<String, Severity> TOLERATED =
            Map.of(
                    "SMMU-DRAFT-SPELLING", Severity.WARNING,
                    "SMMU-ACCEL-FIRMWARE", Severity.NOTE,
                    "RAS-FIRMWARE", Severity.NOTE,
                    "APPEND-KERNEL", Severity.NOTE,
                    "OPTION-GONE", Severity.WARNING,
                    "JSON-TYPE", Severity.WARNING);

    /// What may only be missing because an option could not be read.
    private static final Set<String> MISSING =
            Set.of(
                    """
                    MACHINE-TYPE BUS-UNKNOWN SMMU-BUS-UNKNOWN VFIO-IOMMUFD-UNKNOWN NUMA-MEMDEV \
                    NUMA-SIZE MEMORY-BACKEND INITIATOR-DEVICE INITIATOR-NODE SMMU-AUTO-UNRESOLVED \
                    SMMU-ACCEL-KVM SMMU-ACCEL-FIRMWARE PXB-NUMA ROOT-WITHOUT-SMMU IOMMUFD-UNUSED \
                    GIC-DEFAULT CPU-MODEL CMDQV-HUGEPAGES\
                    """
                            .split(" "));

    /// What a device that is left out, or whose place is a guess, may well put right.
    private static final Set<String> OF_DEVICES =
            Set.of("SMMU-AUTO-UNRESOLVED", "CMDQV-NO-DEVICE", "IOMMUFD-UNUSED");

    /// What libvirt adds to a domain without being told.
    private static final Set<String> OF_LIBVIRT =
            Set.of("DEVICE-NEEDS", "BACKEND-UNKNOWN", "BUS-NONE");

    public CheckedMachine {
        problems = Repeated.shortened(problems);
    }

    /// Reads and checks.
    public static CheckedMachine read(CommandLine commandLine, Terms terms) {
        MachineReader.Described described = MachineReader.read(commandLine, terms.qemu());
        Subject subject =
                new Subject(
                        described.machine(),
                        commandLine,
                        terms.qemu(),
                        terms.host(),
                        terms.kernel());
        for (Rule rule : RuleBook.rules()) {
            rule.check(subject, new Found(rule.about(), described.problems()));
        }
        List<Problem> problems = described.problems().inOrder();
        if (problems.stream().anyMatch(p -> p.rule().equals("MACHINE-OTHER"))) {
            problems =
                    problems.stream()
                            .filter(p ->
                                    p.phase() == Phase.OPTIONS || p.rule().equals("MACHINE-OTHER"))
                            .toList();
        }
        List<Problem> causes = Consequences.leftOut(commandLine, described.machine(), problems);
        CheckedMachine read =
                new CheckedMachine(
                        described.machine(),
                        Repeated.shortened(causes).stream()
                                .map(CheckedMachine::explained)
                                .toList());
        boolean unseen = problems.stream().anyMatch(p -> p.rule().equals("VFIO-HOST-UNKNOWN"));
        return unseen ? read.without(OF_DEVICES) : read;
    }

    /// Checks what was read, in whatever form it was given.
    public static CheckedMachine read(Launch launch, Terms terms) {
        CheckedMachine read = read(launch.commandLine(), terms);
        if (launch.form() == Launch.Form.DOMAIN_XML) {
            read = read.without(OF_LIBVIRT).inDomainWords();
        }
        if (launch.problems().isEmpty()) {
            return read;
        }
        List<Problem> all = new ArrayList<>();
        launch.problems().forEach(p -> all.add(explained(p)));
        boolean unread = all.stream().anyMatch(p -> p.severity() == Severity.ERROR);
        all.addAll(read.without(unread ? MISSING : OF_DEVICES).problems);
        boolean nothing = launch.commandLine().options().isEmpty();
        return new CheckedMachine(
                read.machine,
                nothing
                        ? all.subList(0, launch.problems().size())
                        : Consequences.leftOut(launch.commandLine(), read.machine, all));
    }

    private CheckedMachine inDomainWords() {
        return new CheckedMachine(
                machine, problems.stream().map(p -> p.fix(DomainWords.of(p.fix()))).toList());
    }

    private CheckedMachine without(Set<String> rules) {
        return new CheckedMachine(
                machine, problems.stream().filter(p -> !rules.contains(p.rule())).toList());
    }

    /// Reads and checks on any host, to run it: what Belfry makes do with is no error.
    public static CheckedMachine read(CommandLine commandLine) {
        return read(commandLine, Terms.ANY_HOST).tolerant();
    }

    /// The same, with what Belfry makes do with no longer an error.
    public CheckedMachine tolerant() {
        return new CheckedMachine(
                machine,
                problems.stream()
                        .map(p -> p.as(TOLERATED.getOrDefault(p.rule(), p.severity())))
                        .toList());
    }

    /// The machine of a command line that QEMU would accept.
    ///
    /// @throws dev.belfry.vmm.cmdline.CommandLineError the first thing that QEMU would refuse
    public static MachineDescription accepted(CommandLine commandLine) {
        CheckedMachine read = read(commandLine);
        read.firstError()
                .ifPresent(p -> {
                    throw p.refusal();
                });
        return read.machine;
    }

    /// What QEMU would stop at.
    public Optional<Problem> firstError() {
        return problems.stream().filter(p -> p.severity() == Severity.ERROR).findFirst();
    }

    /// Readers leave the reason to the rule book.
    static Problem explained(Problem p) {
        if (!p.why().isEmpty() || !p.source().isEmpty()) {
            return p;
        }
        return RuleBook.find(p.rule()).map(a -> with(p, a)).orElse(p);
    }

    private static Problem with(Problem p, About about) {
        return p.because(about.why(), about.source());
    }
}
