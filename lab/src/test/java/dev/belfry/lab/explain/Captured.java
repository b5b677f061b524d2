package dev.belfry.lab.explain;

import dev.belfry.model.system.Snapshot;
import dev.belfry.qemu.capture.CaptureFolder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The captures of a real guest.
final class Captured {

    private Captured() {}

    static Path folder(String name) {
        try {
            return Path.of(Captured.class.getResource("/captures/README.md").toURI())
                    .resolveSibling(name);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Snapshot view(String name) {
        return CaptureFolder.read(folder(name));
    }

    static String text(String name, String file) {
        try {
            return Files.readString(folder(name).resolve(file));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
