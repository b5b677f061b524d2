package dev.belfry.qemu.edu;

import dev.belfry.model.journey.Bytes;
import dev.belfry.qemu.qtest.QtestClient;
import dev.belfry.qemu.script.ScriptOutcome.Observation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// qtest commands that go out together when something has to wait for them, and what the reading
/// ones among them observed.
final class Pipeline {

    private record Reader(int index, int step, Function<String, Bytes> decode) {}

    private final QtestClient qtest;
    private final List<String> commands = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private final List<Observation> observations = new ArrayList<>();

    Pipeline(QtestClient qtest) {
        this.qtest = qtest;
    }

    void add(String command) {
        commands.add(command);
    }

    void observe(int step, String command, Function<String, Bytes> decode) {
        readers.add(new Reader(commands.size(), step, decode));
        commands.add(command);
    }

    void flush() {
        List<String> replies = qtest.commands(commands);
        for (Reader r : readers) {
            observations.add(new Observation(r.step, r.decode.apply(replies.get(r.index))));
        }
        commands.clear();
        readers.clear();
    }

    List<Observation> observations() {
        return observations;
    }
}
