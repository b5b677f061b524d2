package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.Iommu;
import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.iommu.ViommuBackend;
import dev.belfry.host.uapi.Errno;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// A slice of a physical IOMMU that a guest drives: one stage 2, its devices by virtual id, its
/// event queues.
final class Viommu extends IommufdObject implements ViommuBackend.Vdevices {

    private final Iommu iommu;
    private final PagingHwpt parent;
    private final ViommuBackend backend;
    private final int type;
    private final Map<Long, Vdevice> vdevices = new TreeMap<>();
    private final Map<Integer, Veventq> veventqs = new TreeMap<>();
    private final Map<Integer, HwQueue> hwQueues = new TreeMap<>();
    private final Optional<MmapTable.Entry> page;
    private final MmapTable mmaps;

    Viommu(Iommu iommu, PagingHwpt parent, ViommuBackend backend, int type, MmapTable mmaps) {
        this.iommu = iommu;
        this.parent = parent;
        this.backend = backend;
        this.type = type;
        parent.addUser();
        backend.connect(this);
        this.mmaps = mmaps;
        this.page = backend.queues().map(q -> mmaps.add(this, q.page()));
    }

    /// What user space may map of it.
    Optional<MmapTable.Entry> page() {
        return page;
    }

    /// Queues that hardware reads, by index.
    Map<Integer, HwQueue> hwQueues() {
        return hwQueues;
    }

    Iommu iommu() {
        return iommu;
    }

    PagingHwpt parent() {
        return parent;
    }

    ViommuBackend backend() {
        return backend;
    }

    int type() {
        return type;
    }

    Map<Long, Vdevice> vdevices() {
        return vdevices;
    }

    Map<Integer, Veventq> veventqs() {
        return veventqs;
    }

    @Override
    public Optional<IommuDevice> device(int vsid) {
        return Optional.ofNullable(vdevices.get(Integer.toUnsignedLong(vsid)))
                .map(v -> v.device().device());
    }

    @Override
    public OptionalInt virtualId(IommuDevice device) {
        return vdevices.values().stream()
                .filter(v -> v.device().device().equals(device))
                .mapToInt(v -> (int) v.virtualId())
                .findFirst();
    }

    @Override
    public Optional<Errno> report(int queueType, long[] words) {
        Veventq queue = veventqs.get(queueType);
        if (queue == null) {
            return Optional.of(Errno.EOPNOTSUPP);
        }
        queue.offer(words);
        return Optional.empty();
    }

    @Override
    String kind() {
        return "a vIOMMU";
    }

    @Override
    void destroy() {
        page.ifPresent(mmaps::remove);
        backend.free();
        parent.removeUser();
    }
}
