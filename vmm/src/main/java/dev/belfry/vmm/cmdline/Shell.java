package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Splits a text into words as a shell would: quotes, backslashes, `#` comments, variables that the
/// text itself assigns, arrays among them.
///
/// Nothing is run and nothing comes from outside: `$HOME` and `$(nproc)` stay as they are written.
/// Characters of a variable's value have the place where it is used.
final class Shell {

    private static final String ESCAPED_IN_QUOTES = "\"\\$`";
    /// Linux hands a program no more words than a quarter of its stack limit: 2 MiB of 8.
    private static final int MOST_CHARACTERS = 2 << 20;
    private static final int MOST_WORDS = 100_000;
    private static final int LONGEST_NAME = 256;
    private static final Set<String> DECLARING =
            Set.of("export", "local", "declare", "readonly", "typeset", "-a", "-r", "-x", "env");

    /// `$NAME`, `${NAME}`, `${NAME:-otherwise}`, `${NAME[@]}`.
    private static final Pattern VARIABLE =
            Pattern.compile(
                    "\\$(?:([A-Za-z_][A-Za-z0-9_]{0,255})"
                            + "|\\{([A-Za-z_][A-Za-z0-9_]{0,255})(\\[[@*]\\])?"
                            + "(?::?-([^{}$]{0,256}))?\\})");

    private final String source;
    private final List<ShellWord> words = new ArrayList<>();
    private final ShellVariables variables = new ShellVariables();
    private final WordBuilder word = new WordBuilder();
    private final List<String> array = new ArrayList<>();
    private String arrayName = "";
    private Position arrayOpened = new Position(1, 1, "");
    private boolean commandStarts = true;
    private boolean lineStarts = true;
    private int expanded;
    private int next;
    private int line = 1;
    private int column = 1;

    private Shell(String source) {
        this.source = source;
    }

    /// The words of the command that starts a QEMU; all words when none does.
    static List<Token> split(String text) {
        if (text.length() > MOST_CHARACTERS) {
            throw new CommandLineError(
                    "TEXT-LIMIT",
                    new Position(1, 1, ""),
                    "the text has more than 2 MiB, and no command line may be that long",
                    "give the command line alone");
        }
        Shell shell = new Shell(text.replace("\r\n", "\n"));
        shell.run();
        return ShellScript.command(shell.words);
    }

    private void run() {
        while (next < source.length()) {
            char c = source.charAt(next);
            switch (c) {
                case ' ', '\t', '\r' -> {
                    endWord();
                    advance();
                }
                case '\n' -> {
                    endWord();
                    commandStarts = true;
                    lineStarts = true;
                    advance();
                }
                case '#' -> {
                    if (word.started()) {
                        take();
                    } else {
                        skipComment();
                    }
                }
                case '\\' -> backslash();
                case '\'' -> singleQuotes();
                case '"' -> doubleQuotes();
                case '$', '`' -> expand(false);
                case ';', '|', '&' -> operator(c);
                case '(', ')' -> parenthesis(c);
                default -> take();
            }
        }
        endWord();
        if (!arrayName.isEmpty()) {
            throw new CommandLineError(
                    "QUOTE-OPEN", arrayOpened, "this parenthesis is never closed", "close it");
        }
    }

    private void operator(char c) {
        boolean inside = word.started() && c == '&' && !followedBy("&&");
        if (inside || !arrayName.isEmpty()) {
            take();
            return;
        }
        endWord();
        int from = column;
        StringBuilder text = new StringBuilder();
        while (next < source.length() && source.charAt(next) == c) {
            text.append(c);
            advance();
        }
        add(new ShellWord(Token.inOnePiece(text.toString(), line, from), lineStarts, true));
        commandStarts = true;
    }

    private void parenthesis(char c) {
        if (c == '(' && arrayName.isEmpty() && commandStarts) {
            Optional<String> name = ShellVariables.arrayName(word.prefix(LONGEST_NAME));
            if (name.isPresent()) {
                arrayName = name.get();
                arrayOpened = new Position(line, column, "(");
                word.end(line, column);
                advance();
                return;
            }
        }
        if (c == ')' && !arrayName.isEmpty()) {
            endWord();
            variables.assign(arrayName, array);
            array.clear();
            arrayName = "";
            advance();
            return;
        }
        take();
    }

