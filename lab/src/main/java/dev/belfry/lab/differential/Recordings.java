package dev.belfry.lab.differential;

import dev.belfry.lab.InputError;
import dev.belfry.qemu.script.Recording;
import dev.belfry.qemu.script.RecordingText;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// Recordings as files: their text, compressed by gzip.
final class Recordings {

    /// A file that grows beyond this is none of ours.
    private static final int MOST_BYTES = 1 << 28;

    private Recordings() {}

    static Recording read(Path file) throws InputError {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            byte[] bytes = new GZIPInputStream(in).readNBytes(MOST_BYTES);
            return RecordingText.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new InputError(
                    file + " cannot be read as a recording: " + e.getMessage(),
                    "--against takes qemu, or a file that belfry fuzz --record wrote");
        } catch (IllegalArgumentException e) {
            throw new InputError(
                    file + " is no recording: " + e.getMessage(), "see docs/recordings.md");
        }
    }

    static void write(Recording recording, Path file) throws InputError {
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(RecordingText.write(recording).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new InputError(file + " cannot be written: " + e.getMessage(), "see --record");
        }
    }
}
