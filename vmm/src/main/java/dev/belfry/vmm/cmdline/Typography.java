package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Characters that word processors and web pages put in the place of those that were typed. A shell
/// takes them for letters; here they are read as what they stand for, and told.
final class Typography {

    /// What a character stands for.
    enum Kind {
        /// A space that a shell does not part words at.
        SPACE("a space that does not break", " ", "a plain space"),
        /// Nothing that anybody sees.
        INVISIBLE("a character that nobody sees", "", "nothing"),
        /// A double quote.
        DOUBLE("a typographic quote", "\"", "a plain \""),
        /// A single quote.
        SINGLE("a typographic quote", "'", "a plain '"),
        /// A hyphen in front of an option.
        DASH("a typographic dash", "-", "a plain -");

        private final String what;
        private final String plain;
        private final String right;

        Kind(String what, String plain, String right) {
            this.what = what;
            this.plain = plain;
            this.right = right;
        }
    }

    private record Seen(char c, List<Position> places) {}

    private final Map<Kind, Seen> seen = new EnumMap<>(Kind.class);

    /// What a character stands for, if it is such a one.
    static Optional<Kind> of(char c) {
        if (c < '\u00a0') {
            return Optional.empty();
        }
        return switch (c) {
            case '\u00a0', '\u202f', '\u2007', '\u3000', '\u2002', '\u2003', '\u2009' ->
                    Optional.of(Kind.SPACE);
            case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad' ->
                    Optional.of(Kind.INVISIBLE);
            case '\u201c', '\u201d', '\u201e', '\u201f' -> Optional.of(Kind.DOUBLE);
            case '\u2018', '\u2019', '\u201a', '\u201b' -> Optional.of(Kind.SINGLE);
            case '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2015', '\u2212' ->
                    Optional.of(Kind.DASH);
            default -> Optional.empty();
        };
    }

    /// Takes note of one.
    void add(Kind kind, char c, Position at) {
        seen.computeIfAbsent(kind, k -> new Seen(c, new ArrayList<>())).places.add(at);
    }

    /// What is to be said, where `matters` says that it stands in what is read.
    List<Remark> remarks(Predicate<Position> matters) {
        List<Remark> out = new ArrayList<>();
        seen.forEach((kind, each) -> {
            List<Position> places = each.places.stream().filter(matters).toList();
            if (!places.isEmpty()) {
                out.add(remark(kind, each.c, places));
            }
        });
        return out;
    }

    private static Remark remark(Kind kind, char c, List<Position> places) {
        int more = places.size() - 1;
        return new Remark(
                "TEXT-TYPOGRAPHY",
                true,
                places.getFirst(),
                "%s (U+%04X) stands here%s: a shell takes it for a letter"
                        .formatted(
                                kind.what, (int) c, more == 0 ? "" : ", and at " + more + " more"),
                "type " + kind.right + " instead",
                places.stream().<Edit>map(p -> new Edit.Write(p, 1, kind.plain)).toList());
    }
}
