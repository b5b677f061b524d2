package dev.belfry.host.iommufd;

/// A device's place in a vIOMMU: its virtual StreamID.
final class Vdevice extends IommufdObject {

    private final Viommu viommu;
    private final BoundDevice device;
    private final long virtualId;

    Vdevice(Viommu viommu, BoundDevice device, long virtualId) {
        this.viommu = viommu;
        this.device = device;
        this.virtualId = virtualId;
        viommu.addUser();
        viommu.vdevices().put(virtualId, this);
        device.setVdevice(this);
    }

    Viommu viommu() {
        return viommu;
    }

    BoundDevice device() {
        return device;
    }

    long virtualId() {
        return virtualId;
    }

    @Override
    String kind() {
        return "a vDEVICE";
    }

    @Override
    void destroy() {
        viommu.backend().removeDevice(device.device(), virtualId);
        viommu.vdevices().remove(virtualId);
        viommu.removeUser();
        device.clearVdevice();
    }
}
