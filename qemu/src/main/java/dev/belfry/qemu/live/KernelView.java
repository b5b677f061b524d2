package dev.belfry.qemu.live;

import dev.belfry.model.system.KernelGic;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.capture.CaptureError;
import dev.belfry.qemu.capture.KernelGicText;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What KVM says of a machine's GIC, when KVM runs it.
///
/// @param gic empty when it is not KVM's, or KVM's debugfs is out of reach
/// @param notes about that
record KernelView(Optional<KernelGic> gic, List<String> notes) {

    private static final Path VMS = Path.of("/sys/kernel/debug/kvm");
    private static final Path PROCESSES = Path.of("/proc");

    /// A directory that was named must be the right one; else it is looked for.
    ///
    /// @throws QemuError when one was named that cannot be read
    static KernelView of(Machine machine, LiveOptions options) {
        if (options.vgic().isEmpty() && !machine.kvm()) {
            return new KernelView(Optional.empty(), List.of());
        }
        Optional<Path> directory =
                options.vgic().or(() -> KernelGicText.find(VMS, PROCESSES, options.qmp()));
        if (directory.isEmpty()) {
            return new KernelView(
                    Optional.empty(),
                    List.of(
                            "KVM runs this machine: its GIC is in the kernel, whose registers QEMU"
                                    + " does not show. What it holds is in "
                                    + VMS
                                    + "/PID-FD on its host, for root: --vgic names that directory"
                                    + " or a copy of it."));
        }
        try {
            return new KernelView(
                    Optional.of(KernelGicText.read(directory.get())),
                    List.of("What KVM's GIC holds is from " + directory.get() + "."));
        } catch (CaptureError e) {
            throw new QemuError(String.valueOf(e.getMessage()), e);
        }
    }
}
