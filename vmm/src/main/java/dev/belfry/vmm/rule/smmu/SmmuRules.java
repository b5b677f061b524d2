package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.rule.Rule;
import java.util.ArrayList;
import java.util.List;

/// Rules of `-device arm-smmuv3`.
public final class SmmuRules {

    private SmmuRules() {}

    /// All of them, in QEMU's order within a phase.
    public static List<Rule> all() {
        List<Rule> rules = new ArrayList<>();
        rules.addAll(
                List.of(
                        new OtherIommu(),
                        new MultipleIommus(),
                        new VirtioIommuAfter(),
                        new AccelKvm(),
                        new AccelOas()));
        rules.addAll(AccelOnly.all());
        rules.addAll(
                List.of(
                        new AccelStage(),
                        new AccelSsidsize(),
                        new AccelMigration(),
                        new BusUnknown(),
                        new BusLater(),
                        new BusMissing(),
                        new BusNotRoot(),
                        new BusTaken(),
                        new BusTwice(),
                        new Bypass(),
                        new AccelDeviceTree(),
                        new FirmwareMissing(),
                        new DeviceTreeBus(),
                        new AutoUnresolved(),
                        new CmdqvHugePages(),
                        new CmdqvNoDevice(),
                        new OasDiffers(),
                        new OasTooSmall()));
        return rules;
    }
}