    private void backslash() {
        advance();
        if (next == source.length()) {
            return;
        }
        if (source.charAt(next) == '\n') {
            advance();
        } else {
            take();
        }
    }

    private void singleQuotes() {
        Position opened = new Position(line, column, "'");
        word.start();
        advance();
        while (next < source.length() && source.charAt(next) != '\'') {
            take();
        }
        close(opened);
    }

    private void doubleQuotes() {
        Position opened = new Position(line, column, "\"");
        word.start();
        advance();
        while (next < source.length() && source.charAt(next) != '"') {
            char c = source.charAt(next);
            if (c == '$' || c == '`') {
                expand(true);
                continue;
            }
            if (c == '\\' && next + 1 < source.length()) {
                char escaped = source.charAt(next + 1);
                if (escaped == '\n') {
                    advance();
                    advance();
                    continue;
                }
                if (ESCAPED_IN_QUOTES.indexOf(escaped) >= 0) {
                    advance();
                }
            }
            take();
        }
        close(opened);
    }

    private void close(Position opened) {
        if (next == source.length()) {
            throw new CommandLineError(
                    "QUOTE-OPEN", opened, "this quote is never closed", "close it");
        }
        advance();
    }

    /// At a `$` or a backquote.
    private void expand(boolean quoted) {
        Matcher m = VARIABLE.matcher(source).region(next, source.length());
        if (!m.lookingAt()) {
            command(quoted);
            return;
        }
        boolean plain = m.group(1) != null;
        String name = plain ? m.group(1) : m.group(2);
        Optional<List<String>> all =
                m.group(3) != null
                        ? variables.all(name)
                        : variables
                                .value(name)
                                .or(() -> Optional.ofNullable(m.group(4)))
                                .map(List::of);
        int end = m.end();
        if (all.isEmpty()) {
            while (next < end) {
                take();
            }
            return;
        }
        int atLine = line;
        int atColumn = column;
        while (next < end) {
            advance();
        }
        List<String> values = all.get();
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                endWord();
            }
            insert(values.get(i), quoted, atLine, atColumn);
        }
    }

    private void insert(String value, boolean quoted, int atLine, int atColumn) {
        expanded += value.length();
        if (expanded > MOST_CHARACTERS) {
            throw new CommandLineError(
                    "TEXT-LIMIT",
                    new Position(atLine, atColumn, "$"),
                    "variables expand to more than 2 MiB",
                    "give the command line alone");
        }
        if (quoted) {
            word.start();
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (!quoted && Character.isWhitespace(c)) {
                endWord();
            } else {
                word.take(c, atLine, atColumn);
            }
        }
    }

    /// `$(…)` and backquotes are one piece of a word; any other `$` is itself.
    private void command(boolean quoted) {
        boolean backquote = source.charAt(next) == '`';
        if (!backquote && !followedBy("$(")) {
            take();
            return;
        }
        int depth = 0;
        take();
        while (next < source.length()) {
            char c = source.charAt(next);
            if (quoted && c == '"' && depth == 0) {
                return;
            }
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            take();
            if (backquote ? c == '`' : depth == 0) {
                return;
            }
        }
    }

    private boolean followedBy(String text) {
        return source.startsWith(text, next);
    }

    private void skipComment() {
        while (next < source.length() && source.charAt(next) != '\n') {
            advance();
        }
    }

    private void take() {
        word.take(source.charAt(next), line, column);
        advance();
    }

    private void advance() {
        if (source.charAt(next) == '\n') {
            line++;
            column = 1;
        } else {
            column++;
        }
        next++;
    }

    private void endWord() {
        if (!word.started()) {
            return;
        }
        Token token = word.end(line, column);
        if (!arrayName.isEmpty()) {
            array.add(token.text());
            return;
        }
        if (commandStarts) {
            commandStarts = variables.assign(token.text()) || DECLARING.contains(token.text());
        }
        add(new ShellWord(token, lineStarts, false));
    }

    private void add(ShellWord made) {
        if (words.size() == MOST_WORDS) {
            throw new CommandLineError(
                    "TEXT-LIMIT",
                    made.token().at(0, ""),
                    "there are more than " + MOST_WORDS + " words",
                    "give the command line alone");
        }
        words.add(made);
        lineStarts = false;
    }
}
