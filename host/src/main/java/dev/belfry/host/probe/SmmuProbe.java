package dev.belfry.host.probe;

import dev.belfry.host.probe.ProbedHost.Smmu;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `/sys/class/iommu`, and what the SMMU driver said when it started if the kernel log is
/// there.
final class SmmuProbe {

    private static final String CLASS = "sys/class/iommu";
    private static final Pattern NAME = Pattern.compile("smmu3\\.(?:0x)?([0-9a-f]{1,16})");
    private static final List<String> LOGS = List.of("var/log/dmesg", "dmesg", "dmesg.txt");

    private final SysTree tree;
    private final String log;

    SmmuProbe(SysTree tree) {
        this.tree = tree;
        this.log = LOGS.stream().map(tree::text).flatMap(Optional::stream).findFirst().orElse("");
    }

    /// Whether there is a kernel log that tells of SMMUs.
    boolean logged() {
        return log.contains("arm-smmu-v3");
    }

    List<Smmu> smmus() {
        List<Smmu> out = new ArrayList<>();
        for (String name : tree.names(CLASS)) {
            Matcher m = NAME.matcher(name);
            if (m.matches()) {
                out.add(smmu(name, Long.parseUnsignedLong(m.group(1), 16)));
            }
        }
        out.sort(Comparator.comparingLong(Smmu::base));
        return out;
    }

    /// `arm-smmu-v3 arm-smmu-v3.0.auto: ias 48-bit, oas 48-bit (features 0x001e1fbf)`
    private Smmu smmu(String name, long base) {
        Optional<String> device = tree.link(CLASS + "/" + name + "/device");
        Matcher line =
                Pattern.compile(
                                Pattern.quote(device.orElse("arm-smmu-v3"))
                                        + ": ias [0-9]+-bit, oas ([0-9]{2})-bit"
                                        + " \\(features 0x([0-9a-f]{1,16})\\)")
                        .matcher(log);
        if (device.isEmpty() || !line.find()) {
            return new Smmu(name, base, OptionalInt.empty(), OptionalLong.empty());
        }
        return new Smmu(
                name,
                base,
                OptionalInt.of(Integer.parseInt(line.group(1))),
                OptionalLong.of(Long.parseUnsignedLong(line.group(2), 16)));
    }
}
