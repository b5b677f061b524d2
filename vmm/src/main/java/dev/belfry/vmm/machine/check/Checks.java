package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.Problems;

/// All rules that need nothing but the command line. [HostCompatibility] needs a host as well.
public final class Checks {

    private Checks() {}

    /// Holds a machine against every rule.
    public static void all(MachineDescription machine, CommandLine commandLine, Problems problems) {
        BoardRules.check(machine, commandLine, problems);
        SmmuPrePlug.check(machine, problems);
        SmmuRealize.check(machine, commandLine, problems);
        SmmuBus.check(machine, problems);
        SmmuPlug.check(machine, problems);
        EndpointRules.check(machine, problems);
        OrderRules.check(machine, problems);
        MachineDone.check(machine, commandLine, problems);
        GuestRules.check(machine, problems);
    }
}
