package dev.belfry.vmm.cmdqv;

import dev.belfry.host.iommufd.AllocatedViommu;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.iommufd.RegisterMapping;
import dev.belfry.host.iommufd.Veventq;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.CmdqvLayout;
import dev.belfry.vmm.iommu.Discards;
import dev.belfry.vmm.iommu.HostIommuDevice;
import dev.belfry.vmm.iommu.VeventReader;
import java.util.OptionalInt;

/// What the host gives to one guest's CMDQ-V: a vIOMMU of type 2 with its page of registers and its
/// event queue, and hardware queues.
final class HostQueues {

    /// `IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV`.
    private static final int VIOMMU_TEGRA241 = 2;

    /// `IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV`.
    private static final int VEVENTQ_TEGRA241 = 2;

    /// `IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV`.
    private static final int HW_QUEUE_TEGRA241 = 1;

    /// `struct iommu_viommu_tegra241_cmdqv`, for the kernel to fill.
    private static final Bytes OUTPUT = Bytes.of(new byte[16]);

    private static final int EVENTS = 1 << 19;

    private final String name;
    private final Discards discards;
    private final Iommufd iommufd;
    private final int viommu;
    private final RegisterMapping page;
    private final Veventq errors;
    private final OptionalInt[] queues = {OptionalInt.empty(), OptionalInt.empty()};

    private HostQueues(
            String name, HostIommuDevice first, int viommu, RegisterMapping page, Veventq errors) {
        this.name = name;
        this.discards = first.discards();
        this.iommufd = first.iommufd();
        this.viommu = viommu;
        this.page = page;
        this.errors = errors;
    }

    /// Allocates all but queues; what was made is undone when a call fails.
    ///
    /// @param reader takes the errors of queues
    static Result<HostQueues> allocate(String name, HostIommuDevice first, VeventReader reader) {
        return first.iommufd()
                .viommuAlloc(0, VIOMMU_TEGRA241, first.devId(), first.parentHwpt(), OUTPUT)
                .then(v -> {
                    Result<HostQueues> made = map(name, first, v, reader);
                    if (!made.isOk()) {
                        first.discards().discard("a vIOMMU with queues", v.id());
                    }
                    return made;
                });
    }

    private static Result<HostQueues> map(
            String name, HostIommuDevice first, AllocatedViommu viommu, VeventReader reader) {
        if (viommu.page().isEmpty()) {
            return Result.err(Errno.ENXIO, "the kernel names no page of the virtual interface");
        }
        AllocatedViommu.Page there = viommu.page().get();
        return first.iommufd()
                .mmap(there.offset(), CmdqvLayout.PAGE)
                .then(page -> {
                    Result<Veventq> events =
                            first.iommufd().veventqAlloc(0, viommu.id(), VEVENTQ_TEGRA241, EVENTS);
                    if (!events.isOk()) {
                        page.unmap();
                    }
                    return events.map(e -> {
                        reader.follow(e);
                        return new HostQueues(name, first, viommu.id(), page, e);
                    });
                });
    }

    int viommu() {
        return viommu;
    }

    /// Page 0 of the virtual interface.
    RegisterMapping page() {
        return page;
    }

    boolean hasQueue(int index) {
        return queues[index].isPresent();
    }

    /// A hardware queue over guest memory.
    Result<Integer> allocate(int index, long address, long bytes) {
        Result<Integer> made =
                iommufd.hwQueueAlloc(0, viommu, HW_QUEUE_TEGRA241, index, new Iova(address), bytes);
        if (made.isOk()) {
            queues[index] = OptionalInt.of(made.orThrow());
        }
        return made;
    }

    void free(int index) {
        OptionalInt old = queues[index];
        queues[index] = OptionalInt.empty();
        old.ifPresent(id -> discards.discard("VCMDQ " + index + " of " + name, id));
    }

    long read(int index, int register) {
        return page.read(at(index, register), 4);
    }

    void write(int index, int register, long value) {
        page.write(at(index, register), 4, value, PhysicalMemory.CPU);
    }

    private static long at(int index, int register) {
        return (long) CmdqvLayout.VCMDQ_STRIDE * index + register;
    }

    /// Gives all but the vIOMMU back; queues are gone by now.
    void release() {
        errors.close();
        discards.discard("the vEVENTQ of errors of " + name, errors.objectId());
        page.unmap();
    }
}
