package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import dev.belfry.vmm.version.QemuVersion;

/// An output address size that QEMU does not offer.
final class AccelOas implements Rule {

    @Override
    public About about() {
        return About.error(
                        "SMMU-OAS",
                        Phase.REALIZE,
                        "an output address size that QEMU does not offer")
                .because(
                        "QEMU implements IDR5.OAS of 44 and 48 bits",
                        "QEMU hw/arm/smmuv3.c, smmu_validate_property");
    }

    @Override
    public void check(Subject s, Found found) {
        boolean first = s.qemu().isAtLeast(QemuVersion.V11_1);
        for (SmmuInstance smmu : s.smmus()) {
            // Since 11.1 the size is looked at before accel= is.
            if ((first || smmu.accel())
                    && smmu.oas().isPresent()
                    && smmu.oas().getAsInt() != 44
                    && smmu.oas().getAsInt() != 48) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "oas")),
                        first
                                ? "QEMU SMMUv3 model only implements auto, 44 bit, or 48 bit OAS."
                                        + " Other OasMode values are not supported."
                                : "OAS can only be set to 44 or 48 bits",
                        "write oas=" + nearest(smmu),
                        new Edit.Set(smmu.at(), "oas", nearest(smmu)));
            }
        }
    }

    /// The emulated SMMU has 44 bits only.
    private static String nearest(SmmuInstance smmu) {
        return !smmu.accel() || smmu.oas().orElseThrow() < 44 ? "44" : "48";
    }
}
