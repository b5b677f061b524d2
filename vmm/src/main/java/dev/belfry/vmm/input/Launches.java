package dev.belfry.vmm.input;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.ShellText;
import dev.belfry.vmm.input.domain.DomainReader;
import dev.belfry.vmm.input.domain.DomainText;
import dev.belfry.vmm.machine.Problem;
import java.util.ArrayList;
import java.util.List;

/// Reads what can be launched, by its form. Any text gives a [Launch]; what is wrong with it is
/// told by its problems.
public final class Launches {

    private Launches() {}

    /// Reads a text: a domain when it starts as XML does, or has one behind what a tool said, else
    /// a command line.
    public static Launch read(String text) {
        return DomainText.start(text).isPresent() ? domain(text) : commandLine(text);
    }

    /// Reads words as a shell has split them. The launch's text is the line that somebody would
    /// have typed.
    public static Launch read(List<String> words) {
        return commandLine(ShellText.line(words));
    }

    private static Launch commandLine(String text) {
        List<Problem> problems = new ArrayList<>();
        CommandLine read =
                CommandLine.readText(
                        text, e -> problems.add(Problem.of(e)), r -> problems.add(Problem.of(r)));
        return new Launch(Launch.Form.COMMAND_LINE, text, read, problems);
    }

    private static Launch domain(String text) {
        DomainReader.Domain read = DomainReader.read(text);
        return new Launch(Launch.Form.DOMAIN_XML, text, read.commandLine(), read.problems());
    }
}
