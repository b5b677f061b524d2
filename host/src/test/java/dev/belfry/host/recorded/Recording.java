package dev.belfry.host.recorded;

import dev.belfry.model.journey.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// A record of system calls that a real kernel answered: sections, each beginning with nothing
/// open. Its format is told in the resources' README.
record Recording(List<Section> sections) {

    /// Calls that belong together.
    ///
    /// @param name what they are about
    /// @param steps in order
    record Section(String name, List<Step> steps) {}

    /// A line of the record.
    sealed interface Step {
        /// The line's number in its file.
        int line();
    }

    /// A file was opened or made.
    ///
    /// @param fd its descriptor
    /// @param kind iommufd, vfio, eventfd or memfd
    /// @param what address of the function, or size
    record Opened(int line, int fd, String kind, String what) implements Step {}

    /// The program wrote its memory.
    record Wrote(int line, long address, Bytes bytes) implements Step {}

    /// What the program may do from now on.
    ///
    /// @param locked `RLIMIT_MEMLOCK`
    /// @param capabilities that it has
    record Limited(int line, long locked, List<String> capabilities) implements Step {}

    /// `ioctl` with a structure of its own.
    ///
    /// @param given before the call
    /// @param outcome what it returned, with the structure after the call
    record Called(int line, int fd, String name, int request, Bytes given, Outcome outcome)
            implements Step {}

    /// `ioctl` with an address.
    record CalledAt(int line, int fd, String name, int request, long address, Outcome outcome)
            implements Step {}

    /// `read`.
    record Read(int line, int fd, long address, int count, Outcome outcome) implements Step {}

    /// `close`.
    record Closed(int line, int fd) implements Step {}

    /// What a call did.
    ///
    /// @param returned a number, or the name of an errno
    /// @param structure its bytes afterwards; empty where there is none
    /// @param memory what the kernel wrote elsewhere: `s+offset:bytes`, in order
    record Outcome(String returned, String structure, List<String> memory) {}

    /// A resource beside this class.
    static String text(String resource) {
        try (InputStream in = Recording.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Recording read(String resource) {
        return parse(text(resource));
    }

    static Recording parse(String text) {
        List<Section> sections = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n")) {
            number++;
            if (line.startsWith("== ")) {
                sections.add(new Section(line.substring(3), new ArrayList<>()));
            } else if (!line.startsWith("#") && !line.isBlank()) {
                sections.getLast().steps.add(step(number, line));
            }
        }
        return new Recording(sections);
    }

    private static Step step(int n, String line) {
        int equals = line.indexOf(" = ");
        String[] w = (equals < 0 ? line : line.substring(0, equals)).split(" ");
        return switch (w[0]) {
            case "fd" -> new Opened(n, Integer.parseInt(w[1]), w[2], w.length > 3 ? w[3] : "");
            case "m" -> new Wrote(n, Long.parseUnsignedLong(w[1], 16), bytes(w[2]));
            case "limit" ->
                    new Limited(
                            n, Long.parseUnsignedLong(w[1], 16), List.of(w).subList(2, w.length));
            case ">" ->
                    new Called(
                            n,
                            Integer.parseInt(w[1]),
                            w[2],
                            Integer.parseUnsignedInt(w[3], 16),
                            bytes(w[4]),
                            outcome(line.substring(equals + 3), w[4]));
            case "@" ->
                    new CalledAt(
                            n,
                            Integer.parseInt(w[1]),
                            w[2],
                            Integer.parseUnsignedInt(w[3], 16),
                            Long.parseUnsignedLong(w[4], 16),
                            outcome(line.substring(equals + 3), ""));
            case "read" ->
                    new Read(
                            n,
                            Integer.parseInt(w[1]),
                            Long.parseUnsignedLong(w[2], 16),
                            Integer.parseInt(w[3]),
                            outcome(line.substring(equals + 3), ""));
            case "close" -> new Closed(n, Integer.parseInt(w[1]));
            default -> throw new IllegalArgumentException("line " + n + ": " + line);
        };
    }

    private static Bytes bytes(String hex) {
        return hex.equals("-") ? Bytes.NONE : Bytes.of(HexFormat.of().parseHex(hex));
    }

    /// `RETURNED [STRUCTURE|=] [s+OFFSET:BYTES…]`.
    private static Outcome outcome(String text, String given) {
        String[] w = text.split(" ");
        String structure = w.length > 1 && !w[1].startsWith("s+") ? w[1] : "=";
        List<String> memory = new ArrayList<>();
        for (int i = 1; i < w.length; i++) {
            if (w[i].startsWith("s+")) {
                memory.add(w[i]);
            }
        }
        String same = given.equals("-") ? "" : given;
        return new Outcome(w[0], structure.equals("=") ? same : structure, memory);
    }
}
