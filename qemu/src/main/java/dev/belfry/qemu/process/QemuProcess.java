package dev.belfry.qemu.process;

import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.qmp.QmpClient;
import dev.belfry.qemu.qtest.QtestClient;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A QEMU that we started. Closing it ends it and removes its sockets; so does the end of this Java
/// process.
public final class QemuProcess implements AutoCloseable {

    private static final String NAME = "qemu-system-aarch64";
    private static final int STDERR_SHOWN = 2000;
    private static final long GRACE_SECONDS = 2;

    private final Path directory;
    private final Process process;
    private final Thread onExit;
    private final QmpClient qmp;
    private final QtestClient qtest;

    private QemuProcess(Path directory, Process process, Channels channels, Duration timeout) {
        this.directory = directory;
        this.process = process;
        this.onExit = Thread.ofPlatform().unstarted(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(onExit);
        // QEMU connects in the order of its own start-up, so both must be accepted side by side.
        this.qtest = QtestClient.over(accept(channels.qtest, timeout), timeout);
        this.qmp = QmpClient.over(accept(channels.qmp, timeout), timeout);
    }

    private record Channels(ServerSocketChannel qmp, ServerSocketChannel qtest)
            implements AutoCloseable {
        @Override
        public void close() throws IOException {
            qmp.close();
            qtest.close();
        }
    }

    /// The binary that the environment variable `BELFRY_QEMU` names, or else the one on PATH.
    public static Optional<Path> find() {
        String named = System.getenv().getOrDefault("BELFRY_QEMU", "");
        if (!named.isEmpty()) {
            return Optional.of(Path.of(named)).filter(Files::isExecutable);
        }
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of(path.split(File.pathSeparator))
                .filter(dir -> !dir.isEmpty())
                .map(dir -> Path.of(dir, NAME))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /// Starts the QEMU on PATH.
    ///
    /// @param arguments all but the sockets; `-display none` is given too
    /// @param timeout how long start-up, and any answer later, may take
    /// @throws QemuError when there is none, or it ends or hangs; with what it wrote to stderr
    public static QemuProcess start(List<String> arguments, Duration timeout) {
        Path binary = find().orElseThrow(() -> new QemuError("there is no " + NAME + " on PATH"));
        return start(binary, arguments, timeout);
    }

    /// Starts `binary`.
    public static QemuProcess start(Path binary, List<String> arguments, Duration timeout) {
        try {
            Path dir = Files.createTempDirectory("belfry-qemu");
            try (Channels channels = new Channels(listen(dir, "qmp"), listen(dir, "qtest"))) {
                Process process = launch(binary, arguments, dir);
                return connect(dir, process, channels, timeout);
            } catch (IOException | QemuError e) {
                remove(dir);
                throw e;
            }
        } catch (IOException e) {
            throw new QemuError(binary + " cannot be started: " + e.getMessage(), e);
        }
    }

    private static QemuProcess connect(
            Path dir, Process process, Channels channels, Duration timeout) {
        try {
            return new QemuProcess(dir, process, channels, timeout);
        } catch (QemuError e) {
            process.destroyForcibly();
            throw new QemuError(e.getMessage() + stderr(dir), e);
        }
    }

    private static ServerSocketChannel listen(Path dir, String name) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(dir.resolve(name)));
        server.configureBlocking(false);
        return server;
    }

    private static Process launch(Path binary, List<String> arguments, Path dir)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(binary.toString());
        command.addAll(arguments);
        command.addAll(List.of("-display", "none"));
        command.addAll(List.of("-qtest", "unix:" + dir.resolve("qtest")));
        command.addAll(List.of("-qtest-log", "none"));
        command.addAll(List.of("-qmp", "unix:" + dir.resolve("qmp")));
        return new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(dir.resolve("stderr").toFile())
                .start();
    }

    private SocketChannel accept(ServerSocketChannel server, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        try {
            while (true) {
                SocketChannel channel = server.accept();
                if (channel != null) {
                    channel.configureBlocking(true);
                    return channel;
                }
                if (process.waitFor(2, TimeUnit.MILLISECONDS)) {
                    throw new QemuError("QEMU ended with status " + process.exitValue());
                }
                if (System.nanoTime() - end > 0) {
                    throw new QemuError("QEMU did not connect in time");
                }
            }
        } catch (IOException e) {
            throw new QemuError("QEMU cannot be reached: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QemuError("interrupted while QEMU started", e);
        }
    }

    private static String stderr(Path dir) {
        try {
            String text = Files.readString(dir.resolve("stderr")).strip();
            int from = Math.max(0, text.length() - STDERR_SHOWN);
            return text.isEmpty() ? "" : "; it says: " + text.substring(from);
        } catch (IOException e) {
            return "";
        }
    }

    /// Its monitor.
    public QmpClient qmp() {
        return qmp;
    }

    /// Its memory, registers and clock.
    public QtestClient qtest() {
        return qtest;
    }

    /// What it wrote to stderr so far.
    public String stderr() {
        return stderr(directory);
    }

    /// Its process id.
    public long pid() {
        return process.pid();
    }

    /// Ends it, by force when it does not go by itself.
    @Override
    public void close() {
        qmp.close();
        process.destroy();
        try {
            if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        qtest.close();
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // This Java process is ending: the hook runs anyway and finds nothing to end.
            process.destroyForcibly();
        }
        remove(directory);
    }

    private static void remove(Path dir) {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
