package dev.belfry.lab;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reads files that people give: a command line, a domain, a description.
public final class InputFile {

    private static final int MOST = 16 << 20;

    /// In the place of bytes that are no text.
    public static final char NO_TEXT = '\ufffd';

    private InputFile() {}

    /// The name that stands for standard input.
    private static final String STANDARD_INPUT = "-";

    /// All of a text file, or of standard input where its name is `-`, in UTF-8, or in UTF-16 where
    /// a byte order mark says so. Bytes that are none become U+FFFD, so that what is wrong with
    /// them is said where they stand.
    ///
    /// @throws InputError when it cannot be read, or is no file that somebody writes by hand
    public static String read(Path path) throws InputError {
        try {
            if (path.toString().isEmpty()) {
                throw new InputError("the file's name is empty", "give a file, or - for input");
            }
            if (Files.isDirectory(path)) {
                throw new InputError(path + ": cannot be read: it is a directory", "give a file");
            }
            byte[] bytes;
            try (InputStream in = open(path)) {
                bytes = in.readNBytes(MOST + 1);
            }
            if (bytes.length > MOST) {
                throw new InputError(
                        path + ": has more than 16 MiB",
                        "a command line or a description has a few KiB");
            }
            return text(bytes);
        } catch (IOException e) {
            throw new InputError(
                    path + ": cannot be read",
                    "give a file with a QEMU command line or a libvirt domain, or the words after"
                            + " --");
        }
    }

    private static InputStream open(Path path) throws IOException {
        return path.toString().equals(STANDARD_INPUT)
                ? new FileInputStream(FileDescriptor.in)
                : Files.newInputStream(path);
    }

    /// Editors and shells of Windows begin a file with a byte order mark, which is no text.
    private static String text(byte[] bytes) {
        int first = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
        String text =
                new String(
                        bytes,
                        switch (first) {
                            case 0xfeff -> StandardCharsets.UTF_16BE;
                            case 0xfffe -> StandardCharsets.UTF_16LE;
                            default -> StandardCharsets.UTF_8;
                        });
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }
}
