package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Optional;

/// Gives each device to the reader of its kind.
final class DeviceReader {

    private final List<NumaNode> numa;
    private final PciBuilder pci;
    private final PlatformBus platformBus;
    private final SmmuReader smmus;
    private final VfioReader vfio;
    private final Problems problems;

    DeviceReader(
            List<NumaNode> numa,
            List<Iommufd> iommufds,
            QemuVersion qemu,
            PciBuilder pci,
            Problems problems) {
        this.numa = numa;
        this.pci = pci;
        this.problems = problems;
        this.platformBus = new PlatformBus(problems);
        this.smmus = new SmmuReader(platformBus, qemu, problems);
        this.vfio = new VfioReader(iommufds, problems);
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
        if (endpoint.isPresent()) {
            DeviceCatalog.Endpoint known = endpoint.get();
            int vectors = known.vectors(device.params());
            pci.endpoint(device, p -> new PciFunction.Emulated(p, vectors, known.msix()));
        } else if (DeviceCatalog.onPlatformBus(driver)) {
            platformBus.other(device);
        } else if (!DeviceCatalog.elsewhere(driver)) {
            problems.add(
                    device.order(),
                    Problem.error(
                                    "DEVICE-UNKNOWN",
                                    Phase.DEVICE_ADD,
                                    device.at(),
                                    "'" + driver + "' is not a valid device model name")
                            .fix(Nearest.hint(driver, DeviceCatalog.names(), "")));
        }
    }
}
