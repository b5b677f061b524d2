package dev.belfry.qemu.capture;

import dev.belfry.model.system.RegisterImage;
import dev.belfry.model.system.Snapshot.FrameImage;
import dev.belfry.model.system.SystemView.FrameKind;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Registers as text: a line `# NAME base=0x…, …` opens a frame, each line after it is an offset
/// and a 4-byte value, both hexadecimal. One text may hold several frames.
final class RegisterText {

    private static final Pattern HEADER =
            Pattern.compile("#\\s*(\\S.*?)\\s+base=0x([0-9a-fA-F]{1,16})\\b.*");
    private static final Pattern VALUE =
            Pattern.compile("(?:0x)?([0-9a-fA-F]{1,15})[\\s:=]+(?:0x)?([0-9a-fA-F]{1,8})");
    private static final int MOST_REGISTERS = 1 << 16;

    private RegisterText() {}

    /// The frames in `text`, in its order.
    ///
    /// @param name for messages
    /// @throws CaptureError when a line is none of these, or a frame is not of a known kind
    static List<FrameImage> parse(String name, String text) {
        List<FrameImage> out = new ArrayList<>();
        Matcher header = HEADER.matcher("");
        NavigableMap<Long, Long> values = new TreeMap<>();
        boolean open = false;
        int number = 0;
        for (String raw : text.split("\n", -1)) {
            number++;
            String line = raw.strip();
            Matcher next = HEADER.matcher(line);
            Matcher value = VALUE.matcher(line);
            if (next.matches()) {
                if (open) {
                    out.add(frame(name, header, values));
                }
                header = next;
                values = new TreeMap<>();
                open = true;
            } else if (open && value.matches() && values.size() < MOST_REGISTERS) {
                values.put(
                        Long.parseUnsignedLong(value.group(1), 16),
                        Long.parseUnsignedLong(value.group(2), 16));
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                throw new CaptureError(
                        name + " line " + number + " is not \"offset value\": " + Text.brief(line));
            }
        }
        if (open) {
            out.add(frame(name, header, values));
        }
        return out;
    }

    private static FrameImage frame(String file, Matcher header, NavigableMap<Long, Long> values) {
        String name = Text.clean(header.group(1));
        return new FrameImage(
                kind(file, name),
                name,
                Long.parseUnsignedLong(header.group(2), 16),
                new RegisterImage(values));
    }

    private static FrameKind kind(String file, String name) {
        String upper = name.toUpperCase(java.util.Locale.ROOT);
        if (upper.startsWith("SMMU")) {
            return FrameKind.SMMU;
        } else if (upper.startsWith("GITS") || upper.startsWith("ITS")) {
            return FrameKind.ITS;
        } else if (upper.startsWith("GICR")) {
            return FrameKind.REDISTRIBUTOR;
        } else if (upper.startsWith("GICD")) {
            return FrameKind.DISTRIBUTOR;
        } else if (upper.contains("V2M")) {
            return FrameKind.V2M;
        }
        throw new CaptureError(file + " names a frame of no known kind: " + Text.brief(name));
    }
}
