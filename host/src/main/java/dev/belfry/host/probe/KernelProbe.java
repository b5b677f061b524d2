package dev.belfry.host.probe;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/// Reads the kernel's version, its configuration, and which device nodes it made.
final class KernelProbe {

    private static final int MOST = 4 << 20;

    /// What passing devices through with an accelerated SMMU takes, and what is missing without.
    private static final Map<String, String> NEEDED =
            new TreeMap<>(
                    Map.of(
                            "CONFIG_IOMMUFD", "there is no /dev/iommu",
                            "CONFIG_VFIO_DEVICE_CDEV", "there are no /dev/vfio/devices/vfioN",
                            "CONFIG_VFIO_PCI", "no PCI device can be passed through",
                            "CONFIG_ARM_SMMU_V3", "no SMMU is driven",
                            "CONFIG_ARM_SMMU_V3_IOMMUFD", "no guest can nest on the SMMU"));

    private final SysTree tree;

    KernelProbe(SysTree tree) {
        this.tree = tree;
    }

    /// `uname -r`, or empty.
    String release() {
        return tree.text("proc/sys/kernel/osrelease")
                .or(() ->
                        tree.text("proc/version")
                                .map(v -> v.replaceFirst("^Linux version (\\S+).*", "$1"))
                                .map(v -> v.lines().findFirst().orElse("")))
                .orElse("");
    }

    /// What stands against passing devices through, one sentence each.
    List<String> obstacles() {
        List<String> out = new ArrayList<>();
        Optional<String> config = config();
        if (config.isEmpty()) {
            out.add("the kernel's configuration is not readable (/proc/config.gz, /boot/config-…)");
        } else {
            NEEDED.forEach((option, without) -> {
                boolean set =
                        config.get()
                                .lines()
                                .anyMatch(l -> l.equals(option + "=y") || l.equals(option + "=m"));
                if (!set) {
                    out.add("the kernel is built without " + option + ": " + without);
                }
            });
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
