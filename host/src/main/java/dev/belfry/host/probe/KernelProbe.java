package dev.belfry.host.probe;

import dev.belfry.host.description.KernelOption;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/// Reads the kernel's version, its configuration, and which device nodes it made.
final class KernelProbe {

    private static final int MOST = 4 << 20;
    private static final Pattern VERSION = Pattern.compile("Linux version ([!-.0-~]{1,64})\\s");

    private final SysTree tree;

    KernelProbe(SysTree tree) {
        this.tree = tree;
    }

    /// `uname -r`, or empty.
    String release() {
        return tree.name("proc/sys/kernel/osrelease")
                .or(() ->
                        tree.text("proc/version")
                                .map(VERSION::matcher)
                                .filter(Matcher::lookingAt)
                                .map(m -> m.group(1)))
                .orElse("");
    }

    /// What stands against passing devices through, one sentence each.
    List<String> obstacles() {
        List<String> out = new ArrayList<>();
        Optional<String> config = config();
        if (config.isEmpty()) {
            out.add("the kernel's configuration is not readable (/proc/config.gz, /boot/config-…)");
        } else {
            // Of Tegra241 alone is the last; who has none needs none.
            without().stream()
                    .filter(o -> o != KernelOption.TEGRA241_CMDQV)
                    .map(o -> "the kernel is built without " + o.symbol() + ": " + o.without())
                    .forEach(out::add);
        }
        if (!tree.names("dev").isEmpty()) {
            if (!tree.exists("dev/iommu")) {
                out.add(
                        "there is no /dev/iommu: iommufd is not there, or its module is not loaded");
            }
            if (tree.names("dev/vfio/devices").isEmpty()) {
                out.add("no device has a node in /dev/vfio/devices: none is bound to vfio-pci");
            }
        } else {
            out.add("/dev was not read: whether /dev/iommu and /dev/vfio are there is not known");
        }
        return out;
    }

    /// What the kernel is built without; nothing where its configuration cannot be read.
    List<KernelOption> without() {
        return config().stream()
                .map(c -> c.lines().collect(Collectors.toSet()))
                .flatMap(lines ->
                        Arrays.stream(KernelOption.values())
                                .filter(o ->
                                        !lines.contains(o.symbol() + "=y")
                                                && !lines.contains(o.symbol() + "=m")))
                .toList();
    }

    private Optional<String> config() {
        return tree.bytes("proc/config.gz")
                .flatMap(KernelProbe::unzipped)
                .or(() -> tree.text("boot/config-" + release()));
    }

    private static Optional<String> unzipped(byte[] gzip) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return Optional.of(new String(in.readNBytes(MOST), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
