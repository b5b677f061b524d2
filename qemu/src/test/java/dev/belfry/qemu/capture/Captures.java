package dev.belfry.qemu.capture;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The captures of a real guest among the test resources.
public final class Captures {

    private Captures() {}

    /// The folder `name`, for example `faults/none`.
    public static Path folder(String name) {
        try {
            return Path.of(Captures.class.getResource("/captures/README.md").toURI())
                    .resolveSibling(name);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// All of them.
    public static List<Path> all() {
        try (Stream<Path> faults = Files.list(folder("faults"))) {
            return Stream.concat(
                            Stream.of(folder("translated"), folder("passthrough")), faults.sorted())
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
