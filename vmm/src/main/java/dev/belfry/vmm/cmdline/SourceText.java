package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A shell text that is to be changed in place. Its lines keep their ends, of Unix or of Windows; a
/// new line gets one like those of the text's first.
final class SourceText {

    /// Characters from `start` to before `end` become `now`.
    record Change(int start, int end, String now) {

        boolean overlaps(Change other) {
            return (start < other.end && other.start < end) || (equals(other) && start < end);
        }
    }

    private static final Pattern JSON_PAIR =
            Pattern.compile(
                    "\"(?<key>[^\"\\\\]*)\"\\s*:\\s*(\"(\\\\.|[^\"\\\\])*\"|[^,{}\\[\\]\\s\"]+)");

    private final String text;
    private final List<Integer> lines = new ArrayList<>();

    /// The line ends of `text` that were `\r\n`.
    private final BitSet returns = new BitSet();

    private final List<Token> tokens;

    SourceText(String given) {
        this.text = given.replace("\r\n", "\n");
        for (int i = given.indexOf("\r\n"), before = 0; i >= 0; i = given.indexOf("\r\n", i + 1)) {
            returns.set(i - before++);
        }
        lines.add(0);
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\n') {
                lines.add(i + 1);
            }
        }
        List<Token> split;
        try {
            split = Shell.read(text).command();
        } catch (CommandLineError e) {
            split = List.of();
        }
        this.tokens = split;
    }

    /// An option's words: itself, and its argument (itself again without one).
    final class Words {

        private final Token option;
        private final Token argument;

        Words(Token option, Token argument) {
            this.option = option;
            this.argument = argument;
        }

        int start() {
            return quoteBefore(offset(option, 0));
        }

        int end() {
            return offset(argument, argument.text().length());
        }

        /// The option's pairs where they stand.
        List<Pair> pairs(Option of) {
            return of.json() ? jsonPairs() : plainPairs(of.spec().impliedKey());
        }

        /// A pair behind all others.
        Change appended(Option of, String key, String value) {
            String word = argument.text();
            if (of.json()) {
                int brace = offset(argument, word.lastIndexOf('}'));
                return new Change(brace, brace, "," + Pair.written(jsonForm(), key, value));
            }
            int last = offset(argument, word.length() - 1) + 1;
            return new Change(last, last, "," + Pair.written(Pair.Form.PLAIN, key, value));
        }

        private List<Pair> plainPairs(String impliedKey) {
            String word = argument.text();
            List<Pair> out = new ArrayList<>();
            int start = 0;
            while (start < word.length()) {
                int end = start;
                while (end < word.length()
                        && (word.charAt(end) != ',' || word.startsWith(",,", end))) {
                    end += word.startsWith(",,", end) ? 2 : 1;
                }
                end = Math.min(end, word.length());
                String part = word.substring(start, end);
                int equals = part.indexOf('=');
                boolean implied = equals < 0 && start == 0 && !impliedKey.isEmpty();
                String key = implied ? impliedKey : equals < 0 ? part : part.substring(0, equals);
                // What came from a variable, or stands in quotes of its own, is left alone.
                if (end > start && stands(part, start, end)) {
                    boolean first = start == 0;
                    out.add(
                            new Pair(
                                    key,
                                    offset(argument, start),
                                    offset(argument, end - 1) + 1,
                                    offset(argument, first ? start : start - 1),
                                    first && end < word.length()
                                            ? offset(argument, end) + 1
                                            : offset(argument, end - 1) + 1,
                                    implied ? Pair.Form.IMPLIED : Pair.Form.PLAIN));
                }
                start = end + 1;
            }
            return out;
        }

        private List<Pair> jsonPairs() {
            String word = argument.text();
            List<Pair> out = new ArrayList<>();
            Matcher m = JSON_PAIR.matcher(word);
            while (m.find()) {
                if (!stands(m.group(), m.start(), m.end())) {
                    continue;
                }
                int before = m.start() - 1;
                boolean comma = before > 0 && word.charAt(before) == ',';
                boolean after = !comma && m.end() < word.length() && word.charAt(m.end()) == ',';
                out.add(
                        new Pair(
                                m.group("key"),
                                escapeBefore(offset(argument, m.start())),
                                offset(argument, m.end() - 1) + 1,
                                comma
                                        ? offset(argument, before)
                                        : escapeBefore(offset(argument, m.start())),
                                offset(argument, after ? m.end() : m.end() - 1) + 1,
                                jsonForm()));
            }
            return out;
        }

        private boolean stands(String part, int from, int to) {
            int start = offset(argument, from);
            int end = offset(argument, to - 1) + 1;
            return start < end
                    && end <= text.length()
                    && text.substring(start, end).replace("\\", "").equals(part.replace("\\", ""));
        }

        private Pair.Form jsonForm() {
            int quote = argument.text().indexOf('"');
            int at = offset(argument, Math.max(0, quote));
            return escapeBefore(at) < at ? Pair.Form.JSON_ESCAPED : Pair.Form.JSON;
        }
    }

    /// The words of an option, where they can be found in the text.
    Optional<Words> words(Option option) {
        for (int i = 0; i < tokens.size(); i++) {
            Position at = tokens.get(i).at(0, "");
            if (at.line() == option.at().line() && at.column() == option.at().column()) {
                boolean argument = option.spec().syntax().takesArgument() && i + 1 < tokens.size();
                return Optional.of(new Words(tokens.get(i), tokens.get(argument ? i + 1 : i)));
            }
        }
        return Optional.empty();
    }

    /// The words as they are written.
    String verbatim(Words words) {
        return text.substring(words.start(), words.end());
    }

    /// Other characters in the place of some.
    Change written(Edit.Write write) {
        int start = lines.get(write.at().line() - 1) + write.at().column() - 1;
        return new Change(start, start + write.characters(), write.now());
    }

    /// New words in front of others: on a line of their own where those have one.
    Change before(Words words, String inserted) {
        int start = words.start();
        String indent = text.substring(lineStart(start), start);
        return new Change(
                start,
                start,
                inserted + (indent.isBlank() && !indent.isEmpty() ? " \\\n" + indent : " "));
    }

    /// The text without words, and without the line that they leave empty.
    Change withoutWords(Words words) {
        int start = words.start();
        int end = words.end();
        int line = lineStart(start);
        boolean ownLine = text.substring(line, start).isBlank() && line > 0;
        int rest = end;
        while (rest < text.length() && (text.charAt(rest) == ' ' || text.charAt(rest) == '\t')) {
            rest++;
        }
        if (ownLine && text.startsWith("\\\n", rest)) {
            return new Change(line, rest + 2, "");
        }
        if (ownLine && (rest == text.length() || text.charAt(rest) == '\n')) {
            // The line before must not go on any more.
            int before = line - 1;
            if (before > 0 && text.charAt(before - 1) == '\\') {
                before--;
            }
            while (before > 0 && text.charAt(before - 1) == ' ') {
                before--;
            }
            return new Change(before, end, "");
        }
        while (start > 0 && text.charAt(start - 1) == ' ') {
            start--;
        }
        return new Change(start, end, "");
    }

    /// The text with changes made.
    String with(List<Change> changes) {
        List<Change> sorted = new ArrayList<>(changes);
        // What is inserted stands in front of what is replaced at the same place.
        sorted.sort(Comparator.comparingInt(Change::start).thenComparingInt(Change::end));
        String newLine = returns.get(Math.max(0, text.indexOf('\n'))) ? "\r\n" : "\n";
        StringBuilder out = new StringBuilder(text.length() + 64);
        int done = 0;
        for (Change c : sorted) {
            copy(done, c.start, out);
            out.append(c.now.replace("\n", newLine));
            done = Math.max(done, c.end);
        }
        copy(done, text.length(), out);
        return out.toString();
    }

    private void copy(int from, int to, StringBuilder out) {
        for (int i = from; i < to; i++) {
            if (returns.get(i)) {
                out.append('\r');
            }
            out.append(text.charAt(i));
        }
    }

    private int offset(Token token, int index) {
        Position at = token.at(index, "");
        return lines.get(at.line() - 1) + at.column() - 1;
    }

    private int lineStart(int offset) {
        return text.lastIndexOf('\n', offset - 1) + 1;
    }

    private int quoteBefore(int offset) {
        boolean quoted =
                offset > 0 && (text.charAt(offset - 1) == '\'' || text.charAt(offset - 1) == '"');
        return quoted ? offset - 1 : offset;
    }

    private int escapeBefore(int offset) {
        return offset > 0 && text.charAt(offset - 1) == '\\' ? offset - 1 : offset;
    }
}
