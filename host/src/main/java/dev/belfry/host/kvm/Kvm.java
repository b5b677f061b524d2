package dev.belfry.host.kvm;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.Result;

/// `/dev/kvm`.
public final class Kvm {

    private static final int LEAST_IPA_BITS = 32;
    private static final int MOST_CPUS = 512;

    private final int hostAddressBits;
    private final boolean gicv2Guests;

    /// @param hostAddressBits physical address bits of the host's CPUs
    /// @param gicv2Guests whether the host's GIC can be a GICv2 to guests
    public Kvm(int hostAddressBits, boolean gicv2Guests) {
        this.hostAddressBits = hostAddressBits;
        this.gicv2Guests = gicv2Guests;
    }

    /// `KVM_CREATE_VM`.
    ///
    /// @return `EINVAL` for an address size that the host does not have
    public Result<KvmVm> createVm(KvmVm.Setup setup) {
        return setup.filter()
                .run(
                        Ioctl.KVM_CREATE_VM,
                        () -> {
                            boolean fits =
                                    setup.ipaBits() >= LEAST_IPA_BITS
                                            && setup.ipaBits() <= hostAddressBits
                                            && setup.cpus() >= 1
                                            && setup.cpus() <= MOST_CPUS;
                            return fits
                                    ? Result.ok(new KvmVm(setup, gicv2Guests))
                                    : Result.err(
                                            Errno.EINVAL,
                                            "32 to "
                                                    + hostAddressBits
                                                    + " address bits, 1 to 512"
                                                    + " vCPUs");
                        });
    }
}
