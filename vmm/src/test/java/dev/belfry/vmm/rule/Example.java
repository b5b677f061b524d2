package dev.belfry.vmm.rule;

import dev.belfry.host.description.HostDescription;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.input.Launch;
import dev.belfry.vmm.input.Launches;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Optional;

/// A command line that a rule finds something in, and one like it that is right.
///
/// @param rule the rule's id
/// @param terms under which both shall work
/// @param failing the rule finds something here
/// @param passing the rule finds nothing here
record Example(String rule, Terms terms, String failing, String passing) {

    static final String KVM =
            "qemu-system-aarch64 -nodefaults -bios QEMU_EFI.fd -machine"
                    + " virt,accel=kvm,gic-version=3 -cpu host -m 1G ";
    static final String TCG = "qemu-system-aarch64 -nodefaults -bios QEMU_EFI.fd -machine virt ";
    static final String IOMMUFD = "-object iommufd,id=i0 ";
    static final String PXB = "-device pxb-pcie,id=p1,bus_nr=8,bus=pcie.0 ";
    static final String SMMU = "-device arm-smmuv3,id=s1,primary-bus=p1,accel=on";
    static final String PORT = "-device pcie-root-port,id=rp1,bus=p1,chassis=1 ";
    static final String VFIO = "-device vfio-pci,host=0009:01:00.0,bus=rp1,iommufd=i0";

    /// A passed-through device behind an accelerated SMMU, up to the SMMU's properties.
    static final String WELL = KVM + IOMMUFD + PXB + SMMU + ",ril=off " + PORT + VFIO;

    Example(String rule, String failing, String passing) {
        this(rule, Terms.ANY_HOST, failing, passing);
    }

    /// A right command line, and the same with one piece replaced.
    static Example instead(String rule, String right, String piece, String wrong) {
        if (!right.contains(piece)) {
            throw new IllegalArgumentException(rule + ": no " + piece + " in " + right);
        }
        return new Example(rule, right.replace(piece, wrong), right);
    }

    /// [#WELL], and the same with one piece replaced.
    static Example well(String rule, String piece, String wrong) {
        return instead(rule, WELL, piece, wrong);
    }

    /// A right command line, and the same with more behind it.
    static Example plus(String rule, String right, String more) {
        return new Example(rule, right + more, right);
    }

    /// With another command line that is right.
    Example passing(String other) {
        return new Example(rule, terms, failing, other);
    }

    /// With another command line that is wrong.
    Example failing(String other) {
        return new Example(rule, terms, other, passing);
    }

    /// The example on another release of QEMU.
    Example on(QemuVersion qemu) {
        return new Example(rule, new Terms(qemu, terms.host(), terms.kernel()), failing, passing);
    }

    /// The example on a host.
    Example on(HostDescription host) {
        return new Example(rule, Terms.on(host), failing, passing);
    }

    /// The example on a host's kernel.
    Example on(KernelVersion kernel) {
        return new Example(
                rule, new Terms(terms.qemu(), terms.host(), Optional.of(kernel)), failing, passing);
    }

    /// The example on Grace.
    Example onGrace() {
        return on(HostDescription.preset("grace"));
    }

    /// The example on a Kunpeng.
    Example onKunpeng() {
        return on(HostDescription.preset("kunpeng920"));
    }

    /// What is found in a text under the example's terms.
    List<Problem> check(String text) {
        Launch launch = Launches.read(text);
        return CheckedMachine.read(launch, terms).problems();
    }

    @Override
    public String toString() {
        return rule;
    }
}
