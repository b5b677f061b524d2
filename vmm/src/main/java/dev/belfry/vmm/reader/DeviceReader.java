package dev.belfry.vmm.reader;

import dev.belfry.vmm.catalog.Catalog;
import dev.belfry.vmm.catalog.Description;
import dev.belfry.vmm.machine.Iommufd;
import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.PciTopology;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.PlatformRoom;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Gives each device to the reader of its kind.
final class DeviceReader {

    /// What the virt machine takes on its platform bus, apart from SMMUs.
    private static final List<String> ALLOWED =
            List.of("ramfb", "tpm-tis-device", "uefi-vars-sysbus");

    private final List<NumaNode> numa;
    private final PciBuilder pci;
    private final PlatformBus platformBus;
    private final SmmuReader smmus;
    private final VfioReader vfio;
    private final PropertyCheck check;
    private final DeviceNeeds needs;
    private final DeviceLimits limits;
    private final QemuVersion qemu;
    private final Problems problems;

    DeviceReader(
            List<NumaNode> numa,
            List<Iommufd> iommufds,
            Set<String> objects,
            QemuVersion qemu,
            PciBuilder pci,
            DeviceNeeds needs,
            DeviceLimits limits,
            Problems problems) {
        this.numa = numa;
        this.pci = pci;
        this.qemu = qemu;
        this.problems = problems;
        this.platformBus = new PlatformBus(problems);
        this.needs = needs;
        this.limits = limits;
        this.check = new PropertyCheck(qemu, objects, iommufds, problems);
        this.smmus = new SmmuReader(platformBus, qemu, check, problems);
        this.vfio = new VfioReader(problems);
    }

    SmmuReader smmus() {
        return smmus;
    }

    PlatformRoom platformRoom() {
        platformBus.link(smmus.smmus());
        return platformBus.room();
    }

    PciTopology pci() {
        return pci.topology();
    }

    void read(DeviceDraft device) {
        if (isTooOld(device)) {
            return;
        }
        // Drafts of the SMMU are checked once they read as they do today.
        Optional<Description> of =
                Catalog.device(device.driver()).filter(known -> !known.name().equals("arm-smmuv3"));
        of.ifPresent(known -> {
            if (known.bus().equals("PCI")) {
                pci.lookUp(device);
            }
            check.check(device, known);
            needs.check(device, known);
            limits.beforeItIsPlaced(device, known);
        });
        place(device);
        of.ifPresent(known -> limits.onceItIsPlaced(device, known));
    }

    private void place(DeviceDraft device) {
        switch (device.driver()) {
            case "arm-smmuv3", "arm-smmuv3-nested", "arm-smmuv3-accel" -> smmus.device(device);
            case "vfio-pci", "vfio-pci-nohotplug" -> vfio.read(device, pci);
            case "pxb-pcie" -> pci.pxb(device, numa);
            case "pcie-root-port", "ioh3420" ->
                    pci.bridge(device, PciFunction.BridgeKind.ROOT_PORT);
            case "x3130-upstream" -> pci.bridge(device, PciFunction.BridgeKind.UPSTREAM);
            case "xio3130-downstream" -> pci.bridge(device, PciFunction.BridgeKind.DOWNSTREAM);
            case "pcie-pci-bridge", "pci-bridge", "pci-bridge-seat", "i82801b11-bridge" ->
                    pci.bridge(device, PciFunction.BridgeKind.PCI);
            default -> other(device);
        }
    }

    private void other(DeviceDraft device) {
        String driver = device.driver();
        Optional<DeviceCatalog.Endpoint> endpoint = DeviceCatalog.endpoint(driver);
        if (!DeviceCatalog.exists(driver)) {
            refuse(
                    device,
                    "DEVICE-UNKNOWN",
                    Catalog.isBuiltIn(driver)
                            ? "Parameter 'driver' expects a pluggable device type"
                            : "'" + driver + "' is not a valid device model name",
                    problems.nearest("DEVICE-UNKNOWN", driver, DeviceCatalog::names)
                            .map(n -> "did you mean " + n + "?")
                            .orElse(""));
        } else if (endpoint.isPresent()) {
            DeviceCatalog.Endpoint known = endpoint.get();
            int vectors = known.vectors(device.params());
            pci.endpoint(device, p -> new PciFunction.Emulated(p, vectors, known.msix()));
        } else if (DeviceCatalog.onPlatformBus(driver)) {
            platform(device);
        }
    }

    private void platform(DeviceDraft device) {
        if (ALLOWED.contains(device.driver())) {
            platformBus.other(device);
            return;
        }
        refuse(
                device,
                "DEVICE-UNKNOWN",
                "Device " + device.driver() + " can not be dynamically instantiated",
                "the virt machine takes arm-smmuv3 and " + String.join(", ", ALLOWED));
    }

    /// Whether the release has the device at all.
    private boolean isTooOld(DeviceDraft device) {
        Optional<QemuVersion> since =
                Catalog.device(device.driver()).flatMap(d -> d.span().since());
        if (since.map(qemu::isAtLeast).orElse(true)) {
            return false;
        }
        refuse(
                device,
                "QEMU-TOO-OLD",
                "'"
                        + device.driver()
                        + "' is not a valid device model name: QEMU "
                        + qemu
                        + " does not have it, "
                        + since.get()
                        + " does",
                "use QEMU " + since.get() + " or newer");
        return true;
    }

    private void refuse(DeviceDraft device, String rule, String words, String fix) {
        problems.add(
                device.order(), Problem.error(rule, Phase.DEVICE_ADD, device.at(), words).fix(fix));
    }
}
