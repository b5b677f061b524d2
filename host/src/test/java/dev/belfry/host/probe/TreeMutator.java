package dev.belfry.host.probe;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// Makes odd trees of good ones: what a broken copy, another kernel or somebody's malice leaves.
final class TreeMutator {

    private static final List<String> NUMBERS =
            List.of(
                    "-1",
                    "0",
                    "0x",
                    "0xffffffffffffffff",
                    "18446744073709551616",
                    "-9223372036854775808",
                    "4294967296",
                    "0-",
                    "0-4095,9999",
                    "\u0663",
                    "1e9");
    private static final List<String> NAMES =
            List.of(
                    "ffff:ff:1f.7",
                    "10000:01:00.0",
                    "0000:00:00.0",
                    "0000:ff:ff.7",
                    "smmu3.0xffffffffffffffff",
                    "smmu3.0x0000000000000000",
                    "smmu3.0x0000000040000000",
                    "node9999",
                    "hugepages-999999999999kB",
                    "hugepages-0kB",
                    "vfio\n0",
                    "ü\u001b[31m",
                    "99999");

    private final Path root;
    private final Random random;
    private final List<String> done = new ArrayList<>();

    TreeMutator(Path root, long seed) {
        this.root = root;
        this.random = new Random(seed);
    }

    /// Changes one to eight things.
    ///
    /// @return what was changed
    List<String> mutate() throws IOException {
        for (int n = 1 + random.nextInt(8); n > 0; n--) {
            List<Path> all = all();
            Path path = all.get(random.nextInt(all.size()));
            int way = random.nextInt(11);
            done.add(way + " " + root.relativize(path));
            change(path, way);
        }
        return List.copyOf(done);
    }

    /// Of what is there, half the time what the devices have.
    private List<Path> all() throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            List<Path> all = paths.filter(p -> !p.equals(root)).sorted().toList();
            List<Path> devices = all.stream().filter(p -> p.toString().contains("/0")).toList();
            return devices.isEmpty() || random.nextBoolean() ? all : devices;
        }
    }

    private void change(Path path, int way) throws IOException {
        boolean file = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
        switch (way) {
            case 0 -> delete(path);
            case 1 -> link(path, path.getFileName());
            case 2 -> link(path, Path.of("nowhere"));
            case 3 -> link(path, Path.of("/proc/self/environ"));
            case 4 -> link(path, path.relativize(root));
            case 5 -> {
                delete(path);
                Files.createDirectories(path);
            }
            case 6 -> Files.move(path, free(path));
            case 7 ->
                    overwrite(
                            path,
                            NUMBERS.get(random.nextInt(NUMBERS.size()))
                                    .getBytes(StandardCharsets.UTF_8));
            case 8 -> {
                byte[] noise = new byte[random.nextInt(5000)];
                random.nextBytes(noise);
                overwrite(path, noise);
            }
            case 9 -> {
                if (file) {
                    flip(path);
                }
            }
            default -> {
                if (file) {
                    sparseOrShut(path);
                }
            }
        }
    }

    private Path free(Path path) {
        Path other = path.resolveSibling(NAMES.get(random.nextInt(NAMES.size())));
        return Files.exists(other, LinkOption.NOFOLLOW_LINKS) ? path : other;
    }

    private static void link(Path path, Path target) throws IOException {
        delete(path);
        Files.createSymbolicLink(path, target);
    }

    private static void overwrite(Path path, byte[] bytes) throws IOException {
        delete(path);
        Files.write(path, bytes);
    }

    private void flip(Path path) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        for (int n = random.nextInt(20); n > 0 && bytes.length > 0; n--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        Files.write(path, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
    }

    private void sparseOrShut(Path path) throws IOException {
        if (random.nextBoolean()) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
            return;
        }
        try (RandomAccessFile huge = new RandomAccessFile(path.toFile(), "rw")) {
            huge.setLength(1L << 36);
        }
    }

    static void delete(Path path) throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(path);
            return;
        }
        try (Stream<Path> below = Files.walk(path)) {
            for (Path p : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }
}
