package dev.belfry.vmm.cmdline;

import dev.belfry.vmm.cmdline.OptionSpec.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A command line of `qemu-system-aarch64`, option by option.
///
/// @param program the program's name as written, or empty
/// @param options in the order given
public record CommandLine(String program, List<Option> options) {

    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*");
    private static final List<String> LAUNCHERS =
            List.of("sudo", "exec", "env", "nohup", "time", "command");

    /// More than the largest machines need, and few enough to look at each beside all others.
    public static final int MOST_OPTIONS = 4096;

    private static final int MOST_ERRORS = 200;
    private static final OptionSpec DISK_IMAGE =
            new OptionSpec("disk image", Syntax.TEXT, "", Use.IGNORED);

    public CommandLine {
        options = List.copyOf(options);
    }

    /// Reads a command line that is already split into words. Its positions count as if the words
    /// stood on one line with single spaces between them.
    ///
    /// @throws CommandLineError when an option is unknown or its argument cannot be read
    public static CommandLine parse(List<String> argv) {
        List<Token> tokens = new ArrayList<>();
        int column = 1;
        for (String word : argv) {
            tokens.add(Token.inOnePiece(word, 1, column));
            column += word.length() + 1;
        }
        return of(tokens, CommandLine::refuse);
    }

    /// Reads a command line as it stands in a file or a shell script.
    ///
    /// @throws CommandLineError when a quote is open, an option is unknown or its argument cannot
    ///   be read
    public static CommandLine parseText(String text) {
        return readText(text, CommandLine::refuse, _ -> {});
    }

    /// Reads a command line as it stands in a file, and goes on after what cannot be read: the
    /// option is left out, and told to `errors`.
    ///
    /// @param remarks told what is written in another way than a shell reads it
    public static CommandLine readText(
            String text, Consumer<CommandLineError> errors, Consumer<Remark> remarks) {
        Shell.Reading read;
        try {
            read = Shell.read(text);
        } catch (CommandLineError e) {
            errors.accept(e);
            return new CommandLine("", List.of());
        }
        read.remarks().forEach(remarks);
        return of(read.command(), errors);
    }

    /// Reads words that know where they stand, and goes on after what cannot be read.
    public static CommandLine readTokens(List<Token> words, Consumer<CommandLineError> errors) {
        return of(words, errors);
    }

    private static void refuse(CommandLineError error) {
        throw error;
    }

    /// The options of that name, in the order given.
    public Stream<Option> all(String name) {
        return options.stream().filter(o -> o.name().equals(name));
    }

    /// The last option of that name.
    public Optional<Option> last(String name) {
        return all(name).reduce((first, second) -> second);
    }

    /// Whether the option was given.
    public boolean has(String name) {
        return all(name).findAny().isPresent();
    }

    /// The options that have no bearing on what Belfry does.
    public List<Option> ignored() {
        return options.stream().filter(o -> o.spec().use() == Use.IGNORED).toList();
    }

    private static CommandLine of(List<Token> tokens, Consumer<CommandLineError> errors) {
        int next = 0;
        while (next < tokens.size() && isPreamble(tokens.get(next).text())) {
            next++;
        }
        String program = "";
        if (next < tokens.size() && !isOption(tokens.get(next))) {
            program = tokens.get(next++).text();
        }
        List<Option> options = new ArrayList<>();
        int unread = 0;
        while (next < tokens.size()) {
            Token word = tokens.get(next++);
            if (options.size() == MOST_OPTIONS || unread == MOST_ERRORS) {
                errors.accept(tooMuch(word, unread));
                break;
            }
            if (word.text().equals("&") && next == tokens.size()) {
                break;
            }
            if (!isOption(word) || word.text().equals("-")) {
                Position at = word.at(0, word.text());
                options.add(new Option(DISK_IMAGE, word.text(), Params.NONE, false, at));
                continue;
            }
            try {
                OptionSpec spec = spec(word);
                Token argument =
                        spec.syntax().takesArgument() ? argument(word, tokens, next) : word;
                next += spec.syntax().takesArgument() ? 1 : 0;
                Option option = option(spec, word, argument, errors);
                if (spec.name().equals("set")) {
                    SetOption.apply(option, options);
                } else {
                    options.add(option);
                }
            } catch (CommandLineError e) {
                unread++;
                errors.accept(e);
                // What follows is its argument, or belongs to whatever it was meant to be.
                while (next < tokens.size() && !isOption(tokens.get(next))) {
                    next++;
                }
            }
        }
        return new CommandLine(program, options);
    }

    private static CommandLineError tooMuch(Token word, int unread) {
        return new CommandLineError(
                "OPTIONS-LIMIT",
                word.at(0, word.text()),
                unread == MOST_ERRORS
                        ? "so much is wrong that the rest is not read"
                        : "there are more than 4,096 options: the rest is not read",
                "give a command line of qemu-system-aarch64");
    }

    private static boolean isOption(Token word) {
        return word.text().startsWith("-");
    }

    private static Token argument(Token word, List<Token> tokens, int next) {
        if (next == tokens.size()) {
            throw new CommandLineError(
                    "OPTION-ARGUMENT",
                    word.at(0, word.text()),
                    word.text() + ": requires an argument",
                    "write what it takes behind " + word.text() + ", or remove it");
        }
        return tokens.get(next);
    }

    private static boolean isPreamble(String word) {
        return LAUNCHERS.contains(word) || ASSIGNMENT.matcher(word).matches();
    }

    private static OptionSpec spec(Token word) {
        String name = word.text().substring(word.text().startsWith("--") ? 2 : 1);
        Position at = word.at(0, word.text());
        OptionSpec spec =
                OptionTable.find(name)
                        .orElseThrow(() ->
                                new CommandLineError(
                                        "OPTION-UNKNOWN",
                                        at,
                                        word.text() + ": invalid option",
                                        Nearest.hint(name, OptionTable.names(), "-")));
        if (spec.use() == Use.REFUSED) {
            throw new CommandLineError(
                    "OPTION-REFUSED",
                    at,
                    "Belfry does not read -" + name,
                    "write its sections as options: [device \"x\"] with driver = \"y\" is"
                            + " -device y,id=x");
        }
        return spec;
    }

    private static Option option(
            OptionSpec spec, Token word, Token argument, Consumer<CommandLineError> errors) {
        if (!spec.syntax().takesArgument()) {
            Position at = word.at(0, word.text());
            return new Option(spec, "", Params.NONE, false, at);
        }
        Position at = word.at(0, word.text() + " " + argument.text());
        boolean json = spec.syntax().takesJson() && argument.text().startsWith("{");
        Params params =
                spec.syntax() == Syntax.TEXT
                        ? Params.NONE
                        : json
                                ? JsonObject.read(argument, at)
                                : KeyValue.read(argument, spec, at, errors);
        return new Option(spec, argument.text(), params, json, at);
    }
}
