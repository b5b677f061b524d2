package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.HardwareQueues;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a person wants to see of an open `/dev/iommu`: more than a process can ask for.
public final class IommufdView {

    private final ObjectTable objects;
    private final SwMsi swMsi;

    IommufdView(ObjectTable objects, SwMsi swMsi) {
        this.objects = objects;
        this.swMsi = swMsi;
    }

    /// An object.
    ///
    /// @param id its id
    /// @param kind what it is
    /// @param users how many others use it
    public record ObjectInfo(int id, String kind, int users) {}

    /// All objects, by id.
    public List<ObjectInfo> objects() {
        return objects.all().stream()
                .map(o -> new ObjectInfo(o.id(), o.kind(), o.users()))
                .toList();
    }

    /// What a bound device is attached to.
    ///
    /// @param hwptId its HWPT
    /// @param nested whether that is nested
    /// @param parentId the paging HWPT: itself, or the stage 2
    public record Attachment(int hwptId, boolean nested, int parentId) {}

    /// What `device` is attached to; empty when its DMA is blocked.
    public Optional<Attachment> attachment(BoundDevice device) {
        return device.group()
                .hwpt()
                .filter(h -> device.isAttached())
                .map(h -> new Attachment(h.id(), h instanceof NestedHwpt, h.paging().id()));
    }

    /// The virtual StreamID of `device`; empty when it has no vDEVICE.
    public Optional<Long> virtualId(BoundDevice device) {
        return device.vdevice().map(Vdevice::virtualId);
    }

    /// The page of registers of a vIOMMU's hardware queues; empty when it has none.
    public Optional<Hpa> queuePage(int viommuId) {
        return objects.all().stream()
                .filter(o -> o.id() == viommuId)
                .flatMap(
                        o -> o instanceof Viommu v ? v.backend().queues().stream() : Stream.empty())
                .map(HardwareQueues::pageAddress)
                .findFirst();
    }

    /// A doorbell page that is mapped for this file's devices.
    ///
    /// @param iova where devices reach it
    /// @param page its physical address
    public record Doorbell(Iova iova, Hpa page) {}

    /// Doorbell pages, in order of first use.
    public List<Doorbell> doorbells() {
        return swMsi.entries().stream().map(e -> new Doorbell(swMsi.iova(e), e.page())).toList();
    }
}
