package dev.belfry.kernel.pci;

import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.CapabilityId;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.ExpressCapability;
import java.util.Optional;

/// A function level reset (PCIe 6.6.2), with what the kernel had in configuration space written
/// back: BARs, the command register, ATS, MSI and MSI-X enables.
public final class FunctionReset {

    private static final int INITIATE = 1 << 15;
    private static final int BAR0 = 0x10;

    private FunctionReset() {}

    /// Resets a function that can be reset alone; nothing happens to another.
    public static void run(PciHost host, PciFunction function) {
        ConfigAccess config = host.config();
        int id = function.routingId();
        var express = function.space().find(CapabilityId.PCI_EXPRESS);
        if (express.isEmpty()) {
            return;
        }
        int command = config.read(id, ConfigRegister.COMMAND);
        var msix = function.space().msix();
        Optional<AtsCapability> ats =
                AtsCapability.of(host, function).filter(AtsCapability::enabled);
        int at = express.get().offset() + ExpressCapability.DEVICE_CONTROL;
        config.write(id, at, 2, config.read(id, at, 2) | INITIATE);
        function.bars().forEach(b -> restore(config, id, b));
        config.write(id, ConfigRegister.COMMAND, command);
        ats.ifPresent(a -> a.set(true));
        msix.ifPresent(m -> config.write(id, m.offset() + 2, 2, m.messageControl()));
    }

    private static void restore(ConfigAccess config, int id, BarResource bar) {
        int at = BAR0 + 4 * bar.index();
        config.write(id, at, 4, bar.pciAddress() & 0xffff_ffffL);
        if (bar.kind() == Bar.Kind.MEMORY_64) {
            config.write(id, at + 4, 4, bar.pciAddress() >>> 32);
        }
    }
}
