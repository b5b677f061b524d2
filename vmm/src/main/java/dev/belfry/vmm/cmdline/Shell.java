package dev.belfry.vmm.cmdline;

import dev.belfry.vmm.cmdline.ShellWord.Break;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Splits a text into words as a shell would: quotes, backslashes, `#` comments, here-documents,
/// variables that the text itself assigns, arrays among them.
///
/// Nothing is run and nothing comes from outside: `$HOME` and `$(nproc)` stay as they are written.
/// Characters of a variable's value have the place where it is used. What a shell would trip over,
/// and a reader would not, is read as it is meant, and told.
final class Shell {

    /// What a text says.
    ///
    /// @param command the words of the command that starts a QEMU; all words when none does
    /// @param remarks what is written in another way than a shell reads it
    record Reading(List<Token> command, List<Remark> remarks) {}

    private static final String ESCAPED_IN_QUOTES = "\"\\$`";

    /// Linux hands a program no more words than a quarter of its stack limit: 2 MiB of 8.
    private static final int MOST_CHARACTERS = 2 << 20;

    /// In the place of a typographic quote.
    private static final char PLAIN = 0;

    private static final int MOST_WORDS = 100_000;
    private static final int LONGEST_NAME = 256;
    private static final Set<String> DECLARING =
            Set.of("export", "local", "declare", "readonly", "typeset", "-a", "-r", "-x", "env");

    /// `$NAME`, `${NAME}`, `${NAME:-otherwise}`, `${NAME[@]}`.
    private static final Pattern VARIABLE =
            Pattern.compile(
                    "\\$(?:([A-Za-z_][A-Za-z0-9_]{0,255})"
                            + "|\\{([A-Za-z_][A-Za-z0-9_]{0,255})(\\[[@*]\\])?"
                            + "(?::?[-=]([^{}$]{0,256}))?\\})");

    private final ShellSource source;
    private final List<ShellWord> words = new ArrayList<>();
    private final ShellVariables variables = new ShellVariables();
    private final WordBuilder word = new WordBuilder();
    private final List<String> array = new ArrayList<>();
    private final ShellPieces pieces;
    private final HereDocuments documents;
    private final ShellRemarks remarks = new ShellRemarks();
    private final boolean skipsDocuments;
    private String arrayName = "";
    private Position arrayOpened = new Position(1, 1, "");
    private boolean commandStarts = true;
    private Break before = Break.LINE;
    private int expanded;

    private Shell(String text, boolean skipsDocuments) {
        this.source = new ShellSource(text);
        this.pieces = new ShellPieces(source, word);
        this.documents = new HereDocuments(source);
        this.skipsDocuments = skipsDocuments;
    }

    /// Reads a text. Where only a here-document starts a QEMU, that is what is meant.
    ///
    /// @throws CommandLineError when it is too long, or a quote or parenthesis stays open
    static Reading read(String text) {
        if (text.length() > MOST_CHARACTERS) {
            throw new CommandLineError(
                    "TEXT-LIMIT",
                    new Position(1, 1, ""),
                    "the text has more than 2 MiB, and no command line may be that long",
                    "give the command line alone");
        }
        String lines = text.replace("\r\n", "\n");
        Shell shell = new Shell(lines, true);
        shell.run();
        if (shell.documents.seen() && !ShellScript.startsQemu(shell.words)) {
            shell = new Shell(lines, false);
            shell.run();
        }
        if (ShellScript.startsNothing(shell.words)) {
            throw new CommandLineError(
                    "QEMU-NONE",
                    shell.words.getFirst().token().at(0, shell.words.getFirst().text()),
                    "nothing here starts a QEMU",
                    "give the command line that does: qemu-system-aarch64 -M virt …");
        }
        List<ShellWord> command = ShellScript.command(shell.words);
        return new Reading(
                command.stream().map(ShellWord::token).toList(), shell.remarks.of(command));
    }

    private void run() {
        while (!source.ended()) {
            char c = source.peek();
            switch (c) {
                case ' ', '\t', '\r' -> {
                    endWord();
                    source.advance();
                }
                case '\n' -> lineEnd();
                case '#' -> {
                    if (word.started()) {
                        pieces.take();
                    } else {
                        source.skipLine();
                        before =
                                switch (before) {
                                    case NONE -> Break.COMMENT;
                                    case CONTINUED -> Break.COMMENT_LINE;
                                    case LINE, COMMENT, COMMENT_LINE -> before;
                                };
                    }
                }
                case '\\' -> backslash();
                case '\'' -> singleQuotes(PLAIN);
                case '"' -> doubleQuotes(PLAIN);
                case '$', '`' -> dollar();
                case ';', '|', '&' -> operator(c);
                case '<' -> document();
                case '(', ')' -> parenthesis(c);
                default -> other(c);
            }
        }
        endWord();
        if (!arrayName.isEmpty()) {
            throw new CommandLineError(
                    "QUOTE-OPEN", arrayOpened, "this parenthesis is never closed", "close it");
        }
    }

    private void lineEnd() {
        endWord();
        commandStarts = true;
        before = before == Break.NONE || before == Break.CONTINUED ? Break.LINE : before;
        source.advance();
        documents.skip();
    }

    private void document() {
        if (skipsDocuments
                && arrayName.isEmpty()
                && source.sees("<<")
                && !source.sees("<<<")
                && (words.isEmpty() || !words.getLast().text().endsWith("<"))) {
            endWord();
            documents.open();
        } else {
            pieces.take();
        }
    }

