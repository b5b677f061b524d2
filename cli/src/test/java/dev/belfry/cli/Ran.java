package dev.belfry.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `belfry` as typed, and what came of it.
///
/// @param status the exit status
/// @param out standard output
/// @param err standard error
record Ran(int status, String out, String err) {

    /// Runs with output that goes to a file or pipe.
    static Ran belfry(String... words) {
        return belfry(false, List.of(words));
    }

    /// @param terminal whether output goes to a terminal
    static Ran belfry(boolean terminal, List<String> words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Terminal t = new Terminal(new PrintWriter(out), new PrintWriter(err), terminal, terminal);
        int status = Main.execute(t, words.toArray(String[]::new));
        t.flush();
        return new Ran(status, out.toString(), err.toString());
    }

    /// Standard output, read as JSON.
    JsonNode json() {
        return JsonMapper.shared().readTree(out);
    }
}
