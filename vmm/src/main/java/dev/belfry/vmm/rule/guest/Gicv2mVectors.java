package dev.belfry.vmm.rule.guest;

import dev.belfry.host.description.DeviceDescription;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.MsiController;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.ArrayList;
import java.util.List;

/// More vectors than a GICv2m has SPIs.
final class Gicv2mVectors implements Rule {

    private static final int GICV2M_SPIS = 64;

    @Override
    public About about() {
        return About.warning("GICV2M-SPIS", Phase.GUEST, "more vectors than a GICv2m has SPIs")
                .because(
                        "a GICv2m frame has 64 SPIs for all devices together",
                        "QEMU hw/arm/virt.c, create_v2m");
    }

    @Override
    public void check(Subject s, Found found) {
        if (s.machine().gic().msi() != MsiController.GICV2M) {
            return;
        }
        int vectors = 0;
        for (PciFunction function : s.machine().pci().inOrder()) {
            vectors +=
                    switch (function) {
                        case PciFunction.Emulated emulated -> emulated.vectors();
                        case PciFunction.Vfio vfio ->
                                s.hostDevice(vfio).map(DeviceDescription::msixVectors).orElse(1);
                        case PciFunction.Bridge _, PciFunction.Pxb _, PciFunction.RootComplex _ ->
                                0;
                    };
            if (vectors > GICV2M_SPIS) {
                found.add(
                        Place.of(function),
                        "up to here devices have "
                                + vectors
                                + " vectors, and GICv2m has 64 SPIs for them",
                        fix(s),
                        edits(s));
                return;
            }
        }
    }

    private static String fix(Subject s) {
        String asked =
                isAsked(s)
                        ? "remove msi="
                                + s.param(s.optionAt("machine"), "msi").orElseThrow().value()
                        : "";
        String version = s.machine().gic().version() == 2 ? "write gic-version=3" : "";
        return version
                + (version.isEmpty() || asked.isEmpty() ? "" : " and ")
                + asked
                + ": an ITS has no such limit";
    }

    private static Edit[] edits(Subject s) {
        List<Edit> edits = new ArrayList<>();
        if (s.machine().gic().version() == 2) {
            edits.add(new Edit.Set(s.optionAt("machine"), "gic-version", "3"));
        }
        if (isAsked(s)) {
            edits.add(new Edit.Remove(s.optionAt("machine"), "msi"));
        }
        return edits.toArray(Edit[]::new);
    }

    /// With an older board an ITS may be absent for other reasons.
    private static boolean isAsked(Subject s) {
        return s.param(s.optionAt("machine"), "msi").isPresent();
    }
}
