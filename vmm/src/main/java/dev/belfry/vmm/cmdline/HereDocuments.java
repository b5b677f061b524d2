package dev.belfry.vmm.cmdline;

import java.util.ArrayDeque;
import java.util.Deque;

/// Here-documents: `<<END`, and lines up to `END` that are some command's input and no words.
final class HereDocuments {

    private record Delimiter(String word, boolean tabs) {}

    private final ShellSource source;
    private final Deque<Delimiter> pending = new ArrayDeque<>();
    private boolean seen;

    HereDocuments(ShellSource source) {
        this.source = source;
    }

    /// Whether there was any.
    boolean seen() {
        return seen;
    }

    /// At `<<`: takes it with the word that will end the document.
    void open() {
        source.advance(2);
        boolean tabs = source.sees("-");
        source.advance(tabs ? 1 : 0);
        source.advance(source.blanks(0));
        StringBuilder word = new StringBuilder();
        while (!source.ended() && " \t\n;|&<>()".indexOf(source.peek()) < 0) {
            char c = source.advance();
            if (c != '\'' && c != '"' && c != '\\') {
                word.append(c);
            }
        }
        if (!word.isEmpty()) {
            pending.add(new Delimiter(word.toString(), tabs));
            seen = true;
        }
    }

    /// Behind a line's end: skips the documents that begin there.
    void skip() {
        while (!pending.isEmpty()) {
            Delimiter end = pending.poll();
            boolean found = false;
            while (!found && !source.ended()) {
                int start = source.offset();
                source.skipLine();
                String line = source.text().substring(start, source.offset());
                source.advance(1);
                found = (end.tabs ? line.stripLeading() : line).stripTrailing().equals(end.word);
            }
        }
    }
}
