package dev.belfry.host.description;

import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.model.smmu.Cmdqv;
import dev.belfry.model.smmu.SmmuIdentity;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Reads a host from YAML.
final class HostYaml {

    private static final String KERNELS = "6.13 to 6.19, 7.0, 7.2 or 7.3";
    private static final Pattern KERNEL = Pattern.compile("([67])\\.(\\d{1,3})");
    private static final int MOST_ADDRESS_BITS = 52;
    private static final String ADDRESS = "a physical address, 0x…";

    private HostYaml() {}

    static HostDescription read(String file, String yaml) {
        YamlMap root =
                YamlMap.parse(file, yaml)
                        .only(
                                "name",
                                "kernel",
                                "page-size",
                                "seed",
                                "cpus",
                                "ram",
                                "gic",
                                "smmus",
                                "itss",
                                "devices",
                                "module-options",
                                "kernel-without");
        YamlMap ram = root.map("ram", "{base: 0x80000000, size: 64G}").only("base", "size");
        YamlMap gic =
                root.map("gic", "{distributor: 0x…, redistributors: 0x…}")
                        .only("distributor", "redistributors", "gicv2-guests");
        List<SmmuDescription> smmus =
                root.list("smmus", "- {name: smmu0, base: 0x…, identity: grace}").stream()
                        .map(HostYaml::smmu)
                        .toList();
        List<ItsDescription> itss =
                root.list("itss", "- {name: its0, base: 0x…}").stream().map(HostYaml::its).toList();
        DeviceYaml devices = new DeviceYaml(smmus, itss);
        HostDescription host =
                new HostDescription(
                        root.text("name", file, "a name"),
                        kernel(root),
                        pageSize(root),
                        root.number("seed", 1, "a number"),
                        root.number("cpus", 4, 1, 512),
                        ram.number("base", ADDRESS),
                        ramSize(ram),
                        new GicDescription(
                                gic.number("distributor", ADDRESS),
                                gic.number("redistributors", ADDRESS),
                                gic.flag("gicv2-guests", false)),
                        smmus,
                        itss,
                        devices.read(root.list("devices", "- {bdf: 0000:01:00.0, …}")),
                        options(root),
                        without(root));
        Layout.check(host, root);
        return host;
    }

    private static KernelVersion kernel(YamlMap root) {
        String text = root.text("kernel", "6.19", KERNELS);
        Matcher m = KERNEL.matcher(text);
        KernelVersion v =
                m.matches()
                        ? new KernelVersion(
                                Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)))
                        : new KernelVersion(0, 0);
        if (!KernelVersion.MODELLED.contains(v)) {
            throw root.error("kernel", "Linux " + text + " is not modelled", KERNELS);
        }
        return v;
    }

    private static Granule pageSize(YamlMap root) {
        return switch (root.text("page-size", "4K", "4K, 16K or 64K")) {
            case "4K" -> Granule.G4K;
            case "16K" -> Granule.G16K;
            case "64K" -> Granule.G64K;
            default -> throw root.error("page-size", "no such page size", "4K, 16K or 64K");
        };
    }

    private static long ramSize(YamlMap ram) {
        long size = ram.number("size", "a size like 64G");
        long base = ram.number("base", ADDRESS);
        if (size < 2L << 30 || size > 1L << 44 || (size & ((1L << 30) - 1)) != 0) {
            throw ram.error("size", "RAM of " + size + " bytes", "whole GiB, from 2G to 16T");
        }
        if (base < 0 || base > (1L << MOST_ADDRESS_BITS) - size) {
            throw ram.error("base", "RAM goes beyond 52 address bits", "0x80000000");
        }
        if ((base & ((1L << 30) - 1)) != 0) {
            throw ram.error("base", "RAM does not begin at a whole GiB", "0x80000000");
        }
        return size;
    }

    private static ModuleOptions options(YamlMap root) {
        if (!root.has("module-options")) {
            return ModuleOptions.DEFAULT;
        }
        YamlMap m =
                root.map("module-options", "{allow_unsafe_interrupts: true}")
                        .only(
                                "allow_unsafe_interrupts",
                                "disable_msipolling",
                                "drop_unflushed_invalidations");
        return new ModuleOptions(
                m.flag("allow_unsafe_interrupts", false),
                m.flag("disable_msipolling", false),
                m.flag("drop_unflushed_invalidations", false));
    }

    /// What the kernel is built without: `[VFIO_DEVICE_CDEV]`.
    private static Set<KernelOption> without(YamlMap root) {
        String known =
                "some of "
                        + Arrays.stream(KernelOption.values())
                                .map(KernelOption::name)
                                .collect(Collectors.joining(", "));
        Set<KernelOption> out = EnumSet.noneOf(KernelOption.class);
        for (String name : root.texts("kernel-without", known)) {
            out.add(
                    KernelOption.named(name)
                            .orElseThrow(() ->
                                    root.error(
                                            "kernel-without", "no option '" + name + "'", known)));
        }
        return out;
    }

    private static ItsDescription its(YamlMap m) {
        m.only("name", "base");
        return new ItsDescription(m.text("name", "its0"), m.number("base", ADDRESS));
    }

    private static SmmuDescription smmu(YamlMap m) {
        m.only("name", "base", "identity", "canwbs", "cmdqv");
        return new SmmuDescription(
                m.text("name", "smmu0"),
                m.number("base", ADDRESS),
                identity(m),
                m.flag("canwbs", true),
                m.has("cmdqv") ? Optional.of(cmdqv(m)) : Optional.empty());
    }

    private static CmdqvDescription cmdqv(YamlMap smmu) {
        YamlMap m =
                smmu.map("cmdqv", "{base: 0x…, log2-vintfs: 6, log2-vcmdqs: 7, log2-sids: 4}")
                        .only("base", "version", "log2-vintfs", "log2-vcmdqs", "log2-sids");
        Cmdqv.Parameters usual = Cmdqv.Parameters.GRACE;
        int vintfs = m.number("log2-vintfs", usual.log2Vintfs(), 1, 6);
        return new CmdqvDescription(
                m.number("base", ADDRESS),
                new Cmdqv.Parameters(
                        m.number("version", usual.version(), 0, 15),
                        vintfs,
                        m.number("log2-vcmdqs", usual.log2Vcmdqs(), vintfs, 7),
                        m.number("log2-sids", usual.log2Sids(), 0, 4)));
    }

    private static SmmuIdentity identity(YamlMap m) {
        String hint = "one of " + String.join(", ", Identities.names()) + ", or {idr0: 0x…, …}";
        if (!m.isMap("identity")) {
            String name = m.text("identity", hint);
            return Identities.named(name)
                    .orElseThrow(() -> m.error("identity", "no identity '" + name + "'", hint));
        }
        YamlMap raw =
                m.map("identity", hint)
                        .only("idr0", "idr1", "idr2", "idr3", "idr4", "idr5", "iidr", "aidr");
        return new SmmuIdentity(
                m.text("name", "smmu") + "'s own",
                register(raw, "idr0"),
                register(raw, "idr1"),
                (int) raw.number("idr2", 0L, ADDRESS),
                register(raw, "idr3"),
                (int) raw.number("idr4", 0L, ADDRESS),
                register(raw, "idr5"),
                (int) raw.number("iidr", 0L, "0x…"),
                (int) raw.number("aidr", 0L, "0x…"));
    }

    private static int register(YamlMap m, String name) {
        long value = m.number(name, "the register's value, 0x…");
        if (value >>> 32 != 0) {
            throw m.error(name, "'" + name + "' has more than 32 bits", "0x… of 8 digits");
        }
        return (int) value;
    }
}
