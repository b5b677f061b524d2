package dev.belfry.host.probe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A host's file tree, or a saved copy of it. Files that may not be read are remembered, and so are
/// links of a copy that lead out of it: what is there is another host's.
final class SysTree {

    private static final int MOST = 1 << 20;
    private static final int MOST_NAMES = 1 << 16;
    private static final Pattern NAME = Pattern.compile("[!-.0-~]{1,64}");

    private final Path root;
    private final Path realRoot;
    private final TreeSet<String> refused = new TreeSet<>();

    /// @param root `/`, or the folder that holds `sys`, `proc` and `dev`
    SysTree(Path root) {
        this.root = root;
        this.realRoot = real(root);
    }

    private static Path real(Path root) {
        try {
            return root.toRealPath();
        } catch (IOException e) {
            return root.toAbsolutePath();
        }
    }

    /// The file behind all links; none when there is no such file, when links go round in a circle,
    /// or when they lead out of the tree.
    private Optional<Path> file(String path) {
        try {
            Path real = root.resolve(path).toRealPath();
            if (real.startsWith(realRoot)) {
                return Optional.of(real);
            }
            refused.add(path);
        } catch (AccessDeniedException e) {
            refused.add(path);
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    boolean exists(String path) {
        return Files.isSymbolicLink(root.resolve(path)) || file(path).isPresent();
    }

    /// A file's bytes; at most 1 MiB.
    Optional<byte[]> bytes(String path) {
        Optional<Path> file = file(path).filter(Files::isRegularFile);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try (var in = Files.newInputStream(file.get())) {
            return Optional.of(in.readNBytes(MOST));
        } catch (AccessDeniedException e) {
            refused.add(path);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// A file's text without blanks around it.
    Optional<String> text(String path) {
        return bytes(path).map(b -> new String(b, StandardCharsets.UTF_8).strip());
    }

    /// A name that the kernel keeps in a file: at most 64 characters (`__NEW_UTS_LEN`) without
    /// blanks or control characters. Other text is none.
    Optional<String> name(String path) {
        return text(path).filter(t -> NAME.matcher(t).matches());
    }

    /// A file's number, decimal or `0x…`.
    OptionalLong number(String path) {
        Optional<String> text = text(path);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.decode(text.get()));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /// The last name of what a symbolic link points to. A copy without links may have a file there
    /// that holds the name.
    Optional<String> link(String path) {
        Path file = root.resolve(path);
        try {
            if (Files.isSymbolicLink(file)) {
                Path name = Files.readSymbolicLink(file).getFileName();
                return Optional.ofNullable(name).map(Path::toString);
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return text(path).map(t -> t.substring(t.lastIndexOf('/') + 1));
    }

    /// The names in a folder, sorted; none when there is no such folder.
    List<String> names(String path) {
        Optional<Path> folder = file(path).filter(Files::isDirectory);
        if (folder.isEmpty()) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder.get())) {
            entries.limit(MOST_NAMES)
                    .map(Path::getFileName)
                    .map(String::valueOf)
                    .sorted()
                    .forEach(names::add);
        } catch (IOException e) {
            refused.add(path);
        }
        return names;
    }

    /// What may not be read.
    List<String> refused() {
        return List.copyOf(refused);
    }
}
