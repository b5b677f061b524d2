package dev.belfry.host.probe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Makes the files of an Arm host, in the layout that Linux documents for them
/// (Documentation/ABI/testing/sysfs-bus-pci, sysfs-class-iommu). Contents are our own: no host was
/// copied.
final class SysTrees {

    private final Path root;

    private SysTrees(Path root) {
        this.root = root;
    }

    /// A host with 72 CPUs, 64 KiB pages and 480 GiB; nothing behind it yet.
    static SysTrees arm(Path root) throws IOException {
        SysTrees tree = new SysTrees(root);
        tree.file("sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "0x410fd4f0");
        tree.file("sys/devices/system/cpu/present", "0-71");
        tree.file("sys/kernel/mm/hugepages/hugepages-524288kB/nr_hugepages", "0");
        tree.file("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0");
        tree.file("proc/sys/kernel/osrelease", "6.17.4-64k");
        tree.file("proc/sys/kernel/hostname", "server");
        tree.file("proc/meminfo", "MemTotal:       502874112 kB\nMemFree: 1 kB\n");
        return tree;
    }

    SysTrees file(String path, String text) throws IOException {
        return file(path, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    SysTrees file(String path, byte[] bytes) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        return this;
    }

    SysTrees link(String path, String target) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, Path.of(target));
        return this;
    }

    SysTrees smmu(String base, String platformDevice) throws IOException {
        String name = "sys/class/iommu/smmu3." + base;
        file(name + "/devices/.keep", "");
        return link(name + "/device", "../../../" + platformDevice);
    }

    /// A function, with a 64-bit prefetchable BAR 0 of 16 MiB and a 32-bit BAR 2 of 64 KiB.
    SysTrees function(String bdf, String smmu, int group, byte[] config) throws IOException {
        String at = "sys/bus/pci/devices/" + bdf + "/";
        file(at + "vendor", "0x10de").file(at + "device", "0x2342").file(at + "class", "0x030200");
        file(
                at + "resource",
                """
                0x0000661000000000 0x0000661000ffffff 0x000000000014220c
                0x0000000000000000 0x0000000000000000 0x0000000000000000
                0x0000000042000000 0x000000004200ffff 0x0000000000040200
                0x0000000000000000 0x0000000000000000 0x0000000000000000
                0x0000000000000000 0x0000000000000000 0x0000000000000000
                0x0000000000000000 0x0000000000000000 0x0000000000000000
                0x0000000000000000 0x0000000000000000 0x0000000000000000\
                """);
        file(at + "config", config);
        link(at + "iommu", "../../../../platform/x/iommu/smmu3." + smmu);
        return link(at + "iommu_group", "../../../../../kernel/iommu_groups/" + group);
    }

    /// Configuration space with MSI-X of 16 vectors in BAR 0 and, from 0x100 on, ATS and PASID of
    /// 20 bits.
    static byte[] config(int length) {
        ByteBuffer c = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        c.putShort(0, (short) 0x10de).putShort(2, (short) 0x2342);
        c.putShort(6, (short) 0x10).put(0x34, (byte) 0x40);
        c.putInt(0x40, 15 << 16 | 0x11).putInt(0x44, 0x1000).putInt(0x48, 0x2000);
        c.putInt(0x100, 0x148 << 20 | 1 << 16 | 0x000f);
        c.putInt(0x148, 1 << 16 | 0x001b).putInt(0x14c, 20 << 8 | 6);
        byte[] out = new byte[length];
        c.get(0, out);
        return out;
    }
}
