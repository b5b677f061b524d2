package dev.belfry.vmm.recorded;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Asks QEMUs for a record: `Recorder FILE DIRECTORY VERSION=PROGRAM… < lines`. What FILE holds
/// already is not asked again. `Recorder lines FIRST COUNT` prints lines of [LineGenerator].
final class Recorder {

    private Recorder() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments[0].equals("lines")) {
            long first = Long.parseLong(arguments[1]);
            for (long seed = first; seed < first + Long.parseLong(arguments[2]); seed++) {
                System.out.println(LineGenerator.line(seed));
            }
            return;
        }
        Path file = Path.of(arguments[0]);
        Path directory = Path.of(arguments[1]);
        Map<String, Map<String, String>> known = new LinkedHashMap<>();
        if (Files.exists(file)) {
            read(file, known);
        }
        List<String> lines =
                new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(l -> !l.isBlank())
                        .distinct()
                        .toList();
        Map<String, Map<String, String>> all = new LinkedHashMap<>();
        for (String line : lines) {
            Map<String, String> answers = known.getOrDefault(line, new LinkedHashMap<>());
            for (String peer : List.of(arguments).subList(2, arguments.length)) {
                String[] parts = peer.split("=", 2);
                if (!answers.containsKey(parts[0])) {
                    answers.put(
                            parts[0],
                            new Peer(parts[1], directory)
                                    .ask(line)
                                    .map(a -> a.started() ? "" : ": " + a.words())
                                    .orElse("?"));
                }
            }
            all.put(line, answers);
            if (all.size() % 100 == 0) {
                write(file, all);
            }
        }
        write(file, all);
    }

    private static void read(Path file, Map<String, Map<String, String>> known) throws IOException {
        String line = "";
        for (String text : Files.readAllLines(file)) {
            if (text.startsWith("\t")) {
                int to = text.indexOf(": ");
                String versions = text.substring(1, to < 0 ? text.length() : to);
                boolean none = versions.endsWith("?");
                String answer = to < 0 ? "" : text.substring(to);
                for (String v : versions.replace("?", "").split(" ")) {
                    known.computeIfAbsent(line, l -> new LinkedHashMap<>())
                            .put(v, none ? "?" : answer);
                }
            } else {
                line = text;
            }
        }
    }

    private static void write(Path file, Map<String, Map<String, String>> all) throws IOException {
        try (PrintStream out = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
            all.forEach((line, answers) -> {
                Map<String, List<String>> byAnswer =
                        answers.entrySet().stream()
                                .collect(
                                        Collectors.groupingBy(
                                                Map.Entry::getValue,
                                                LinkedHashMap::new,
                                                Collectors.mapping(
                                                        Map.Entry::getKey, Collectors.toList())));
                out.println(line);
                byAnswer.forEach((answer, versions) ->
                        out.println("\t" + String.join(" ", new ArrayList<>(versions)) + answer));
            });
        }
    }
}
