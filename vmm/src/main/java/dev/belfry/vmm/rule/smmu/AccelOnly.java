package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/// A property that describes the host's SMMU, given a value without accel=on.
///
/// @param property its name
/// @param given how it stands on the command line: `ats=on`
/// @param message QEMU's
/// @param before the same before 11.1
/// @param asks whether an SMMU has such a value
record AccelOnly(
        String property, String given, String message, String before, Predicate<SmmuInstance> asks)
        implements Rule {

    private AccelOnly(String property, String given, String message, Predicate<SmmuInstance> asks) {
        this(property, given, message, message, asks);
    }

    /// One for each such property, in QEMU's order.
    static List<Rule> all() {
        return List.of(
                new AccelOnly(
                        "ril",
                        "ril=off",
                        "ril can only be disabled if accel=on",
                        smmu -> smmu.ril() == OnOffAuto.OFF),
                new AccelOnly(
                        "ats",
                        "ats=on",
                        "ats can only be enabled if accel=on",
                        smmu -> smmu.ats() == OnOffAuto.ON),
                new AccelOnly(
                        "oas",
                        "oas=",
                        "oas must be 44 bits when accel=off",
                        "OAS must be 44 bits when accel=off",
                        smmu ->
                                smmu.oas().orElse(SmmuInstance.DEFAULT_OAS)
                                        != SmmuInstance.DEFAULT_OAS),
                new AccelOnly(
                        "ssidsize",
                        "ssidsize=",
                        "ssidsize can only be greater than 0 bits if accel=on",
                        "ssidsize can only be set if accel=on",
                        smmu -> smmu.ssidsize().orElse(0) != 0),
                new AccelOnly(
                        "cmdqv",
                        "cmdqv=on",
                        "cmdqv can only be enabled if accel=on",
                        smmu -> smmu.cmdqv() == OnOffAuto.ON));
    }

    @Override
    public About about() {
        return About.error(
                        "SMMU-EMULATED-" + property.toUpperCase(Locale.ROOT),
                        Phase.REALIZE,
                        given + " without accel=on")
                .because(
                        "the emulated SMMU has no other value; the property describes the "
                                + "host's SMMU",
                        "QEMU hw/arm/smmuv3.c, smmu_validate_property");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.smmus()) {
            if (!smmu.accel() && asks.test(smmu)) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), property)),
                        s.qemu().isAtLeast(QemuVersion.V11_1) ? message : before,
                        "add accel=on, or remove " + given,
                        new Edit.Remove(smmu.at(), property));
            }
        }
    }
}
