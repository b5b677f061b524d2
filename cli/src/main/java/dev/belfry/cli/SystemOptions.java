package dev.belfry.cli;

import dev.belfry.lab.InputError;
import dev.belfry.lab.explain.OpenSystem;
import java.nio.file.Path;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options that say which system is looked at.
final class SystemOptions {

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

    @Option(
            names = "--gdb",
            paramLabel = "HOST:PORT",
            description =
                    "Its GDB server (-gdb), or that one's Unix socket: used, while it holds the VM"
                            + " still, when the other ways fail.")
    private @Nullable String gdb;

    @Option(names = "--stop", description = "Stops the VM for the read and lets it go on after it.")
    private boolean stop;

    @Option(
            names = "--vgic",
            paramLabel = "DIR",
            description =
                    "What KVM's GIC holds: the VM's directory in the host's /sys/kernel/debug/kvm,"
                            + " or a copy of it (docs/captures.md). Found by itself when belfry"
                            + " runs as root beside QEMU.")
    private @Nullable Path vgic;

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
        if (socket != null) {
            return OpenSystem.live(
                    new OpenSystem.Live(
                            socket,
                            Optional.ofNullable(qtest),
                            Optional.ofNullable(ram),
                            Optional.ofNullable(gdb),
                            stop,
                            Optional.ofNullable(vgic)));
        }
        if (words.isEmpty() || Words.isBdf(words.getFirst())) {
            throw new InputError(
                    "nothing to look at", "name a capture, or a running QEMU with --qmp SOCKET");
        }
        return OpenSystem.capture(
                Path.of(words.removeFirst()),
                Optional.ofNullable(registers),
                Optional.ofNullable(vgic));
    }
}
