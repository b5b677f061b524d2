package dev.belfry.lab.run;

import dev.belfry.model.journey.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The ACPI compiler that `BELFRY_IASL` names, or the one on PATH.
///
/// @param program what to start
/// @param version a date, as it tells it: 20200925
/// @param directory for its files
record Iasl(String program, int version, Path directory) {

    private static final Pattern VERSION = Pattern.compile("version (\\d{8})");

    static Iasl in(Path directory) throws IOException {
        String named = System.getenv().getOrDefault("BELFRY_IASL", "");
        String program = named.isEmpty() ? "iasl" : named;
        Matcher m = VERSION.matcher(Trees.run(program, "-v"));
        if (!m.find()) {
            throw new AssertionError(program + " -v tells no version");
        }
        return new Iasl(program, Integer.parseInt(m.group(1)), directory);
    }

    /// A table as text.
    String listing(byte[] table) throws IOException {
        Files.write(directory.resolve("table.bin"), table);
        Files.deleteIfExists(directory.resolve("table.dsl"));
        String messages = run(List.of(program, "-d", "table.bin"));
        Path listing = directory.resolve("table.dsl");
        if (!Files.exists(listing)) {
            throw new AssertionError(messages);
        }
        return Files.readString(listing, StandardCharsets.ISO_8859_1);
    }

    /// What comes of compiling a text.
    ///
    /// @param table empty when it did not compile
    /// @param messages what was said
    record Compiled(Bytes table, String messages) {}

    /// Compiles without making anything shorter than it was written.
    Compiled compile(String listing) throws IOException {
        Path source = directory.resolve("source.dsl");
        Files.writeString(source, listing, StandardCharsets.ISO_8859_1);
        Path out = directory.resolve("compiled.aml");
        Files.deleteIfExists(out);
        String messages = run(List.of(program, "-oa", "-p", "compiled", "source.dsl"));
        return new Compiled(
                Bytes.of(Files.exists(out) ? Files.readAllBytes(out) : new byte[0]), messages);
    }

    private String run(List<String> command) throws IOException {
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        String messages =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return messages;
    }
}
