package dev.belfry.lab.check;

import dev.belfry.host.description.HostDescription;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.lab.InputError;
import dev.belfry.lab.run.HostChoice;
import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.version.QemuVersion;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Under which conditions something shall work, as a person names them.
///
/// @param host a description's file, or a preset
/// @param qemu a release: `11.0`
/// @param kernel the host's: `6.19`
public record Conditions(Optional<String> host, Optional<String> qemu, Optional<String> kernel) {

    /// The newest QEMU on any host.
    public static final Conditions ANY =
            new Conditions(Optional.empty(), Optional.empty(), Optional.empty());

    private static final Pattern KERNEL = Pattern.compile("(\\d{1,2})\\.(\\d{1,3})([.-].*)?");

    Terms terms() throws InputError {
        Optional<HostDescription> described = Optional.empty();
        if (host.isPresent()) {
            described = Optional.of(HostChoice.named(host.get()));
        }
        return new Terms(release(), described, version());
    }

    private QemuVersion release() throws InputError {
        if (qemu.isEmpty()) {
            return QemuVersion.NEWEST;
        }
        return QemuVersion.of(qemu.get())
                .filter(QemuVersion.CHECKED::contains)
                .orElseThrow(() ->
                        new InputError(
                                "--qemu-version " + qemu.get() + ": " + unknown(),
                                "use 10.2, 11.0 or 11.1"));
    }

    /// Why a release is none to check against.
    private String unknown() {
        return qemu.flatMap(QemuVersion::of)
                        .filter(q -> !q.isAtLeast(QemuVersion.V10_2))
                        .isPresent()
                ? "before 10.2 there is no -device arm-smmuv3, only -machine iommu=smmuv3, which"
                        + " cannot be accelerated"
                : "Belfry does not know it";
    }

    private Optional<KernelVersion> version() throws InputError {
        if (kernel.isEmpty()) {
            return Optional.empty();
        }
        Matcher m = KERNEL.matcher(kernel.get());
        if (!m.matches()) {
            throw new InputError(
                    "--kernel " + kernel.get() + ": no version of Linux", "write it as 6.19");
        }
        return Optional.of(
                new KernelVersion(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2))));
    }
}
