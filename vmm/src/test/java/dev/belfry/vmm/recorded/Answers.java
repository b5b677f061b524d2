package dev.belfry.vmm.recorded;

import static java.util.Objects.requireNonNull;

import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.input.Launches;
import dev.belfry.vmm.version.QemuVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/// Command lines and what QEMUs said to them.
///
/// @param answers by command line, then by QEMU
record Answers(Map<String, Map<QemuVersion, Answer>> answers) {

    /// What QEMU repeats of the command line before it says something.
    private static final Pattern OPTION = Pattern.compile("^-[a-z0-9-]+: ");

    /// Reads a file beside this class.
    static Answers read(String resource) {
        Map<String, Map<QemuVersion, Answer>> answers = new LinkedHashMap<>();
        String line = "";
        for (String text : lines(resource)) {
            if (!text.startsWith("\t")) {
                line = text;
                continue;
            }
            int to = text.indexOf(": ");
            Answer answer = to < 0 ? Answer.STARTED : Answer.refused(text.substring(to + 2));
            for (String version : text.substring(1, to < 0 ? text.length() : to).split(" ")) {
                answers.computeIfAbsent(line, l -> new LinkedHashMap<>())
                        .put(QemuVersion.of(version).orElseThrow(), answer);
            }
        }
        return new Answers(answers);
    }

    /// The differences that a file explains, each with its reason.
    static Map<Difference, String> explained(String resource) {
        Map<Difference, String> explained = new HashMap<>();
        String reason = "";
        for (String text : lines(resource)) {
            if (text.startsWith("\t")) {
                String[] parts = text.substring(1).split(" ", 3);
                explained.put(
                        new Difference(
                                Difference.Kind.valueOf(parts[0]),
                                QemuVersion.of(parts[1]).orElseThrow(),
                                parts[2]),
                        reason);
            } else {
                reason = text;
            }
        }
        return explained;
    }

    /// What Belfry says of a command line.
    static Answer ours(String line, Terms terms) {
        return CheckedMachine.read(Launches.read("qemu-system-aarch64 " + line), terms)
                .firstError()
                .map(p -> Answer.refused(OPTION.matcher(p.message()).replaceFirst("")))
                .orElse(Answer.STARTED);
    }

    private static List<String> lines(String resource) {
        return text(resource).lines().filter(l -> !l.isEmpty() && !l.startsWith("#")).toList();
    }

    static String text(String resource) {
        try (InputStream in = requireNonNull(Answers.class.getResourceAsStream(resource))) {
            InputStream plain = resource.endsWith(".gz") ? new GZIPInputStream(in) : in;
            return new String(plain.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
