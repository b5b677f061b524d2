package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.MachineReader;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Severity;
import java.util.List;
import java.util.Optional;

/// A command line read into a machine and held against every rule.
///
/// @param machine the machine; with errors, what could be made of it
/// @param problems in the order in which QEMU would meet them
public record CheckedMachine(MachineDescription machine, List<Problem> problems) {

    public CheckedMachine {
        problems = List.copyOf(problems);
    }

    /// Reads and checks.
    public static CheckedMachine read(CommandLine commandLine) {
        MachineReader.Described described = MachineReader.read(commandLine);
        Checks.all(described.machine(), commandLine, described.problems());
        return new CheckedMachine(described.machine(), described.problems().inOrder());
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
}
