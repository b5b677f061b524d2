package dev.belfry.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;

/// What the JVM's ahead-of-time cache is made from: the commands that people wait for, run one
/// after the other in one process, their output thrown away. `./belfry` starts it after a build.
public final class Training {

    private static final String NEXT = "+";

    private Training() {}

    /// Runs each command of `args`, with `+` between them. A command that fails teaches less, and
    /// does no harm.
    public static void main(String[] args) {
        List<String> words = new ArrayList<>();
        for (String arg : args) {
            if (arg.equals(NEXT)) {
                run(words);
            } else {
                words.add(arg);
            }
        }
        run(words);
    }

    private static void run(List<String> words) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        Main.execute(new Terminal(nowhere, nowhere, false, false), words.toArray(new String[0]));
        words.clear();
    }
}
