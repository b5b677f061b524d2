package dev.belfry.vmm.cmdline;

/// Pieces of a word that are taken as they are written.
final class ShellPieces {

    private final ShellSource source;
    private final WordBuilder word;

    ShellPieces(ShellSource source, WordBuilder word) {
        this.source = source;
        this.word = word;
    }

    /// One character.
    void take() {
        word.take(source.peek(), source.line(), source.column());
        source.advance();
    }

    /// `$'…'`, where `\n` is a line end.
    void escapedQuotes() {
        Position opened = source.at("$'");
        word.start();
        source.advance(2);
        while (!source.ended() && source.peek() != '\'') {
            if (source.peek() == '\\' && !source.sees("\\\n")) {
                source.advance();
                if (source.ended()) {
                    break;
                }
                char escaped =
                        switch (source.peek()) {
                            case 'n' -> '\n';
                            case 't' -> '\t';
                            default -> source.peek();
                        };
                word.take(escaped, source.line(), source.column());
                source.advance();
            } else {
                take();
            }
        }
        close(opened);
    }

    /// `$(…)` and backquotes are one piece of a word; any other `$` is itself.
    void command(boolean quoted) {
        boolean backquote = source.peek() == '`';
        if (!backquote && !source.sees("$(")) {
            take();
            return;
        }
        int depth = 0;
        take();
        while (!source.ended()) {
            char c = source.peek();
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

    /// At the end of a quote.
    ///
    /// @param opened where it began
    void close(Position opened) {
        if (source.ended()) {
            throw new CommandLineError(
                    "QUOTE-OPEN", opened, "this quote is never closed", "close it");
        }
        source.advance();
    }
}
