package dev.belfry.qemu.capture;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;

/// Reading files and gzip streams from strangers: never more than a limit, and to the last byte.
final class Gzip {

    private static final int TRAILER = 8;

    private Gzip() {}

    /// The bytes of `file`.
    ///
    /// @throws CaptureError when it cannot be read or is larger than `limit`
    static byte[] file(Path file, int limit) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new CaptureError(file + " is larger than " + limit + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new CaptureError(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// What `compressed` unpacks to: a single gzip member (RFC 1952) with nothing behind it.
    ///
    /// @param name for messages
    /// @throws CaptureError when it is damaged, cut short, or unpacks to more than `limit` bytes
    static byte[] unpack(String name, byte[] compressed, int limit) {
        byte[] out;
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
            out = in.readNBytes(limit + 1);
        } catch (IOException e) {
            throw new CaptureError(name + " is not a whole gzip file (" + reason(e) + ")", e);
        }
        if (out.length > limit) {
            throw new CaptureError(name + " unpacks to more than " + limit + " bytes");
        }
        // GZIPInputStream overlooks what follows the first member; its trailer must be the end.
        CRC32 crc = new CRC32();
        crc.update(out);
        int at = compressed.length - TRAILER;
        if (word(compressed, at) != crc.getValue()
                || word(compressed, at + 4) != (out.length & 0xffff_ffffL)) {
            throw new CaptureError(name + " has data behind its end");
        }
        return out;
    }

    private static String reason(IOException e) {
        String message = e.getMessage();
        return message == null ? "it ends too early" : message;
    }

    private static long word(byte[] bytes, int at) {
        long value = 0;
        for (int i = 3; i >= 0; i--) {
            value = value << 8 | (bytes[at + i] & 0xff);
        }
        return value;
    }
}
