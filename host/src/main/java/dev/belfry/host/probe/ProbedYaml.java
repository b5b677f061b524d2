package dev.belfry.host.probe;

import dev.belfry.host.description.KernelOption;
import dev.belfry.host.probe.ProbedHost.Bar;
import dev.belfry.host.probe.ProbedHost.Config;
import dev.belfry.host.probe.ProbedHost.Device;
import dev.belfry.host.probe.ProbedHost.Smmu;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.SmmuRegister;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Writes what was read as a host's description. Every value that was not read is marked `assumed`.
public final class ProbedYaml {

    private static final Pattern RELEASE = Pattern.compile("([0-9]{1,3})\\.([0-9]{1,3}).*");
    private static final List<Integer> OAS = List.of(32, 36, 40, 42, 44, 48, 52, 56);
    private static final long PAGE = 4096;
    private static final long LARGEST_BAR = 4L << 40;

    /// Bits of the driver's feature word (Linux arm-smmu-v3.h).
    private static final int FEATURE_ATS = 5;

    private static final int FEATURE_RANGE_INVALIDATION = 15;

    /// Frames of a made-up GIC lie here, beyond RAM; SMMUs that lie where the described machine has
    /// its PCI windows are moved to the address below it.
    private static final long GIC = 0x2800_0000_0000L;

    private static final long MOVED = 0x2000_0000_0000L;
    private static final long LOW_RAM = 0x8000_0000L;
    private static final long HIGH_RAM = 0x100_0000_0000L;

    private final ProbedHost host;
    private final StringBuilder out = new StringBuilder();

    private ProbedYaml(ProbedHost host) {
        this.host = host;
    }

