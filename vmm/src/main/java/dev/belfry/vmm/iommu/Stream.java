package dev.belfry.vmm.iommu;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.OptionalInt;

/// One device that is bound to an accelerated SMMU, and what of the host's objects it holds: a
/// vDEVICE from its first policy until it leaves, a nested HWPT for as long as one STE.
final class Stream {

    private static final String NONE = "none installed: stage 2 only";

    private final PciDevice device;
    private final HostIommuDevice host;
    private final RefusalLog log;
    private OptionalInt vdevice = OptionalInt.empty();
    private OptionalInt nestedHwpt = OptionalInt.empty();
    private String policy = NONE;
    private boolean stale;

    Stream(PciDevice device, HostIommuDevice host, RefusalLog log) {
        this.device = device;
        this.host = host;
        this.log = log;
    }

    PciDevice device() {
        return device;
    }

    HostIommuDevice host() {
        return host;
    }

    OptionalInt vdevice() {
        return vdevice;
    }

    OptionalInt nestedHwpt() {
        return nestedHwpt;
    }

    String policy() {
        return policy;
    }

    /// Whether an invalidation that was meant for it is missing.
    boolean stale() {
        return stale;
    }

    void refreshed() {
        stale = false;
    }

    /// The vDEVICE is allocated at the first policy and stays, even if later steps fail.
    Result<Done> needVdevice(HostObjects objects, int streamId) {
        if (vdevice.isPresent()) {
            return Result.done();
        }
        return objects.vdevice(host, streamId)
                .map(id -> {
                    vdevice = OptionalInt.of(id);
                    return Done.DONE;
                });
    }

    /// Goes over to a HWPT that all devices share.
    Result<Done> share(int hwpt, String named) {
        return attach(hwpt, OptionalInt.empty(), named);
    }

    /// Goes over to a stage 1 of the guest's, in a HWPT of its own.
    Result<Done> translate(HostObjects objects, long ste0, long ste1) {
        return objects.translate(host, ste0, ste1)
                .then(id -> {
                    Result<Done> attached = attach(id, OptionalInt.of(id), "translate");
                    if (!attached.isOk()) {
                        host.discards().discard(nameOfNested(), id);
                    }
                    return attached;
                });
    }

    private Result<Done> attach(int hwpt, OptionalInt own, String named) {
        return host.attach(hwpt)
                .map(d -> {
                    dropNested();
                    nestedHwpt = own;
                    policy = named;
                    return d;
                });
    }

    private void dropNested() {
        OptionalInt old = nestedHwpt;
        nestedHwpt = OptionalInt.empty();
        old.ifPresent(id -> host.discards().discard(nameOfNested(), id));
    }

    private String nameOfNested() {
        return "the nested HWPT of " + host.hostName();
    }

    /// The host did not follow the guest: the device must not go on with the policy, or the
    /// translations, of before. It is put on the abort HWPT; failing that its DMA is blocked;
    /// failing that it is given up, which cannot fail. A device that never had a policy, and that
    /// the vIOMMU's HWPTs are not for, stays on stage 2, as with QEMU.
    void quarantine(HostObjects objects) {
        stale = true;
        Result<Done> parked = share(objects.abort(), "abort: the host did not follow");
        if (!log.passed("putting " + host.hostName() + " on abort", parked)
                && !neverItsOwn(parked)) {
            block();
        }
    }

    /// Behind another SMMU than the vIOMMU's, nothing of the vIOMMU does for the device.
    private boolean neverItsOwn(Result<Done> attached) {
        return policy.equals(NONE)
                && attached instanceof Result.Err<Done>(Errno errno, String why)
                && errno == Errno.EINVAL;
    }

    private void block() {
        if (log.passed("blocking " + host.hostName(), host.detach())) {
            policy = "blocked: the host did not follow";
            dropNested();
        } else {
            dropVdevice();
            host.close();
            policy = "given up: the host did not follow";
            dropNested();
        }
    }

    /// Leaves the vSMMU: back to stage 2 alone, for VFIO to detach.
    void release() {
        if (!log.passed("returning " + host.hostName(), host.attach(host.parentHwpt()))) {
            block();
        }
        dropNested();
        dropVdevice();
    }

    private void dropVdevice() {
        OptionalInt old = vdevice;
        vdevice = OptionalInt.empty();
        old.ifPresent(id -> host.discards().discard("the vDEVICE of " + host.hostName(), id));
    }
}
