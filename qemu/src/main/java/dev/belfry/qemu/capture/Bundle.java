package dev.belfry.qemu.capture;

import dev.belfry.model.system.Snapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/// The `.belfry` file: one snapshot, compressed. Its layout is in `docs/bundle.md`.
public final class Bundle {

    /// The layout's version, written and read.
    static final int VERSION = 1;

    /// What a file may unpack to.
    static final int MOST_UNPACKED = 1 << 27;

    private static final int MOST_PACKED = 1 << 26;

    private Bundle() {}

    /// Reads the bundle in `file`.
    ///
    /// @throws CaptureError when it cannot be read, is damaged or cut short, or is not a bundle
    public static Snapshot read(Path file) {
        return read(file.toString(), Gzip.file(file, MOST_PACKED));
    }

    /// Reads a bundle.
    ///
    /// @param name what messages call it
    /// @throws CaptureError when it is damaged or cut short, or is not a bundle
    public static Snapshot read(String name, byte[] bytes) {
        return BundleReader.read(name, Gzip.unpack(name, bytes, MOST_UNPACKED));
    }

    /// Writes `snapshot` to `file`; the same snapshot gives the same bytes.
    ///
    /// @throws CaptureError when the file cannot be written
    public static void write(Snapshot snapshot, Path file) {
        try {
            Files.write(file, write(snapshot));
        } catch (IOException e) {
            throw new CaptureError(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    /// `snapshot` as a bundle.
    ///
    /// @throws CaptureError when it is larger than a reader would take
    public static byte[] write(Snapshot snapshot) {
        ByteArrayOutputStream plain = BundleWriter.write(snapshot);
        if (plain.size() > MOST_UNPACKED) {
            throw new CaptureError("the snapshot is too large for a bundle: " + plain.size());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            plain.writeTo(gzip);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
