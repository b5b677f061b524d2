package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A guest kernel told to use no MSIs.
final class Nomsi implements Rule {

    @Override
    public About about() {
        return About.warning("GUEST-NOMSI", Phase.GUEST, "a guest kernel told to use no MSIs")
                .because(
                        "pci=nomsi turns MSI and MSI-X off for all devices",
                        "Linux Documentation/admin-guide/kernel-parameters.txt");
    }

    @Override
    public void check(Subject s, Found found) {
        boolean signals =
                s.functions(PciFunction.Vfio.class).findAny().isPresent()
                        || s.functions(PciFunction.Emulated.class).anyMatch(e -> e.vectors() > 0);
        if (signals && KernelWords.values(s, "pci").contains("nomsi")) {
            KernelWords.tell(
                    s,
                    found,
                    "pci=nomsi: no device gets MSIs; those without INTx get no interrupt at all",
                    "pci=nomsi");
        }
    }
}
