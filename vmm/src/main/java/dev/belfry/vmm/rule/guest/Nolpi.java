package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.machine.MsiController;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A guest kernel told to use no LPIs.
final class Nolpi implements Rule {

    @Override
    public About about() {
        return About.warning("GUEST-NOLPI", Phase.GUEST, "a guest kernel told to use no LPIs")
                .because(
                        "without LPIs the ITS is not used, and MSIs have nowhere to go",
                        "Linux Documentation/admin-guide/kernel-parameters.txt");
    }

    @Override
    public void check(Subject s, Found found) {
        boolean signals =
                s.functions(PciFunction.Vfio.class).findAny().isPresent()
                        || s.functions(PciFunction.Emulated.class).anyMatch(e -> e.vectors() > 0);
        if (signals
                && s.machine().gic().msi() == MsiController.ITS
                && KernelWords.on(s, "irqchip.gicv3_nolpi", true)) {
            KernelWords.tell(
                    s,
                    found,
                    "irqchip.gicv3_nolpi=1: the guest does not use the ITS, so no MSI arrives",
                    "irqchip.gicv3_nolpi");
        }
    }
}
