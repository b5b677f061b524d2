package dev.belfry.host.iommu;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The driver's half of a vIOMMU (`struct iommufd_viommu_ops`).
public interface ViommuBackend {

    /// What the driver asks of the vIOMMU object.
    interface Vdevices {
        /// The device that has virtual id `vsid` in this vIOMMU.
        Optional<IommuDevice> device(int vsid);

        /// The virtual id of `device` in this vIOMMU.
        OptionalInt virtualId(IommuDevice device);

        /// Offers an event to the vIOMMU's queue of `type`.
        ///
        /// @param words the record, virtual id already in it
        /// @return `EOPNOTSUPP` when there is no such queue
        Optional<Errno> report(int type, long[] words);
    }

    /// How an invalidation batch went.
    ///
    /// @param handled what user space finds in `entry_num`
    /// @param errno empty when all of it was done
    /// @param why the rule, when it failed
    record Invalidated(int handled, Optional<Errno> errno, String why) {}

    /// Tells the driver whom to ask; once, when the object stands.
    void connect(Vdevices vdevices);

    /// Makes a nested domain from user data: for an SMMUv3 the first two words of a guest's STE.
    ///
    /// @return `EIO` for an STE that is not allowed
    Result<NestedDomain> allocNested(long ste0, long ste1);

    /// A device got a virtual id (`vdevice_init`).
    default Result<Done> addDevice(IommuDevice device, long virtualId) {
        return Result.done();
    }

    /// It lost it.
    default void removeDevice(IommuDevice device, long virtualId) {}

    /// Queues that hardware reads itself; empty for a type without.
    default Optional<HardwareQueues> queues() {
        return Optional.empty();
    }

    /// The vIOMMU goes. Nothing is made of it any more.
    default void free() {}

    /// Issues guest invalidation commands, in order.
    ///
    /// @param commands two words each
    Invalidated invalidate(List<long[]> commands);
}
