package dev.belfry.qemu.live;

import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.qmp.QmpClient;
import java.nio.file.Path;
import java.time.Duration;

/// Holds a virtual machine still, and lets it go on when closed: also when this Java process is
/// told to end, and also when its QMP connection has been lost meanwhile. A machine that did not
/// run stays as it is.
public final class VmStop implements AutoCloseable {

    private final QmpClient qmp;
    private final Path socket;
    private final Duration timeout;
    private final Thread onExit;
    private boolean stopped;

    /// Stops the machine if it runs.
    ///
    /// @param socket where `qmp` is connected to, in case it has to be connected to again
    /// @param timeout for that
    public VmStop(QmpClient qmp, Path socket, Duration timeout) {
        this.qmp = qmp;
        this.socket = socket;
        this.timeout = timeout;
        this.onExit = Thread.ofPlatform().unstarted(this::resume);
        if (qmp.running()) {
            Runtime.getRuntime().addShutdownHook(onExit);
            stopped = true;
            qmp.execute("stop");
        }
    }

    /// Whether it was this that stopped the machine.
    public synchronized boolean stopped() {
        return stopped;
    }

    @Override
    public void close() {
        if (stopped()) {
            resume();
            try {
                Runtime.getRuntime().removeShutdownHook(onExit);
            } catch (IllegalStateException e) {
                // This Java process is ending: the hook runs and finds the machine resumed.
                resume();
            }
        }
    }

    private synchronized void resume() {
        if (!stopped) {
            return;
        }
        try {
            qmp.execute("cont");
        } catch (QemuError lost) {
            // QEMU serves one QMP client at a time: the lost one has to go first.
            qmp.close();
            try (QmpClient again = QmpClient.connect(socket, timeout)) {
                again.execute("cont");
            } catch (QemuError e) {
                throw new QemuError(
                        "the VM was stopped and could not be resumed; `cont` on its monitor does it ("
                                + e.getMessage()
                                + ")",
                        e);
            }
        }
        stopped = false;
    }
}
