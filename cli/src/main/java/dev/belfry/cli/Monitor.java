package dev.belfry.cli;

import dev.belfry.lab.InputError;
import dev.belfry.lab.run.QmpService;
import dev.belfry.lab.run.RunSession;
import dev.belfry.lab.run.Step;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Serves QMP on a socket until `quit`, an interrupt (Ctrl-C), or the end of standard input, if
/// that was open to begin with.
final class Monitor implements AutoCloseable {

    private static final int SECONDS_TO_END = 10;

    private final QmpService socket;
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile boolean inputEnded;
    private volatile boolean serving;
    private volatile int status = Main.BROKEN;
    private final Thread hook = Thread.ofPlatform().unstarted(this::interrupted);

    private Monitor(QmpService socket) {
        this.socket = socket;
    }

    /// Takes the socket, so that clients may connect while the machine boots.
    ///
    /// @param where a path, or `unix:PATH` with QEMU's options behind it
    static Monitor open(String where, InputStream input) throws InputError {
        String word = where.startsWith("unix:") ? where.substring(5) : where;
        int comma = word.indexOf(',');
        Path path = Path.of(comma < 0 ? word : word.substring(0, comma));
        try {
            Monitor monitor = new Monitor(QmpService.bind(path));
            Runtime.getRuntime().addShutdownHook(monitor.hook);
            Thread.ofPlatform().daemon().start(() -> monitor.watch(input));
            return monitor;
        } catch (IOException | RuntimeException e) {
            throw new InputError(
                    "--qmp " + path + ": cannot listen there (" + e.getMessage() + ")",
                    "name a path in a directory that exists, of less than 108 bytes");
        }
    }

    private void watch(InputStream input) {
        try {
            while (input.read() >= 0) {
                // What is typed means nothing; its end does.
            }
        } catch (IOException e) {
            // Nothing to be read is as good as the end.
        }
        inputEnded = true;
        if (serving) {
            end();
        }
    }

    private void end() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed as far as it can be.
            return;
        }
    }

    private void interrupted() {
        end();
        try {
            finished.await(SECONDS_TO_END, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(status);
    }

    /// Serves.
    ///
    /// @param steps told of what came of each command
    void serve(RunSession session, Consumer<Step> steps) throws InputError {
        // Input that ended while the machine booted was never there: a job in the background.
        boolean watched = !inputEnded;
        serving = watched;
        try {
            socket.serve(session, Clock.systemUTC(), steps);
        } catch (IOException e) {
            throw new InputError("--qmp: the socket failed: " + e.getMessage(), "");
        } finally {
            serving = false;
        }
    }

    /// Everything is printed; an interrupted process may end with this status.
    void finished(int exitStatus) {
        status = exitStatus;
        finished.countDown();
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook is at work, and waits for [#finished].
            return;
        }
    }
}
