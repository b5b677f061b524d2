package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.Problems;

/// All rules.
public final class Checks {

    private Checks() {}

    /// Holds a machine against every rule.
    public static void all(MachineDescription machine, CommandLine commandLine, Problems problems) {
        SmmuPrePlug.check(machine, problems);
    }
}
