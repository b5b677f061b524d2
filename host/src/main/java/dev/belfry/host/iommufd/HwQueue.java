package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.HardwareQueues;
import java.util.Optional;

/// A queue in guest memory that hardware reads by physical address (`struct iommufd_hw_queue`).
final class HwQueue extends IommufdObject {

    private final Viommu viommu;
    private final int index;
    private final HardwareQueues.Queue queue;
    private final IovaSpace.Pinned memory;
    private final Optional<HwQueue> previous;

    HwQueue(Viommu viommu, int index, HardwareQueues.Queue queue, IovaSpace.Pinned memory) {
        this.viommu = viommu;
        this.index = index;
        this.queue = queue;
        this.memory = memory;
        this.previous =
                queue.dependsOn().isPresent()
                        ? Optional.ofNullable(viommu.hwQueues().get(queue.dependsOn().getAsInt()))
                        : Optional.empty();
        previous.ifPresent(HwQueue::addUser);
        viommu.addUser();
        viommu.hwQueues().put(index, this);
    }

    @Override
    String kind() {
        return "a hardware queue";
    }

    @Override
    void destroy() {
        queue.free();
        viommu.parent().ioas().space().unpin(memory);
        viommu.hwQueues().remove(index);
        previous.ifPresent(HwQueue::removeUser);
        viommu.removeUser();
    }
}
