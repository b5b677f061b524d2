package dev.belfry.vmm.check;

import dev.belfry.host.description.HostDescription;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.vmm.version.QemuVersion;
import java.util.Optional;

/// Under which terms a machine shall work.
///
/// @param qemu the release that shall run it
/// @param host the host that shall run it, where it is known
/// @param kernel the host's kernel; that of the host where nothing else is said
public record Terms(
        QemuVersion qemu, Optional<HostDescription> host, Optional<KernelVersion> kernel) {

    /// The newest QEMU, on any host.
    public static final Terms ANY_HOST =
            new Terms(QemuVersion.NEWEST, Optional.empty(), Optional.empty());

    public Terms {
        kernel = kernel.or(hostKernel(host));
    }

    /// The newest QEMU on a host.
    public static Terms on(HostDescription host) {
        return new Terms(QemuVersion.NEWEST, Optional.of(host), Optional.empty());
    }

    private static java.util.function.Supplier<Optional<KernelVersion>> hostKernel(
            Optional<HostDescription> host) {
        return () -> host.map(HostDescription::kernel);
    }
}
