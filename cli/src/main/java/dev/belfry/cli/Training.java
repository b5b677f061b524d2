package dev.belfry.cli;

import dev.belfry.lab.InputError;
import dev.belfry.lab.explain.Rehearsal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What the JVM's ahead-of-time cache is made from: the commands that people wait for, run one
/// after the other in one process, their output thrown away. `./belfry` starts it after a build.
public final class Training {

    private static final String NEXT = "+";
    private static final String QMP = "{qmp}";
    private static final String QTEST = "{qtest}";

    private Training() {}

    /// Runs each command of the words after the first two, with `+` between them, each twice: only
    /// at the second time is all that is made at first use there to be kept. A command that fails
    /// teaches less, and does no harm.
    ///
    /// @param args first a capture folder and a device tree, which are served as if they were a
    ///   live QEMU: `{qmp}` and `{qtest}` in commands are its sockets
    public static void main(String[] args) throws IOException {
        Path dir = Files.createTempDirectory("belfry");
        try (Rehearsal served = Rehearsal.of(Path.of(args[0]), Path.of(args[1]), dir)) {
            List<String> words = new ArrayList<>();
            for (String arg : List.of(args).subList(2, args.length)) {
                if (arg.equals(NEXT)) {
                    run(words);
                } else {
                    words.add(
                            arg.replace(QMP, served.qmp().toString())
                                    .replace(QTEST, served.qtest().toString()));
                }
            }
            run(words);
        } catch (InputError e) {
            Terminal.ofProcess().complain("no training: " + e.text(), e.fix());
        } finally {
            Files.deleteIfExists(dir);
        }
    }

    private static void run(List<String> words) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        String[] command = words.toArray(new String[0]);
        Main.execute(new Terminal(nowhere, nowhere, false, false), command);
        Main.execute(new Terminal(nowhere, nowhere, false, false), command);
        words.clear();
    }
}
