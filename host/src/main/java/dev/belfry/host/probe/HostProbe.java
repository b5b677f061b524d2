package dev.belfry.host.probe;

import dev.belfry.host.probe.ProbedHost.Device;
import dev.belfry.host.probe.ProbedHost.HugePages;
import dev.belfry.host.probe.ProbedHost.Smmu;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Reads a Linux host.
public final class HostProbe {

    private static final String HUGE = "sys/kernel/mm/hugepages";
    private static final Pattern HUGE_SIZE = Pattern.compile("hugepages-([0-9]{1,12})kB");
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
        PciProbe pci = new PciProbe(tree);
        List<Device> devices = pci.devices();
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
        if (!smmus.isEmpty()) {
            untold(pci.untold(), notes);
        }
        notes.add("addresses of GIC and ITS are not in sysfs");
        String name = tree.name("proc/sys/kernel/hostname").orElse("host");
        OptionalLong pageSize = pageSize(tree);
        OptionalInt cpus = cpus(tree);
        OptionalLong ram = ram(tree);
        OptionalInt nodes = nodes(tree);
        List<HugePages> hugePages = hugePages(tree);
        String release = kernel.release();
        // Last, as all files have been tried now.
        tree.refused().stream().limit(5).forEach(p -> notes.add("/" + p + " may not be read"));
        return new ProbedHost(
                name,
                release,
                pageSize,
                cpus,
                ram,
                nodes,
                hugePages,
                smmus,
                devices,
                kernel.without(),
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

    /// Before release 6.15 Linux asks firmware for a device's SMMU when a driver is bound to it.
    private static void untold(List<String> functions, List<String> notes) {
        if (!functions.isEmpty()) {
            notes.add(
                    functions.size()
                            + (functions.size() == 1 ? " function is" : " functions are")
                            + " behind no SMMU that Linux tells of ("
                            + functions.stream().limit(3).collect(Collectors.joining(", "))
                            + (functions.size() > 3 ? ", …" : "")
                            + "): no driver is bound, or there is none in front");
        }
    }

    private static OptionalInt nodes(SysTree tree) {
        long nodes =
                tree.names("sys/devices/system/node").stream()
                        .filter(n -> n.matches("node[0-9]{1,4}"))
                        .count();
        return nodes == 0 ? OptionalInt.empty() : OptionalInt.of((int) nodes);
    }

    private static List<HugePages> hugePages(SysTree tree) {
        List<HugePages> out = new ArrayList<>();
        for (String name : tree.names(HUGE)) {
            Matcher m = HUGE_SIZE.matcher(name);
            if (m.matches()) {
                long count = tree.number(HUGE + "/" + name + "/nr_hugepages").orElse(0);
                out.add(new HugePages(Long.parseLong(m.group(1)) << 10, Math.max(0, count)));
            }
        }
        out.sort(Comparator.comparingLong(HugePages::size));
        return out;
    }

    /// The sizes of huge pages tell the granule: 512 MiB only with 64 KiB, 64 KiB and 1 GiB only
    /// with 4 KiB (Linux Documentation/arch/arm64/hugetlbpage.rst).
    private static OptionalLong pageSize(SysTree tree) {
        List<String> huge = tree.names(HUGE);
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
