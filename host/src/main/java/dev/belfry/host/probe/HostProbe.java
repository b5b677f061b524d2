package dev.belfry.host.probe;

import dev.belfry.host.probe.ProbedHost.Device;
import dev.belfry.host.probe.ProbedHost.Smmu;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads a Linux host.
public final class HostProbe {

    private static final Pattern MEMORY = Pattern.compile("MemTotal:\\s+([0-9]{1,15}) kB");
    private static final Pattern LAST_CPU = Pattern.compile(".*?([0-9]{1,4})$");

    private HostProbe() {}

    /// What came out.
    public sealed interface Answer {
        /// An Arm host.
        record Arm(ProbedHost host) implements Answer {}

        /// Something else.
        ///
        /// @param what in a few words: `an x86 machine`
        record NotArm(String what) implements Answer {}
    }

    /// Reads a host, or a saved copy of its files.
    ///
    /// @param root `/`, or the folder that holds `sys`, `proc` and `dev`
    public static Answer read(Path root) {
        SysTree tree = new SysTree(root);
        String cpus = tree.text("proc/cpuinfo").orElse("");
        boolean arm =
                tree.exists("sys/devices/system/cpu/cpu0/regs/identification/midr_el1")
                        || cpus.contains("CPU implementer");
        if (!arm) {
            return new Answer.NotArm(other(tree, cpus));
        }
        return new Answer.Arm(host(tree));
    }

    private static String other(SysTree tree, String cpus) {
        if (!tree.exists("sys") && !tree.exists("proc")) {
            return "no copy of a Linux host: it has neither sys nor proc";
        }
        return cpus.contains("GenuineIntel") || cpus.contains("AuthenticAMD")
                ? "an x86 machine"
                : "a machine whose CPUs do not say that they are Arm's";
    }

    private static ProbedHost host(SysTree tree) {
        KernelProbe kernel = new KernelProbe(tree);
        SmmuProbe smmuProbe = new SmmuProbe(tree);
        List<Smmu> smmus = smmuProbe.smmus();
        List<Device> devices = new PciProbe(tree).devices();
        List<String> notes = new ArrayList<>(kernel.obstacles());
        if (smmus.isEmpty()) {
            notes.add(
                    "no SMMUv3 is in /sys/class/iommu: firmware does not tell of one, or it is off");
        }
        notes.add(
                smmuProbe.logged()
                        ? "of the SMMUs' ID registers only what the kernel log tells is known"
                        : "the SMMUs' ID registers are not known: Linux shows them to who opens a"
                                + " device of theirs only (IOMMU_GET_HW_INFO), and there is no"
                                + " kernel log (var/log/dmesg) either");
        capabilities(devices, notes);
        notes.add("addresses of GIC and ITS are not in sysfs");
        tree.refused().stream().limit(5).forEach(p -> notes.add("/" + p + " may not be read"));
        return new ProbedHost(
                tree.text("proc/sys/kernel/hostname").orElse("host"),
                kernel.release(),
                pageSize(tree),
                cpus(tree),
                ram(tree),
                smmus,
                devices,
                notes);
    }

    private static void capabilities(List<Device> devices, List<String> notes) {
        long partly = devices.stream().filter(d -> !d.config().extended()).count();
        if (partly > 0) {
            notes.add(
                    "of "
                            + partly
                            + (partly == 1 ? " device" : " devices")
                            + " configuration space could be read in part only: whether they have"
                            + " MSI-X, ATS and PASID is known to root");
        }
    }

    /// The sizes of huge pages tell the granule: 512 MiB only with 64 KiB, 64 KiB and 1 GiB only
    /// with 4 KiB (Linux Documentation/arch/arm64/hugetlbpage.rst).
    private static OptionalLong pageSize(SysTree tree) {
        List<String> huge = tree.names("sys/kernel/mm/hugepages");
        if (huge.contains("hugepages-524288kB")) {
            return OptionalLong.of(64 << 10);
        }
        if (huge.contains("hugepages-64kB") || huge.contains("hugepages-1048576kB")) {
            return OptionalLong.of(4 << 10);
        }
        return huge.contains("hugepages-32768kB")
                ? OptionalLong.of(16 << 10)
                : OptionalLong.empty();
    }

    /// `0-71`
    private static OptionalInt cpus(SysTree tree) {
        Optional<String> present = tree.text("sys/devices/system/cpu/present");
        Matcher last = LAST_CPU.matcher(present.orElse(""));
        return last.matches()
                ? OptionalInt.of(Integer.parseInt(last.group(1)) + 1)
                : OptionalInt.empty();
    }

    private static OptionalLong ram(SysTree tree) {
        Matcher m = MEMORY.matcher(tree.text("proc/meminfo").orElse(""));
        return m.find() ? OptionalLong.of(Long.parseLong(m.group(1)) << 10) : OptionalLong.empty();
    }
}
