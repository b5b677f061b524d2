package dev.belfry.lab.explain;

import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Function;
import java.util.ArrayList;
import java.util.List;

/// A machine without a doorbell: no function can send a message, whatever is programmed.
///
/// @param inventory what is looked at
/// @param findings where they are added
record DoorbellChecks(Inventory inventory, FindingList findings) {

    void run(List<Function> functions) {
        SystemView view = inventory.view();
        boolean none = view.itss().isEmpty() && view.v2mFrames().isEmpty();
        boolean gic = !view.distributors().isEmpty() || !view.redistributors().isEmpty();
        if (!none || !gic) {
            return;
        }
        List<String> lines = new ArrayList<>();
        for (Function f : functions) {
            String pin = pin(inventory.topology().config(f.bdf()));
            if (!pin.isEmpty()) {
                lines.add(inventory.topology().name(f.bdf()) + " " + pin);
            }
        }
        findings.add(
                "no-msi-doorbell",
                "warning",
                "the machine has no ITS and no GICv2m frame, so no function can send MSI or MSI-X",
                "A message needs a doorbell. QEMU's virt has one with its=on (with a GICv2, or since"
                        + " 11.0 with msi=gicv2m, a GICv2m frame). "
                        + (lines.isEmpty()
                                ? "No function here has an interrupt pin, so not even INTx is left."
                                : "What is left is INTx: " + String.join(", ", lines) + "."));
    }

    /// Its INTx, and whether its Command register lets it out.
    private static String pin(ConfigSpace config) {
        int pin = config.read(ConfigRegister.INTERRUPT_PIN);
        if (pin < 1 || pin > 4) {
            return "";
        }
        String name = "INT" + (char) ('A' + pin - 1);
        return config.command().interruptDisable() ? name + " (disabled)" : name;
    }
}
