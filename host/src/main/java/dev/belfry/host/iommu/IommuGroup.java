package dev.belfry.host.iommu;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Devices that the hardware cannot tell apart (`struct iommu_group`): they have one DMA owner and
/// one domain.
public final class IommuGroup {

    private final int id;
    private final List<IommuDevice> devices = new ArrayList<>();
    private @Nullable DmaOwner owner;
    private int owners;
    private final Map<Integer, Domain> pasids = new TreeMap<>();
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

    /// Attaches one PASID of every device that can send PASIDs to `next`
    /// (`iommu_attach_device_pasid`); when one fails, those before it go back to what they had.
    ///
    /// @return `EINVAL` for a PASID beyond what a device has, and the driver's errors
    public Result<Done> attachPasid(Domain next, int pasid) {
        List<IommuDevice> able = devices.stream().filter(IommuDevice::hasPasids).toList();
        for (IommuDevice d : able) {
            if (pasid >>> d.maxPasidLog2() != 0) {
                return Result.err(
                        Errno.EINVAL,
                        "PASIDs of " + d.name() + " have " + d.maxPasidLog2() + " bits");
            }
        }
        Domain old = pasids.get(pasid);
        for (int i = 0; i < able.size(); i++) {
            Result<Done> attached = able.get(i).attachPasid(next, pasid);
            if (!attached.isOk()) {
                able.subList(0, i).forEach(d -> restorePasid(d, pasid, old));
                return attached;
            }
        }
        pasids.put(pasid, next);
        return Result.done();
    }

    private static void restorePasid(IommuDevice device, int pasid, @Nullable Domain old) {
        if (old == null) {
            device.detachPasid(pasid);
        } else {
            device.attachPasid(old, pasid).orThrow();
        }
    }

    /// Nothing translates for the PASID any more.
    public void detachPasid(int pasid) {
        pasids.remove(pasid);
        devices.stream().filter(IommuDevice::hasPasids).forEach(d -> d.detachPasid(pasid));
    }
}
