package dev.belfry.host.probe;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/// A file tree of a host as text, a line a path; its form is in the resources' README.
final class RecordedTree {

    private RecordedTree() {}

    static void unpack(String name, Path root) throws IOException {
        String text;
        try (InputStream in =
                Objects.requireNonNull(RecordedTree.class.getResourceAsStream(name))) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        for (String line : text.lines().toList()) {
            unpackLine(line, root);
        }
    }

    private static void unpackLine(String line, Path root) throws IOException {
        String[] words = line.split(" ", 3);
        Path path = root.resolve(words[0]);
        if (words.length == 1) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.getParent());
        String rest = words.length == 3 ? words[2] : "";
        switch (words[1]) {
            case "->" -> Files.createSymbolicLink(path, Path.of(rest));
            case "=" -> Files.writeString(path, rest.translateEscapes() + "\n");
            case ":" -> {
                int space = rest.indexOf(' ');
                byte[] bytes = HexFormat.of().parseHex(rest.substring(space + 1));
                int size = Integer.parseInt(rest.substring(0, space));
                Files.write(path, Arrays.copyOf(bytes, size));
            }
            default -> throw new IllegalArgumentException(line);
        }
    }
}
