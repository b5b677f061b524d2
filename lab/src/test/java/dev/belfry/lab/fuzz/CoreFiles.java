package dev.belfry.lab.fuzz;

import dev.belfry.qemu.capture.CaptureError;
import dev.belfry.qemu.capture.CoreCapture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A core is read from a file: two files that stand for all.
final class CoreFiles {

    private static final String REGISTERS = "# smmu 0x09050000\n0000: 00000000\n";

    private CoreFiles() {}

    static void read(byte[] bytes) {
        try {
            Path core = Files.createTempFile("fuzz", ".core");
            Path registers = Files.createTempFile("fuzz", ".txt");
            try {
                Files.write(core, bytes);
                Files.writeString(registers, REGISTERS);
                open(core, registers);
            } finally {
                Files.delete(core);
                Files.delete(registers);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void open(Path core, Path registers) {
        try (CoreCapture capture = CoreCapture.open(core, registers)) {
            capture.ram();
            for (int width = 1; width <= 8; width *= 2) {
                capture.memory().read(0x4000_0000L, width);
            }
        } catch (CaptureError e) {
            FuzzTarget.oneSentence(e.getMessage());
        }
    }
}
