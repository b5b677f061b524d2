package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.SmmuInstance;

/// What an arm-smmuv3 says to its own properties.
final class SmmuRealize {

    private static final String SOURCE = "QEMU hw/arm/smmuv3.c, smmu_validate_property";
    private static final String EMULATED =
            "the emulated SMMU has no other value; the property describes the host's SMMU";
    private static final int MAX_SSIDSIZE = 20;

    private SmmuRealize() {}

    static void check(MachineDescription machine, CommandLine commandLine, Problems problems) {
        boolean onlyMigratable = commandLine.has("only-migratable");
        for (SmmuInstance smmu : machine.smmus()) {
            if (smmu.legacy()) {
                continue;
            }
            if (smmu.accel()) {
                accelerated(smmu, onlyMigratable, problems);
            } else {
                emulated(smmu, problems);
            }
        }
    }

    private static void emulated(SmmuInstance smmu, Problems problems) {
        if (smmu.ril() == OnOffAuto.OFF) {
            emulated(smmu, "RIL", "ril can only be disabled if accel=on", "ril=off", problems);
        }
        if (smmu.ats() == OnOffAuto.ON) {
            emulated(smmu, "ATS", "ats can only be enabled if accel=on", "ats=on", problems);
        }
        if (smmu.oas().orElse(SmmuInstance.DEFAULT_OAS) != SmmuInstance.DEFAULT_OAS) {
            emulated(smmu, "OAS", "OAS must be 44 bits when accel=off", "oas=", problems);
        }
        if (smmu.ssidsize().orElse(0) != 0) {
            String message = "ssidsize can only be set if accel=on";
            emulated(smmu, "SSIDSIZE", message, "ssidsize=", problems);
        }
        if (smmu.cmdqv() == OnOffAuto.ON) {
            String message = "cmdqv can only be enabled if accel=on";
            emulated(smmu, "CMDQV", message, "cmdqv=on", problems);
        }
    }

    private static void emulated(
            SmmuInstance smmu, String what, String message, String property, Problems problems) {
        add(
                smmu,
                "SMMU-EMULATED-" + what,
                message,
                EMULATED,
                "add accel=on, or remove " + property,
                problems);
    }

    private static void accelerated(SmmuInstance smmu, boolean onlyMigratable, Problems problems) {
        if (smmu.stage() != SmmuInstance.Stage.ONE) {
            add(
                    smmu,
                    "SMMU-ACCEL-STAGE",
                    "Only stage1 is supported for SMMUv3 with accel=on",
                    "stage 2 belongs to the host, which maps the guest's memory there",
                    "remove stage=",
                    problems);
        }
        int oas = smmu.oas().orElse(SmmuInstance.DEFAULT_OAS);
        if (oas != 44 && oas != 48) {
            add(
                    smmu,
                    "SMMU-OAS",
                    "OAS can only be set to 44 or 48 bits",
                    "",
                    "write oas=44, oas=48 or oas=auto",
                    problems);
        }
        if (smmu.ssidsize().orElse(0) > MAX_SSIDSIZE) {
            add(
                    smmu,
                    "SMMU-SSIDSIZE",
                    "ssidsize must be in the range 0 to 20",
                    "a SubstreamID has 20 bits",
                    "write ssidsize=20 or less",
                    problems);
        }
        if (onlyMigratable) {
            add(
                    smmu,
                    "SMMU-MIGRATION",
                    "Migration not supported with SMMUv3 accelerator mode" + " enabled",
                    "the host's state cannot be read back",
                    "remove -only-migratable",
                    problems);
        }
    }

    private static void add(
            SmmuInstance smmu,
            String rule,
            String message,
            String why,
            String fix,
            Problems problems) {
        problems.add(
                smmu.order(),
                Problem.error(rule, Phase.REALIZE, smmu.at(), message)
                        .because(why, SOURCE)
                        .fix(fix));
    }
}
