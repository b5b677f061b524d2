package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.List;

/// Splits a text into words as a shell would: quotes, backslashes, `#` comments.
///
/// A newline only separates words, continued by a backslash or not, so that comment lines may stand
/// between options. Nothing is expanded: `$HOME` and `$(nproc)` stay as they are written.
final class Shell {

    private static final String ESCAPED_IN_QUOTES = "\"\\$`";

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private final List<int[]> places = new ArrayList<>();
    private boolean inWord;
    private int next;
    private int line = 1;
    private int column = 1;

    private Shell(String source) {
        this.source = source;
    }

    static List<Token> split(String text) {
        Shell shell = new Shell(text.replace("\r\n", "\n"));
        shell.run();
        return List.copyOf(shell.tokens);
    }

    private void run() {
        while (next < source.length()) {
            char c = source.charAt(next);
            switch (c) {
                case ' ', '\t', '\n', '\r' -> {
                    endWord();
                    advance();
                }
                case '#' -> {
                    if (inWord) {
                        take();
                    } else {
                        skipComment();
                    }
                }
                case '\\' -> backslash();
                case '\'' -> singleQuotes();
                case '"' -> doubleQuotes();
                default -> take();
            }
        }
        endWord();
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
        inWord = true;
        advance();
        while (next < source.length() && source.charAt(next) != '\'') {
            take();
        }
        close(opened);
    }

    private void doubleQuotes() {
        Position opened = new Position(line, column, "\"");
        inWord = true;
        advance();
        while (next < source.length() && source.charAt(next) != '"') {
            if (source.charAt(next) == '\\' && next + 1 < source.length()) {
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

    private void skipComment() {
        while (next < source.length() && source.charAt(next) != '\n') {
            advance();
        }
    }

    private void take() {
        inWord = true;
        word.append(source.charAt(next));
        places.add(new int[] {line, column});
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
        if (!inWord) {
            return;
        }
        places.add(new int[] {line, column});
        tokens.add(
                new Token(
                        word.toString(),
                        places.stream().mapToInt(p -> p[0]).toArray(),
                        places.stream().mapToInt(p -> p[1]).toArray()));
        word.setLength(0);
        places.clear();
        inWord = false;
    }
}
