package dev.belfry.lab.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One vector of a capture's `walk.txt`, which an independent script wrote.
///
/// @param device BDF
/// @param vector index
/// @param words in order of the way, what was read where: address, then the words
/// @param output where the message goes
/// @param intId the LPI
/// @param cpu who takes it
record Walk(String device, int vector, List<Word> words, long output, int intId, int cpu) {

    /// @param what `STE`, `L3`, `ITE`, …
    record Word(String what, long address, List<Long> values) {}

    private static final Pattern HEAD =
            Pattern.compile("(\\S+) vector (\\d+): MSI addr=0x(\\w+) data=(\\w+) .*");
    private static final Pattern L1STD = Pattern.compile(".*L1STD @0x(\\w+) = 0x(\\w+).*");
    private static final Pattern STE = Pattern.compile(" *STE @0x(\\w+): ((?:\\w{16} )+).*");
    private static final Pattern CD = Pattern.compile(".*-> CD @0x(\\w+) .*?: ((?:\\w{16} ?)+)");
    private static final Pattern DESCRIPTOR =
            Pattern.compile(" *L(\\d) table .* desc @0x(\\w+) = 0x(\\w+)");
    private static final Pattern OUTPUT = Pattern.compile(" *=> PA 0x(\\w+) = GITS_TRANSLATER");
    private static final Pattern DTE = Pattern.compile(" *DTE @0x(\\w+) = 0x(\\w+) .*");
    private static final Pattern ITE =
            Pattern.compile(" *ITE @0x(\\w+) = 0x(\\w+) (\\w+) .*INTID=0x\\w+ \\((\\d+)\\).*");
    private static final Pattern CTE =
            Pattern.compile(" *CTE @0x(\\w+) = 0x(\\w+) .*RDBASE=(\\d+)");
    private static final Pattern LPI = Pattern.compile(" *LPI config @0x(\\w+) = 0x(\\w+) .*");

    static List<Walk> parse(String text) {
        List<Walk> out = new ArrayList<>();
        for (String block : text.split("(?m)^(?=\\S)")) {
            if (block.contains(" vector ")) {
                out.add(block(block));
            }
        }
        return out;
    }

    private static Walk block(String block) {
        List<Word> words = new ArrayList<>();
        long output = -1;
        int intId = -1;
        int cpu = -1;
        Matcher head = HEAD.matcher(block.lines().findFirst().orElseThrow());
        if (!head.matches()) {
            throw new IllegalArgumentException(block);
        }
        for (String line : block.lines().skip(1).toList()) {
            word(words, "L1STD", match(L1STD, line));
            word(words, "STE", match(STE, line));
            word(words, "CD", match(CD, line));
            Matcher d = match(DESCRIPTOR, line);
            if (d != null) {
                words.add(new Word("L" + d.group(1), hex(d.group(2)), List.of(hex(d.group(3)))));
            }
            Matcher pa = match(OUTPUT, line);
            output = pa == null ? output : hex(pa.group(1));
            word(words, "DTE", match(DTE, line));
            Matcher ite = match(ITE, line);
            if (ite != null) {
                words.add(
                        new Word(
                                "ITE",
                                hex(ite.group(1)),
                                List.of(hex(ite.group(2)), hex(ite.group(3)))));
                intId = Integer.parseInt(ite.group(4));
            }
            Matcher cte = match(CTE, line);
            word(words, "CTE", cte);
            cpu = cte == null ? cpu : Integer.parseInt(cte.group(3));
            word(words, "LPI", match(LPI, line));
        }
        return new Walk(head.group(1), Integer.parseInt(head.group(2)), words, output, intId, cpu);
    }

    private static void word(List<Word> words, String what, @Nullable Matcher m) {
        if (m != null) {
            List<Long> values = new ArrayList<>();
            for (String w : m.group(2).strip().split(" ")) {
                values.add(hex(w));
            }
            words.add(new Word(what, hex(m.group(1)), values));
        }
    }

    private static @Nullable Matcher match(Pattern pattern, String line) {
        Matcher m = pattern.matcher(line);
        return m.matches() ? m : null;
    }

    private static long hex(String digits) {
        return Long.parseUnsignedLong(digits, 16);
    }
}
