package dev.belfry.host.iommu;

import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.memory.MmioDevice;
import java.util.OptionalInt;

/// Queues of a vIOMMU that hardware reads by physical address, so that a guest can drive them
/// itself (`get_hw_queue_size`, `hw_queue_init_phys`).
public interface HardwareQueues {

    /// One of them (`struct iommufd_hw_queue`).
    interface Queue {

        /// Index of the queue that must not go before this one; empty when there is none.
        OptionalInt dependsOn();

        /// Takes it away from the hardware.
        void free();
    }

    /// Whether there are queues of `type` (`enum iommu_hw_queue_type`).
    boolean supports(int type);

    /// Gives the hardware a queue.
    ///
    /// @param index which of the vIOMMU's
    /// @param base physical address; `length` bytes from there are contiguous and pinned
    Result<Queue> allocate(int index, Hpa base, long length);

    /// The page of registers that user space may map.
    MmioDevice page();

    /// Where that page is.
    Hpa pageAddress();
}
