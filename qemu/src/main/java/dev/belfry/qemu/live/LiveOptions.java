package dev.belfry.qemu.live;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How to look at a running QEMU.
///
/// @param qmp its QMP socket
/// @param qtest its qtest socket, if it has one: the best way to its registers
/// @param ram the file behind its RAM, if it should not be asked for it
/// @param gdb its GDB server, `HOST:PORT` or a socket's path: what is tried when all else fails
/// @param stop whether to hold the machine still meanwhile
/// @param timeout how long any answer may take
/// @param vgic KVM's debugfs directory of this VM, if it should not be looked for
public record LiveOptions(
        Path qmp,
        Optional<Path> qtest,
        Optional<Path> ram,
        Optional<String> gdb,
        boolean stop,
        Duration timeout,
        Optional<Path> vgic) {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// With QMP alone.
    public static LiveOptions of(Path qmp) {
        return new LiveOptions(
                qmp,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                PATIENCE,
                Optional.empty());
    }

    /// Also through this qtest socket.
    public LiveOptions withQtest(Path socket) {
        return new LiveOptions(qmp, Optional.of(socket), ram, gdb, stop, timeout, vgic);
    }

    /// Also through this file.
    public LiveOptions withRam(Path file) {
        return new LiveOptions(qmp, qtest, Optional.of(file), gdb, stop, timeout, vgic);
    }

    /// Also through this GDB server.
    public LiveOptions withGdb(String address) {
        return new LiveOptions(qmp, qtest, ram, Optional.of(address), stop, timeout, vgic);
    }

    /// With the machine held still.
    public LiveOptions stopping() {
        return new LiveOptions(qmp, qtest, ram, gdb, true, timeout, vgic);
    }

    /// Also with what KVM tells of the GIC in this directory.
    public LiveOptions withVgic(Path directory) {
        return new LiveOptions(qmp, qtest, ram, gdb, stop, timeout, Optional.of(directory));
    }
}
