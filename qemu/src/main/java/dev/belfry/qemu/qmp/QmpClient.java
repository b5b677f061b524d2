package dev.belfry.qemu.qmp;

import dev.belfry.qemu.QemuError;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A connection to QEMU's monitor. One thread reads; any thread may send commands.
public final class QmpClient implements AutoCloseable {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /// Commands under way at once: few enough that no socket buffer fills up.
    private static final int PIPELINE = 64;

    private final SocketChannel channel;
    private final Duration timeout;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final BlockingQueue<QmpEvent> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<JsonNode> greeting = new CompletableFuture<>();
    private final Object sending = new Object();
    private volatile String ended = "";

    private QmpClient(SocketChannel channel, Duration timeout) {
        this.channel = channel;
        this.timeout = timeout;
        // Not a virtual one: what those need at first costs more than a short conversation.
        Thread.ofPlatform().daemon().name("qmp-reader").start(this::read);
    }

    /// Connects to the socket at `path` and leaves capabilities negotiation behind.
    ///
    /// @param timeout how long any answer may take
    /// @throws QemuError when nobody listens there or nobody answers in time
    public static QmpClient connect(Path path, Duration timeout) {
        try {
            return over(SocketChannel.open(UnixDomainSocketAddress.of(path)), timeout);
        } catch (IOException e) {
            throw new QemuError("no QMP at " + path + ": " + e.getMessage(), e);
        }
    }

    /// The same over a channel that is connected already.
    public static QmpClient over(SocketChannel channel, Duration timeout) {
        QmpClient client = new QmpClient(channel, timeout);
        try {
            client.await(client.greeting, "a QMP greeting (does another client hold the socket?)");
            client.execute("qmp_capabilities");
            return client;
        } catch (QemuError e) {
            client.close();
            throw e;
        }
    }

    /// QEMU's version, `major.minor.micro`.
    public String version() {
        JsonNode v = await(greeting, "greeting").path("version").path("qemu");
        return v.path("major").asInt(0)
                + "."
                + v.path("minor").asInt(0)
                + "."
                + v.path("micro").asInt(0);
    }

    /// Runs a command without arguments.
    public JsonNode execute(String command) {
        return execute(command, JSON.objectNode());
    }

    /// Runs a command.
    ///
    /// @return what it returns
    /// @throws QmpError when QEMU answers with an error
    /// @throws QemuError when it does not answer in time or the connection ends
    public JsonNode execute(String command, ObjectNode arguments) {
        return finish(begin(command, arguments));
    }

    /// Sends a command and does not wait: [Supplier#get] does, and gives and throws what
    /// [#execute(String, ObjectNode)] would.
    public Supplier<JsonNode> ask(String command, ObjectNode arguments) {
        Asked asked = begin(command, arguments);
        return () -> finish(asked);
    }

    /// The same without arguments.
    public Supplier<JsonNode> ask(String command) {
        return ask(command, JSON.objectNode());
    }

    /// A command that was sent.
    private record Asked(int id, String command, CompletableFuture<JsonNode> answer) {}

    private Asked begin(String command, ObjectNode arguments) {
        int id = ids.incrementAndGet();
        ObjectNode request = JSON.objectNode();
        request.put("execute", command).put("id", id).set("arguments", arguments);
        Asked asked = new Asked(id, command, new CompletableFuture<>());
        waiting.put(id, asked.answer);
        try {
            send(request);
        } catch (QemuError e) {
            waiting.remove(id);
            throw e;
        }
        return asked;
    }

    private JsonNode finish(Asked asked) {
        try {
            JsonNode reply = await(asked.answer, "an answer to " + asked.command);
            JsonNode error = reply.path("error");
            if (error.isObject()) {
                throw new QmpError(
                        asked.command,
                        error.path("class").asString(""),
                        error.path("desc").asString("no reason given"));
            }
            return reply.path("return");
        } finally {
            waiting.remove(asked.id);
        }
    }

    /// Runs a line of the human monitor and gives the text it prints, lines ended by `\n`.
    public String humanMonitor(String line) {
        return text(finish(monitor(line)));
    }

    /// Runs several lines of the human monitor without waiting in between; their texts in order.
    public List<String> humanMonitor(List<String> lines) {
        List<String> out = new ArrayList<>(lines.size());
        for (int at = 0; at < lines.size(); at += PIPELINE) {
            List<Asked> asked = new ArrayList<>();
            for (String line : lines.subList(at, Math.min(at + PIPELINE, lines.size()))) {
                asked.add(monitor(line));
            }
            asked.forEach(a -> out.add(text(finish(a))));
        }
        return out;
    }

    private Asked monitor(String line) {
        return begin("human-monitor-command", JSON.objectNode().put("command-line", line));
    }

    private static String text(JsonNode reply) {
        return reply.asString("").replace("\r", "");
    }

    /// Whether the virtual machine's CPUs run.
    public boolean running() {
        return execute("query-status").path("running").asBoolean(false);
    }

    /// Events that came since this was asked last, oldest first.
    public List<QmpEvent> events() {
        List<QmpEvent> out = new ArrayList<>();
        events.drainTo(out);
        return out;
    }

    /// Waits for an event called `name`; events before it are dropped.
    ///
    /// @throws QemuError when it does not come in time
    public QmpEvent awaitEvent(String name) {
        long end = System.nanoTime() + timeout.toNanos();
        try {
            while (true) {
                QmpEvent event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (event == null) {
                    throw new QemuError("QEMU sent no " + name + " event" + seconds());
                }
                if (event.name().equals(name)) {
                    return event;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QemuError("interrupted while waiting for " + name, e);
        }
    }

    private void send(ObjectNode request) {
        ByteBuffer line =
                ByteBuffer.wrap((Lines.write(request) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            synchronized (sending) {
                while (line.hasRemaining()) {
                    channel.write(line);
                }
            }
        } catch (IOException e) {
            throw new QemuError("the QMP connection ended" + ended, e);
        }
    }

    private JsonNode await(CompletableFuture<JsonNode> future, String what) {
        try {
            return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new QemuError("QEMU did not send " + what + seconds(), e);
        } catch (ExecutionException e) {
            throw new QemuError("the QMP connection ended before " + what + ended, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QemuError("interrupted while waiting for " + what, e);
        }
    }

    private String seconds() {
        return " within " + timeout.toMillis() / 1000.0 + " s";
    }

    private void read() {
        Throwable end = new IOException("end of stream");
        try (BufferedReader lines =
                new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            for (String line = Lines.next(lines); !line.isEmpty(); line = Lines.next(lines)) {
                if (!line.isBlank()) {
                    take(Lines.read(line));
                }
            }
        } catch (JacksonException | CharacterCodingException e) {
            ended = ": what came is not QMP";
            end = e;
        } catch (IOException e) {
            ended = " (" + e.getMessage() + ")";
            end = e;
        }
        greeting.completeExceptionally(end);
        for (CompletableFuture<JsonNode> f : waiting.values()) {
            f.completeExceptionally(end);
        }
    }

    private void take(JsonNode message) {
        if (message.has("QMP")) {
            greeting.complete(message.path("QMP"));
        } else if (message.has("event")) {
            events.add(new QmpEvent(message.path("event").asString(""), message.path("data")));
        } else {
            CompletableFuture<JsonNode> answer = waiting.get(message.path("id").asInt(-1));
            if (answer != null) {
                answer.complete(message);
            }
        }
    }

    /// Ends the connection. QEMU goes on.
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The other end may be gone already; there is nothing left to end.
            ended = " (" + e.getMessage() + ")";
        }
    }
}
