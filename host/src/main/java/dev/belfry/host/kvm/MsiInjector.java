package dev.belfry.host.kvm;

import dev.belfry.host.uapi.Errno;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.MsiResult;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import java.util.List;
import java.util.Optional;

/// `vgic_its_inject_msi`: from a message to a pending LPI, in KVM's order of checks.
final class MsiInjector {

    private static final long FRAMES = 0x2_0000;

    /// An ITS that has its address.
    ///
    /// @param base where the VMM placed it
    /// @param its the engine
    record Placed(long base, Its its) {}

    private MsiInjector() {}

    /// @param itss the VM's ITSs that are initialised
    /// @param probe is told the hop INJECT before the ITS tells its own
    static Injection inject(List<Placed> itss, KvmMsi msi, Probe probe) {
        Optional<Injection.Failed> refused =
                isRemembered(itss, msi) ? Optional.empty() : refusal(itss, msi);
        if (refused.isPresent()) {
            if (probe.on()) {
                probe.observe(
                        described(msi, refused.get())
                                .broken("-" + refused.get().errno() + ": " + refused.get().rule()));
            }
            return refused.get();
        }
        Its its = at(itss, msi.address()).orElseThrow().its;
        if (probe.on()) {
            Injection next = outcome(its.inspect(msi.deviceId(), msi.data(), Probe.NONE));
            probe.observe(
                    described(msi, next)
                            .ok("the address is the VM's ITS, which takes the message from here"));
        }
        return outcome(its.translate(msi.deviceId(), msi.data()));
    }

    /// Whether a message's translation is remembered, so that it can be injected from where nothing
    /// may sleep. Only the doorbell's own address will do for that, and no flag is looked at.
    static boolean isRemembered(List<Placed> itss, KvmMsi msi) {
        return itss.stream()
                .anyMatch(p ->
                        msi.address() == p.base + Gits.GITS_TRANSLATER.offset()
                                && p.its.remembers(msi.deviceId(), msi.data()));
    }

    /// Hands the LPI of a message's event to the host's GIC, or takes it back. A message that no
    /// ITS of the VM maps is left to software.
    static void forward(List<Placed> itss, KvmMsi msi, boolean now) {
        if (refusal(itss, msi).isEmpty()) {
            at(itss, msi.address()).ifPresent(p -> p.its.forward(msi.deviceId(), msi.data(), now));
        }
    }

    private static Optional<Placed> at(List<Placed> itss, long address) {
        return itss.stream()
                .filter(p -> Long.compareUnsigned(address - p.base, FRAMES) < 0)
                .findFirst();
    }

    /// What fails before an ITS is asked.
    private static Optional<Injection.Failed> refusal(List<Placed> itss, KvmMsi msi) {
        if (itss.isEmpty()) {
            return Optional.of(new Injection.Failed(Errno.ENODEV, "the VM has no ITS"));
        }
        if ((msi.flags() & KvmMsi.VALID_DEVID) == 0) {
            return Optional.of(
                    new Injection.Failed(
                            Errno.EINVAL,
                            "KVM_MSI_VALID_DEVID is not set, so the ITS has no DeviceID"));
        }
        return at(itss, msi.address()).isPresent()
                ? Optional.empty()
                : Optional.of(
                        new Injection.Failed(
                                Errno.EINVAL,
                                "address "
                                        + Hex.of(msi.address())
                                        + " is no ITS of the VM: a route must carry the"
                                        + " doorbell's guest-physical address"));
    }

    /// ITS or LPIs disabled is EBUSY; whatever the guest has not mapped is its own affair.
    private static Injection outcome(MsiResult result) {
        return switch (result) {
            case MsiResult.Delivered d ->
                    new Injection.Delivered("LPI " + d.intid() + " is pending at vCPU " + d.cpu());
            case MsiResult.Held h ->
                    new Injection.Delivered("LPI " + h.intid() + " is pending, but " + h.rule());
            case MsiResult.Virtual v ->
                    new Injection.Delivered("virtual LPI " + v.intid() + " is pending");
            case MsiResult.Dropped(HopKind kind, String rule) ->
                    kind == HopKind.ITS || kind == HopKind.REDISTRIBUTOR
                            ? new Injection.Failed(Errno.EBUSY, rule)
                            : new Injection.Blocked(rule);
            case MsiResult.Unknown(_, String rule) -> new Injection.Blocked(rule);
        };
    }

    private static Observation.Builder described(KvmMsi msi, Injection result) {
        Observation.Builder seen =
                Observation.of(HopKind.INJECT)
                        .hex("address", msi.address())
                        .field("data", msi.data())
                        .hex("deviceId", msi.deviceId())
                        .field("result", result.value());
        return result instanceof Injection.Failed f ? seen.field("errno", f.errno().name()) : seen;
    }
}
