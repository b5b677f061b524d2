package dev.belfry.lab.run;

import dev.belfry.vmm.qmp.QmpServer;
import dev.belfry.vmm.qmp.QmpSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Consumer;

/// A session's QMP socket.
public final class QmpService implements AutoCloseable {

    private final QmpSocket socket;

    private QmpService(QmpSocket socket) {
        this.socket = socket;
    }

    /// Takes the socket; clients may connect from now on, and wait.
    ///
    /// @throws IOException when the path cannot be used
    public static QmpService bind(Path path) throws IOException {
        return new QmpService(QmpSocket.bind(path));
    }

    /// Serves until a client says `quit`, or [#close] is called on another thread.
    ///
    /// @param clock time of events
    /// @param steps told of what came of each command
    public void serve(RunSession session, InstantSource clock, Consumer<Step> steps)
            throws IOException {
        SessionMonitor machine = new SessionMonitor(session, steps);
        socket.serve(() -> new QmpServer(machine, clock));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