    private void other(char c) {
        Optional<Typography.Kind> kind = Typography.of(c);
        if (kind.isEmpty() || (kind.get() == Typography.Kind.DASH && word.started())) {
            pieces.take();
            return;
        }
        note(kind.get(), c);
        switch (kind.get()) {
            case SPACE -> {
                endWord();
                source.advance();
            }
            case INVISIBLE -> source.advance();
            case DOUBLE -> doubleQuotes(c);
            case SINGLE -> singleQuotes(c);
            case DASH -> {
                word.take('-', source.line(), source.column());
                source.advance();
            }
        }
    }

    private void note(Typography.Kind kind, char c) {
        remarks.typography(
                kind, c, source.at(String.valueOf(c)), !arrayName.isEmpty() || assigns());
    }

    /// Whether the word begins with an assignment.
    private boolean assigns() {
        return commandStarts && word.prefix(LONGEST_NAME).indexOf('=') > 0;
    }

    private void operator(char c) {
        boolean inside = word.started() && c == '&' && !source.sees("&&");
        if (inside || !arrayName.isEmpty()) {
            pieces.take();
            return;
        }
        endWord();
        int from = source.column();
        StringBuilder text = new StringBuilder();
        while (!source.ended() && source.peek() == c) {
            text.append(source.advance());
        }
        add(new ShellWord(Token.inOnePiece(text.toString(), source.line(), from), before, true));
        commandStarts = true;
    }

    private void parenthesis(char c) {
        if (c == '(' && arrayName.isEmpty() && commandStarts) {
            Optional<String> name = ShellVariables.arrayName(word.prefix(LONGEST_NAME));
            if (name.isPresent()) {
                arrayName = name.get();
                arrayOpened = source.at("(");
                word.end(source.line(), source.column());
                source.advance();
                return;
            }
        }
        if (c == ')' && !arrayName.isEmpty()) {
            endWord();
            variables.assign(arrayName, array);
            array.clear();
            arrayName = "";
            source.advance();
            return;
        }
        pieces.take();
    }

    private void backslash() {
        Position at = source.at("\\");
        int blanks = source.blanks(1);
        if (blanks > 0 && !word.started() && source.lineEnds(1 + blanks)) {
            remarks.blanksBehind(at, blanks);
            source.advance(blanks);
            continued();
            return;
        }
        if (source.lineEnds(1)) {
            continued();
            return;
        }
        source.advance();
        if (!source.ended()) {
            pieces.take();
        }
    }

    /// At the last character before a line end that does not count.
    private void continued() {
        source.advance(2);
        before = before == Break.NONE ? Break.CONTINUED : before;
    }

    private void singleQuotes(char typographic) {
        Position opened = source.at("'");
        word.start();
        source.advance();
        while (!source.ended() && !closes(source.peek(), '\'', typographic)) {
            pieces.take();
        }
        pieces.close(opened);
    }

    private void doubleQuotes(char typographic) {
        Position opened = source.at("\"");
        word.start();
        source.advance();
        while (!source.ended() && !closes(source.peek(), '"', typographic)) {
            char c = source.peek();
            if (c == '$' || c == '`') {
                expand(true);
                continue;
            }
            if (source.sees("\\\n")) {
                source.advance(2);
                continue;
            }
            boolean escapes = c == '\\' && ESCAPED_IN_QUOTES.chars().anyMatch(this::isNext);
            source.advance(escapes ? 1 : 0);
            pieces.take();
        }
        pieces.close(opened);
    }

    private boolean isNext(int escaped) {
        return source.sees("\\" + (char) escaped);
    }

    /// What was opened by a typographic quote may be closed by any of its kind, which is told too.
    private boolean closes(char c, char plain, char typographic) {
        if (c == plain) {
            return true;
        }
        Optional<Typography.Kind> kind = typographic == PLAIN ? Optional.empty() : Typography.of(c);
        boolean closes = kind.isPresent() && kind.equals(Typography.of(typographic));
        if (closes) {
            note(kind.get(), c);
        }
        return closes;
    }

    private void dollar() {
        if (source.sees("$'")) {
            pieces.escapedQuotes();
        } else if (source.sees("$\"")) {
            source.advance();
            doubleQuotes(PLAIN);
        } else {
            expand(false);
        }
    }

    /// At a `$` or a backquote.
    private void expand(boolean quoted) {
        Matcher m = VARIABLE.matcher(source.text()).region(source.offset(), source.text().length());
        if (!m.lookingAt()) {
            pieces.command(quoted);
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
        int length = m.end() - source.offset();
        if (all.isEmpty()) {
            for (int i = 0; i < length; i++) {
                pieces.take();
            }
            return;
        }
        Position at = source.at("$");
        source.advance(length);
        List<String> values = all.get();
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                endWord();
            }
            insert(values.get(i), quoted, at);
        }
    }

    private void insert(String value, boolean quoted, Position at) {
        expanded += value.length();
        if (expanded > MOST_CHARACTERS) {
            throw new CommandLineError(
                    "TEXT-LIMIT",
                    at,
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
                word.take(c, at.line(), at.column());
            }
        }
    }

    private void endWord() {
        if (!word.started()) {
            return;
        }
        Token token = word.end(source.line(), source.column());
        if (!arrayName.isEmpty()) {
            array.add(token.text());
            return;
        }
        if (commandStarts) {
            commandStarts = variables.assign(token.text()) || DECLARING.contains(token.text());
        }
        add(new ShellWord(token, before, false));
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
        before = Break.NONE;
    }
}
