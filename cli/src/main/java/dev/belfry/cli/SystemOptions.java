package dev.belfry.cli;

import dev.belfry.lab.InputError;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.capture.Bundle;
import dev.belfry.qemu.capture.CaptureError;
import dev.belfry.qemu.capture.CaptureFolder;
import dev.belfry.qemu.capture.CoreCapture;
import dev.belfry.qemu.live.LiveOptions;
import dev.belfry.qemu.live.LiveSystem;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Deque;

/// Options that say which system is looked at.
final class SystemOptions {

    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

    @Option(
            names = "--qmp",
            paramLabel = "SOCKET",
            description = "The QMP socket of a running QEMU (-qmp unix:SOCKET,server=on,wait=off).")
    private @Nullable Path qmp;

    @Option(
            names = "--qtest",
            paramLabel = "SOCKET",
            description =
                    "Its qtest socket (-qtest unix:SOCKET,server=on,wait=off beside -accel): the"
                            + " best way to its registers.")
    private @Nullable Path qtest;

    @Option(
            names = "--ram",
            paramLabel = "FILE",
            description =
                    "The file behind its RAM (memory-backend-file,share=on), if it cannot be found"
                            + " by itself.")
    private @Nullable Path ram;

    @Option(names = "--stop", description = "Stops the VM for the read and lets it go on after it.")
    private boolean stop;

    @Option(
            names = "--registers",
            paramLabel = "FILE",
            description = "The registers that belong to an ELF core (docs/captures.md).")
    private @Nullable Path registers;

    /// Whether a running QEMU is meant.
    boolean live() {
        return qmp != null;
    }

    /// Opens what the options name, or else the capture that the first word names.
    OpenSystem open(Deque<String> words) throws InputError {
        Path socket = qmp;
        try {
            if (socket != null) {
                LiveSystem system = LiveSystem.open(options(socket));
                return new OpenSystem(system, system::close);
            }
            if (words.isEmpty() || Words.isBdf(words.getFirst())) {
                throw new InputError(
                        "nothing to look at",
                        "name a capture, or a running QEMU with --qmp SOCKET");
            }
            return capture(Path.of(words.removeFirst()));
        } catch (QemuError e) {
            throw new InputError(String.valueOf(e.getMessage()), "");
        } catch (CaptureError e) {
            throw new InputError(String.valueOf(e.getMessage()), "");
        }
    }

    private LiveOptions options(Path socket) {
        LiveOptions options = LiveOptions.of(socket);
        if (qtest != null) {
            options = options.withQtest(qtest);
        }
        if (ram != null) {
            options = options.withRam(ram);
        }
        return stop ? options.stopping() : options;
    }

    private OpenSystem capture(Path path) throws InputError {
        if (Files.isDirectory(path)) {
            return new OpenSystem(CaptureFolder.read(path), () -> {});
        }
        if (!Files.isReadable(path)) {
            throw new InputError(path + " cannot be read", "name a capture folder or a bundle");
        }
        return isElf(path) ? core(path) : new OpenSystem(Bundle.read(path), () -> {});
    }

    private OpenSystem core(Path path) throws InputError {
        Path beside = path.resolveSibling(path.getFileName() + ".regs");
        Path file = registers == null && Files.isReadable(beside) ? beside : registers;
        if (file == null) {
            throw new InputError(
                    path + " is an ELF core, which has no device registers",
                    "put a file with them beside it as "
                            + beside
                            + ", or name it: --registers FILE");
        }
        CoreCapture core = CoreCapture.open(path, file);
        return new OpenSystem(core, core::close);
    }

    private static boolean isElf(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return Arrays.equals(in.readNBytes(ELF.length), ELF);
        } catch (IOException e) {
            return false;
        }
    }
}
