package dev.belfry.vmm.input.domain;

import dev.belfry.vmm.cmdline.Position;
import java.util.Arrays;

/// Where the lines of a text begin.
final class Lines {

    private final int length;
    private final int[] starts;
    private int skipped;
    private int skippedLines;

    Lines(String text) {
        length = text.length();
        int[] found = new int[16];
        int count = 1;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == '\n' || (c == '\r' && (i + 1 == length || text.charAt(i + 1) != '\n'))) {
                if (count == found.length) {
                    found = Arrays.copyOf(found, 2 * count);
                }
                found[count++] = i + 1;
            }
        }
        starts = Arrays.copyOf(found, count);
    }

    /// From now on, lines and columns of others count from this offset.
    void skip(int characters) {
        skipped = characters;
        skippedLines = line(characters);
    }

    /// The offset of a line and column, both from 1, as counted by somebody who was given the text
    /// from [#skip] on.
    int offset(int line, int column) {
        int index = Math.clamp((long) line - 1 + skippedLines, 0, starts.length - 1);
        int start = line == 1 ? skipped : starts[index];
        return Math.clamp((long) start + column - 1, 0, length);
    }

    Position position(int offset, String text) {
        int line = line(offset);
        return new Position(line + 1, offset - starts[line] + 1, text);
    }

    private int line(int offset) {
        int found = Arrays.binarySearch(starts, offset);
        return found >= 0 ? found : -found - 2;
    }
}
