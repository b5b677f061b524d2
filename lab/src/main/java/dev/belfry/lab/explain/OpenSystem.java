package dev.belfry.lab.explain;

import dev.belfry.lab.InputError;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.capture.Bundle;
import dev.belfry.qemu.capture.CaptureError;
import dev.belfry.qemu.capture.CaptureFolder;
import dev.belfry.qemu.capture.CoreCapture;
import dev.belfry.qemu.capture.KernelGicText;
import dev.belfry.qemu.live.LiveOptions;
import dev.belfry.qemu.live.LiveSystem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// A system that is being looked at. Closing it lets go of it, and lets a VM that was stopped run
/// on.
///
/// @param view what is seen
/// @param letGo what closing does
public record OpenSystem(SystemView view, Runnable letGo) implements AutoCloseable {

    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

    /// How a running QEMU is reached.
    ///
    /// @param qmp its QMP socket
    /// @param qtest its qtest socket
    /// @param ram the file behind its RAM
    /// @param gdb its GDB server, tried when all else fails
    /// @param stop whether to hold it still meanwhile
    /// @param vgic KVM's debugfs directory of the VM
    public record Live(
            Path qmp,
            Optional<Path> qtest,
            Optional<Path> ram,
            Optional<String> gdb,
            boolean stop,
            Optional<Path> vgic) {}

    /// Looks at a running QEMU.
    ///
    /// @throws InputError when it cannot be reached
    public static OpenSystem live(Live how) throws InputError {
        LiveOptions options = LiveOptions.of(how.qmp());
        if (how.qtest().isPresent()) {
            options = options.withQtest(how.qtest().get());
        }
        if (how.ram().isPresent()) {
            options = options.withRam(how.ram().get());
        }
        if (how.gdb().isPresent()) {
            options = options.withGdb(how.gdb().get());
        }
        if (how.vgic().isPresent()) {
            options = options.withVgic(how.vgic().get());
        }
        try {
            LiveSystem system = LiveSystem.open(how.stop() ? options.stopping() : options);
            return new OpenSystem(system, system::close);
        } catch (QemuError e) {
            throw new InputError(String.valueOf(e.getMessage()), "");
        }
    }

    /// Opens a capture folder, a bundle, or an ELF core.
    ///
    /// @param registers the registers of an ELF core; without it, the file beside the core whose
    ///   name has `.regs` after it
    /// @param vgic KVM's debugfs directory of the VM, kept beside the capture
    /// @throws InputError when it cannot be read or is damaged
    public static OpenSystem capture(Path path, Optional<Path> registers, Optional<Path> vgic)
            throws InputError {
        try {
            if (Files.isDirectory(path)) {
                return still(CaptureFolder.read(path), vgic);
            }
            if (!Files.isReadable(path)) {
                throw new InputError(
                        path + " cannot be read", "name a capture folder, a bundle or an ELF core");
            }
            return isElf(path) ? core(path, registers) : still(Bundle.read(path), vgic);
        } catch (CaptureError e) {
            throw new InputError(String.valueOf(e.getMessage()), "");
        }
    }

    /// Writes a bundle.
    ///
    /// @return its size in bytes
    /// @throws InputError when it cannot be written
    public static long write(Snapshot snapshot, Path file) throws InputError {
        try {
            Bundle.write(snapshot, file);
            return Files.size(file);
        } catch (CaptureError e) {
            throw new InputError(String.valueOf(e.getMessage()), "");
        } catch (IOException e) {
            throw new InputError(file + " cannot be written: " + e.getMessage(), "");
        }
    }

    private static OpenSystem still(Snapshot snapshot, Optional<Path> vgic) {
        Snapshot view = vgic.map(d -> snapshot.with(KernelGicText.read(d))).orElse(snapshot);
        return new OpenSystem(view, () -> {});
    }

    private static OpenSystem core(Path path, Optional<Path> registers) throws InputError {
        Path beside = path.resolveSibling(path.getFileName() + ".regs");
        Optional<Path> file =
                registers.or(
                        () -> Files.isReadable(beside) ? Optional.of(beside) : Optional.empty());
        if (file.isEmpty()) {
            throw new InputError(
                    path + " is an ELF core, which has no device registers",
                    "put a file with them beside it as "
                            + beside.getFileName()
                            + ", or name it: --registers FILE");
        }
        CoreCapture core = CoreCapture.open(path, file.get());
        return new OpenSystem(core, core::close);
    }

    private static boolean isElf(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return Arrays.equals(in.readNBytes(ELF.length), ELF);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        letGo.run();
    }
}
