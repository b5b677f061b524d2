package dev.belfry.vmm.recorded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A QEMU that can be asked: it makes the machine of a command line, and no CPU runs.
final class Peer {

    private static final long SECONDS = 20;
    private static final String SAYS = "qemu-system-aarch64: ";

    /// What is no matter of the command line, but of where QEMU was asked.
    private static final Pattern OF_THE_HOST =
            Pattern.compile(
                    "(?i).*(invalid accelerator|Could not access KVM|no such host device|could not load"
                            + " kernel|No such file or directory|Not a directory|/dev/|cannot set up guest"
                            + " memory|Cannot allocate memory|unable to map backing store|Failed to"
                            + " (load|open)|could not open|vhost|no iommu_group|Operation not permitted"
                            + "|Permission denied|default audio driver|preallocat"
                            + "|romfile|ROM image|dtb file|evdev|display).*");

    private final String program;
    private final Path directory;

    /// @param program QEMU
    /// @param directory to start it in
    Peer(String program, Path directory) {
        this.program = program;
        this.directory = directory;
    }

    /// What QEMU says, unless it says something of where it was asked, crashes or takes too long.
    Optional<Answer> ask(String line) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                program,
                                "-S",
                                "-display",
                                "none",
                                "-serial",
                                "null",
                                "-monitor",
                                "stdio"));
        List<String> words = words(line);
        command.addAll(words);
        Path out = Files.createTempFile("qemu", ".out");
        Path err = Files.createTempFile("qemu", ".err");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
            try (var in = process.getOutputStream()) {
                in.write("quit\n".getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It has already refused and gone.
            }
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                return Optional.empty();
            }
            if (process.exitValue() == 0
                    && Files.readString(out, StandardCharsets.ISO_8859_1).contains("(qemu)")) {
                return Optional.of(Answer.STARTED);
            }
            return process.exitValue() == 1
                    ? refusal(Files.readString(err, StandardCharsets.ISO_8859_1), words)
                    : Optional.empty();
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private static Optional<Answer> refusal(String said, List<String> words) {
        Optional<String> first =
                Stream.of(said.split("\n"))
                        .filter(l -> !l.isBlank() && !l.contains("warning: "))
                        .filter(l -> !l.contains("info: "))
                        .filter(l -> !l.startsWith("Please use "))
                        .filter(l -> !l.contains("failed to open module"))
                        .findFirst()
                        .map(l -> l.startsWith(SAYS) ? l.substring(SAYS.length()) : l)
                        .map(l -> withoutOption(l, words));
        return first.filter(l -> !OF_THE_HOST.matcher(l).matches()).map(Answer::refused);
    }

    /// QEMU repeats the option that it speaks of.
    private static String withoutOption(String said, List<String> words) {
        List<String> options = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            options.add(words.get(i) + ": ");
            options.add(words.get(i) + " " + (i + 1 < words.size() ? words.get(i + 1) : "") + ": ");
        }
        return options.stream()
                .filter(o -> o.startsWith("-") && said.startsWith(o))
                .max(Comparator.comparingInt(String::length))
                .map(o -> said.substring(o.length()))
                .orElse(said);
    }

    /// A line is written as for a shell, with nothing but quotes.
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        boolean any = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
                any = true;
            } else if (c == ' ' && quote == 0) {
                if (any) {
                    words.add(word.toString());
                }
                word.setLength(0);
                any = false;
            } else {
                word.append(c);
                any = true;
            }
        }
        if (any) {
            words.add(word.toString());
        }
        return words;
    }
}
