package dev.belfry.host.iommu;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Devices that the hardware cannot tell apart (`struct iommu_group`): they have one DMA owner and
/// one domain.
public final class IommuGroup {

    private final int id;
    private final List<IommuDevice> devices = new ArrayList<>();
    private @Nullable DmaOwner owner;
    private int owners;
    private Domain domain = StaticDomain.IDENTITY;
    private boolean resetting;

    /// @param id as in `/sys/kernel/iommu_groups`
    public IommuGroup(int id) {
        this.id = id;
    }

    public int id() {
        return id;
    }

    /// Called once for each device, when it is found.
    public void add(IommuDevice device) {
        devices.add(device);
    }

    public List<IommuDevice> devices() {
        return Collections.unmodifiableList(devices);
    }

    /// What the devices are attached to.
    public Domain domain() {
        return domain;
    }

    /// Who owns its DMA; empty when the kernel does.
    public Optional<DmaOwner> owner() {
        return Optional.ofNullable(owner);
    }

    /// `iommu_device_claim_dma_owner`: all DMA of the group is `newOwner`'s, and blocked until it
    /// attaches.
    ///
    /// @return `EPERM` when somebody else owns it
    public Result<Done> claim(DmaOwner newOwner) {
        if (owner != null && !owner.equals(newOwner)) {
            return Result.err(
                    Errno.EPERM, "DMA of group " + id + " is owned by somebody else already");
        }
        if (owner == null) {
            Result<Done> blocked = attach(StaticDomain.BLOCKED);
            if (!blocked.isOk()) {
                return blocked;
            }
        }
        owner = newOwner;
        owners++;
        return Result.done();
    }

    /// `iommu_device_release_dma_owner`: with the last claim, DMA is the kernel's again.
    public void release() {
        if (--owners == 0) {
            owner = null;
            attach(StaticDomain.IDENTITY);
        }
    }

    /// A device of it is parked on the blocking domain while it is reset; no attach comes between.
    public void setResetting(boolean now) {
        resetting = now;
    }

    /// Attaches every device to `next`; when one fails, those before it go back.
    ///
    /// @return besides the driver's errors, `EBUSY` while a device is reset
    public Result<Done> attach(Domain next) {
        if (resetting) {
            return Result.err(Errno.EBUSY, "a device of group " + id + " is being reset");
        }
        for (int i = 0; i < devices.size(); i++) {
            Result<Done> attached = devices.get(i).attach(next);
            if (!attached.isOk()) {
                for (int back = i - 1; back >= 0; back--) {
                    devices.get(back).attach(domain);
                }
                return attached;
            }
        }
        domain = next;
        return Result.done();
    }
}
