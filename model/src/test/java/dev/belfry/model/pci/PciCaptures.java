package dev.belfry.model.pci;

import dev.belfry.model.journey.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/// The test resources of this package; README.md there says where they come from.
public final class PciCaptures {

    private PciCaptures() {}

    public static byte[] bytes(String name) {
        try (InputStream in = PciCaptures.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            return name.endsWith(".gz")
                    ? new GZIPInputStream(in).readAllBytes()
                    : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<String> lines(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8).lines().toList();
    }

    /// One function's 4,096 bytes of a captured bus.
    public static byte[] config(String capture, int bus, int devfn) {
        byte[] ecam = bytes(capture + "/ecam-bus" + bus + ".bin.gz");
        return Arrays.copyOfRange(ecam, devfn << 12, (devfn + 1) << 12);
    }

    /// A function of qemu-config.txt.
    ///
    /// @param bars after writing all ones
    /// @param words of a bridge: offset, after all ones, after zeroes
    public record QemuFunction(
            int routingId, Bytes config, List<Long> bars, int command, List<long[]> words) {}

    public static QemuFunction qemu(int routingId) {
        byte[] config = new byte[0];
        List<Long> bars = new ArrayList<>();
        List<long[]> words = new ArrayList<>();
        int command = 0;
        boolean here = false;
        for (String line : lines("qemu-config.txt")) {
            if (line.startsWith("== ")) {
                here = Integer.parseInt(line.substring(3, 7), 16) == routingId;
                config = here ? new byte[4096] : config;
            } else if (here && line.startsWith("  bars")) {
                Matcher m = Pattern.compile("'([0-9a-f]{8})'").matcher(line);
                while (m.find()) {
                    bars.add(Long.parseLong(m.group(1), 16));
                }
                command = Integer.parseInt(line.substring(line.indexOf("cmd ") + 4), 16);
            } else if (here && line.startsWith("  w ")) {
                String[] w = line.trim().split(" ");
                words.add(
                        new long[] {
                            Long.parseLong(w[1], 16),
                            Long.parseLong(w[2], 16),
                            Long.parseLong(w[3], 16)
                        });
            } else if (here) {
                int at = Integer.parseInt(line.substring(2, 5), 16);
                String[] hex = line.substring(7).trim().split(" ");
                for (int i = 0; i < hex.length; i++) {
                    config[at + i] = (byte) Integer.parseInt(hex[i], 16);
                }
            }
        }
        return new QemuFunction(routingId, Bytes.of(config), bars, command, words);
    }
}
