package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A PASID capability outside of extended configuration space.
final class PasidOffset implements Rule {

    @Override
    public About about() {
        return About.error(
                        "VPASID-OFFSET",
                        Phase.REALIZE,
                        "a PASID capability outside of extended configuration space")
                .because(
                        "an extended capability lies at 0x100 to 0xfff, aligned to 4 bytes, and "
                                + "this one has 8",
                        "QEMU hw/pci/pcie.c, pcie_insert_capability");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction.Vfio vfio : s.functions(PciFunction.Vfio.class).toList()) {
            int offset = vfio.vpasidCapOffset().orElse(0);
            if (offset != 0 && (offset < 0x100 || offset > 0xff8 || offset % 4 != 0)) {
                found.add(
                        Place.of(vfio.plugged(), "x-vpasid-cap-offset"),
                        "vfio: Placing PASID capability at offset 0x"
                                + Integer.toHexString(offset)
                                + " failed",
                        "write x-vpasid-cap-offset=0xff8",
                        new Edit.Set(vfio.plugged().at(), "x-vpasid-cap-offset", "0xff8"));
            }
        }
    }
}
