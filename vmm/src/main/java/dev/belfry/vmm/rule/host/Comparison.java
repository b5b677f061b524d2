package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.SmmuDescription;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Optional;

/// Holds one field of what an accelerated SMMU shall offer against what the host's SMMU has, for
/// the first device behind it. QEMU stops at the first shortage; all are told here.
abstract class Comparison implements Rule {

    private static final String WHY =
            "the guest's stage 1 is walked by the host's SMMU, which must know all that the guest is"
                    + " told";
    private static final String SOURCE =
            "QEMU hw/arm/smmuv3-accel.c, smmuv3_accel_check_hw_compatible";

    private final String name;
    private final String title;
    private final String property;

    /// @param name of the field, as rule ids have it
    /// @param property of arm-smmuv3 that decides it, or empty
    Comparison(String name, String title, String property) {
        this.name = name;
        this.title = title;
        this.property = property;
    }

    @Override
    public About about() {
        return About.error("HOST-" + name, Phase.ATTACH, title).because(WHY, SOURCE);
    }

    /// What QEMU says where the host falls short; else empty.
    abstract Optional<String> shortage(SmmuIdentity guest, SmmuIdentity host);

    /// A value of the property that the host can give; empty when there is none.
    String fitting(SmmuIdentity host) {
        return "";
    }

    /// Whether a release makes the comparison.
    boolean isMadeBy(QemuVersion qemu) {
        return true;
    }

    @Override
    public void check(Subject s, Found found) {
        if (!isMadeBy(s.qemu())) {
            return;
        }
        for (SmmuInstance smmu : s.accelerated()) {
            List<PciFunction.Vfio> served = s.served(smmu);
            Optional<SmmuIdentity> host =
                    served.stream().findFirst().flatMap(s::hostSmmu).map(SmmuDescription::identity);
            host.flatMap(h -> shortage(smmu.identity(host), h))
                    .ifPresent(m -> tell(s, found, smmu, host.orElseThrow(), m, served.getFirst()));
        }
    }

    private void tell(
            Subject s,
            Found found,
            SmmuInstance smmu,
            SmmuIdentity host,
            String message,
            PciFunction.Vfio first) {
        String value = fitting(host);
        boolean fixable = !property.isEmpty() && !value.isEmpty();
        found.add(
                Place.of(first)
                        .pointing(property.isEmpty() ? smmu.at() : s.at(smmu.at(), property)),
                message,
                fixable
                        ? "write " + property + "=" + value
                        : "use a host whose SMMU has it, or do without accel=on",
                fixable ? new Edit[] {new Edit.Set(smmu.at(), property, value)} : new Edit[0]);
    }
}