    /// The description, which `HostDescription` reads.
    public static String of(ProbedHost host) {
        ProbedYaml yaml = new ProbedYaml(host);
        yaml.head();
        yaml.smmus();
        yaml.devices();
        return yaml.out.toString();
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private void head() {
        line(
                "# Read from a host. What could not be read is said here; a value that the description");
        line("# needs all the same is marked \"assumed\".");
        host.notes().forEach(note -> line("# - " + plain(note)));
        resources();
        line("name: " + quoted(host.name()));
        kernel();
        if (!host.without().isEmpty()) {
            line(
                    "kernel-without: "
                            + host.without().stream()
                                    .map(KernelOption::name)
                                    .collect(Collectors.joining(", ", "[", "]")));
        }
        OptionalLong page = host.pageSize();
        line("page-size: " + (page.isEmpty() ? "4K  # assumed" : (page.getAsLong() >> 10) + "K"));
        line(
                "cpus: "
                        + (host.cpus().isEmpty()
                                ? "4  # assumed"
                                : "" + Math.clamp(host.cpus().getAsInt(), 1, 512)));
        long gib = Math.clamp((host.ram().orElse(0) + (1L << 30) - 1) >> 30, 2, 16 << 10);
        boolean inTheWay =
                host.smmus().stream()
                        .anyMatch(s -> s.base() >= LOW_RAM && s.base() < LOW_RAM + (gib << 30));
        line(
                "ram: {base: 0x%x, size: %dG}  # the base is assumed%s"
                        .formatted(
                                inTheWay ? HIGH_RAM : LOW_RAM,
                                gib,
                                host.ram().isEmpty() ? ", and the size" : ""));
        line(
                "gic: {distributor: 0x%x, redistributors: 0x%x}  # assumed"
                        .formatted(GIC, GIC + 0x100_0000L));
    }

    private void resources() {
        host.nodes().ifPresent(n -> line("# NUMA nodes: " + n));
        String pages =
                host.hugePages().stream()
                        .map(h -> h.count() + " of " + size(h.size()))
                        .collect(Collectors.joining(", "));
        line("# Huge pages set aside: " + (pages.isEmpty() ? "not known" : pages));
    }

    private void kernel() {
        Matcher m = RELEASE.matcher(host.release());
        if (!m.matches()) {
            line("kernel: " + KernelVersion.V6_19 + "  # assumed: the release could not be read");
            return;
        }
        KernelVersion read =
                new KernelVersion(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
        KernelVersion nearest = read.nearestModelled();
        line(
                "kernel: "
                        + nearest
                        + "  # "
                        + plain(host.release())
                        + (nearest.equals(read) ? "" : "; the nearest that is modelled is taken"));
    }

    private void smmus() {
        line(host.smmus().isEmpty() ? "smmus: []" : "smmus:");
        for (int i = 0; i < host.smmus().size(); i++) {
            Smmu smmu = host.smmus().get(i);
            line("  - name: smmu" + i + "  # " + plain(smmu.name()));
            line(base(smmu, i));
            identity(smmu);
            line("    canwbs: true  # assumed: firmware's tables may be read by root only");
        }
        line("itss:");
        line("  - {name: its0, base: 0x%x}  # assumed".formatted(GIC + 0x4000_0000L));
    }

    private static String base(Smmu smmu, int number) {
        boolean window =
                (smmu.base() >= 0x4000_0000L && smmu.base() < LOW_RAM)
                        || Long.compareUnsigned(smmu.base(), MOVED) >= 0
                        || smmu.base() >= HIGH_RAM;
        return window
                ? "    base: 0x%x  # moved from 0x%x, where the described machine has other things"
                        .formatted(MOVED + (number << 20L), smmu.base())
                : "    base: 0x%x".formatted(smmu.base());
    }

    /// What the kernel log does not tell is Grace's.
    private void identity(Smmu smmu) {
        if (smmu.oas().isEmpty() || !OAS.contains(smmu.oas().getAsInt())) {
            line("    identity: grace  # assumed: ID registers could not be read");
            return;
        }
        SmmuIdentity like = SmmuIdentity.GRACE;
        long features = smmu.features().orElse(0);
        long idr0 = SmmuRegister.Idr0.ATS.set(like.idr0(), features >>> FEATURE_ATS & 1);
        long idr3 =
                SmmuRegister.Idr3.RIL.set(like.idr3(), features >>> FEATURE_RANGE_INVALIDATION & 1);
        long idr5 = SmmuRegister.Idr5.OAS.set(like.idr5(), OAS.indexOf(smmu.oas().getAsInt()));
        line("    # IDR5.OAS, IDR0.ATS and IDR3.RIL are the kernel log's; the rest is assumed.");
        line(
                "    identity: {idr0: 0x%x, idr1: 0x%x, idr3: 0x%x, idr5: 0x%x}"
                        .formatted(
                                idr0 & 0xffff_ffffL,
                                like.idr1(),
                                idr3 & 0xffff_ffffL,
                                idr5 & 0xffff_ffffL));
    }

    private void devices() {
        Map<String, String> names = new HashMap<>();
        for (int i = 0; i < host.smmus().size(); i++) {
            names.put(host.smmus().get(i).name(), "smmu" + i);
        }
        Map<String, String> streams = new HashMap<>();
        List<String> entries = new ArrayList<>();
        for (Device d : host.devices()) {
            String smmu = names.get(d.smmu());
            String stream = d.smmu() + " " + d.bdf().routingId();
            String left =
                    smmu == null
                            ? "its SMMU is not in /sys/class/iommu"
                            : streams.containsKey(stream)
                                    ? "its StreamID is not known, and the usual one is "
                                            + streams.get(stream)
                                            + "'s"
                                    : "";
            if (left.isEmpty() && smmu != null) {
                streams.put(stream, d.bdf().toString());
                entries.add(entry(d, smmu));
            } else {
                entries.add("  # " + d.bdf() + " is left out: " + left + "\n");
            }
        }
        boolean any = entries.stream().anyMatch(e -> e.startsWith("  - "));
        line(any ? "devices:" : "devices: []");
        entries.forEach(out::append);
    }

    private static String entry(Device d, String smmu) {
        StringBuilder e = new StringBuilder();
        e.append("  - bdf: ").append(address(d));
        String bound =
                Stream.concat(
                                d.driver().map(driver -> "bound to " + driver).stream(),
                                d.vfioNode().map(node -> "/dev/vfio/devices/" + node).stream())
                        .collect(Collectors.joining(", "));
        e.append(bound.isEmpty() ? "" : "  # " + plain(bound));
        e.append("\n    id: \"%04x:%04x\"\n".formatted(d.vendorId(), d.deviceId()));
        e.append("    class: 0x%06x\n".formatted(d.classCode()));
        bars(d, e);
        config(d, e);
        e.append("    smmu: ").append(smmu).append('\n');
        if (d.group().isPresent()) {
            e.append("    group: ").append(d.group().getAsInt());
            d.node().ifPresent(n -> e.append("  # NUMA node ").append(n));
            e.append('\n');
        }
        return e.toString();
    }

    private static String address(Device d) {
        return "%04x:%02x:%02x.%x"
                .formatted(d.bdf().segment(), d.bdf().bus(), d.bdf().device(), d.bdf().function());
    }

    /// A description begins with BAR 0 and knows no BAR below 4 KiB.
    private static void bars(Device d, StringBuilder e) {
        List<Bar> bars =
                d.bars().stream().filter(b -> b.size() >= PAGE && b.size() <= LARGEST_BAR).toList();
        if (bars.isEmpty() || bars.getFirst().index() != 0) {
            e.append("    # its BARs are assumed: it has no memory BAR 0 of 4 KiB or more\n");
            return;
        }
        e.append("    bars:\n");
        for (Bar b : bars) {
            e.append("      - {index: %d, size: %s".formatted(b.index(), size(b.size())));
            e.append(b.wide() ? "" : ", wide: false");
            e.append(b.prefetchable() ? ", prefetchable: true}\n" : "}\n");
        }
    }

    private static String size(long bytes) {
        for (int power = 4; power > 0; power--) {
            if (bytes % (1L << (10 * power)) == 0) {
                return (bytes >> (10 * power)) + "KMGT".substring(power - 1, power);
            }
        }
        return Long.toString(bytes);
    }

    private static void config(Device d, StringBuilder e) {
        Config c = d.config();
        if (c.pin() > 0) {
            e.append("    pin: %d\n".formatted(c.pin()));
        }
        if (!c.capabilities()) {
            e.append("    msix: 0  # not known: capabilities may be read by root only\n");
            return;
        }
        OptionalInt bar = c.msixBar();
        boolean room =
                d.bars().stream()
                        .anyMatch(b ->
                                b.index() == bar.orElse(-1)
                                        && b.size()
                                                >= 2 * PAGE
                                                        + (c.msix().orElse(0) * 16L + PAGE - 1)
                                                                / PAGE
                                                                * PAGE);
        if (c.msix().isPresent() && room) {
            e.append("    msix: %d\n".formatted(c.msix().getAsInt()));
            e.append("    msix-bar: %d\n".formatted(bar.getAsInt()));
        } else {
            e.append("    msix: 0");
            e.append(c.msix().isPresent() ? "  # its table shares a page with registers\n" : "\n");
        }
        c.msi().ifPresent(n -> e.append("    msi: %d\n".formatted(n)));
        if (!c.extended()) {
            e.append("    # ATS, PRI and PASID are not known: they may be read by root only\n");
            return;
        }
        e.append("    ats: %s\n    pri: %s\n".formatted(c.ats(), c.pri()));
        e.append("    pasid: %d\n".formatted(Math.min(20, c.pasidBits())));
    }

    /// Text without line ends and the like.
    private static String plain(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    private static String quoted(String text) {
        return '"' + plain(text).replaceAll("[\"\\\\]", "?") + '"';
    }
}
