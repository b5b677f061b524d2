package dev.belfry.host.probe;

import dev.belfry.host.probe.ProbedHost.Bar;
import dev.belfry.host.probe.ProbedHost.Config;
import dev.belfry.host.probe.ProbedHost.Device;
import dev.belfry.host.probe.ProbedHost.Reserved;
import dev.belfry.model.bits.Field;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.CapabilityId;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.pci.spec.ExtendedCapability;
import dev.belfry.model.pci.spec.ExtendedCapabilityId;
import dev.belfry.model.pci.spec.MsiCapability;
import dev.belfry.model.pci.spec.MsixCapability;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `/sys/bus/pci/devices`.
final class PciProbe {

    private static final String DEVICES = "sys/bus/pci/devices";
    private static final Pattern ADDRESS =
            Pattern.compile("([0-9a-f]{4,5}):([0-9a-f]{2}):([0-9a-f]{2})\\.([0-7])");
    private static final int BRIDGE = 0x06;
    private static final int BARS = 6;
    private static final int MOST_NODES = 1024;

    /// INTD.
    private static final int LAST_PIN = 4;

    /// Flags of `resource` (Linux include/linux/ioport.h).
    private static final Field MEMORY = Field.bit(9);

    private static final Field PREFETCHABLE = Field.bit(13);
    private static final Field WIDE = Field.bit(20);

    /// PASID Capability register (PCIe 7.8.9.2): widest PASID.
    private static final int PASID_CAPABILITY = 4;

    private static final Field PASID_WIDTH = Field.bits(12, 8);

    private static final Pattern RESERVED =
            Pattern.compile("0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) ([a-z-]{1,20})");

    private final SysTree tree;
    private final List<String> untold = new ArrayList<>();

    PciProbe(SysTree tree) {
        this.tree = tree;
    }

    /// The functions that Linux puts behind no SMMUv3, as far as it tells.
    List<String> untold() {
        return List.copyOf(untold);
    }

    /// Every function behind an SMMUv3 that is no bridge.
    List<Device> devices() {
        List<Device> out = new ArrayList<>();
        untold.clear();
        for (String name : tree.names(DEVICES)) {
            Matcher m = ADDRESS.matcher(name);
            if (m.matches() && Integer.parseInt(m.group(1), 16) <= 0xffff) {
                device(name, m).ifPresent(out::add);
            }
        }
        return out;
    }

    private Optional<Device> device(String name, Matcher m) {
        String at = DEVICES + "/" + name + "/";
        Optional<String> smmu = tree.link(at + "iommu").filter(s -> s.startsWith("smmu3."));
        int classCode = (int) tree.number(at + "class").orElse(0);
        boolean bridge = classCode >>> 16 == BRIDGE;
        if (smmu.isEmpty() && !bridge) {
            untold.add(name);
        }
        if (smmu.isEmpty() || bridge) {
            return Optional.empty();
        }
        Bdf bdf =
                new Bdf(
                        Integer.parseInt(m.group(1), 16),
                        Integer.parseInt(m.group(2), 16),
                        Integer.parseInt(m.group(3), 16) & 0x1f,
                        Integer.parseInt(m.group(4)));
        return Optional.of(
                new Device(
                        bdf,
                        (int) tree.number(at + "vendor").orElse(0) & 0xffff,
                        (int) tree.number(at + "device").orElse(0) & 0xffff,
                        classCode & 0xff_ffff,
                        bars(tree.text(at + "resource").orElse("")),
                        config(tree.bytes(at + "config").orElse(new byte[0])),
                        smmu.get(),
                        node(at),
                        group(at),
                        reserved(at),
                        tree.link(at + "driver"),
                        tree.names(at + "vfio-dev").stream().findFirst()));
    }

    /// -1 is none.
    private OptionalInt node(String at) {
        long node = tree.number(at + "numa_node").orElse(-1);
        return node >= 0 && node < MOST_NODES ? OptionalInt.of((int) node) : OptionalInt.empty();
    }

    private List<Reserved> reserved(String at) {
        List<Reserved> out = new ArrayList<>();
        Matcher m = RESERVED.matcher(tree.text(at + "iommu_group/reserved_regions").orElse(""));
        while (m.find() && out.size() < MOST_NODES) {
            out.add(new Reserved(hex(m.group(1)), hex(m.group(2)), m.group(3)));
        }
        return out;
    }

    private OptionalInt group(String at) {
        Optional<String> group = tree.link(at + "iommu_group");
        return group.isPresent() && group.get().matches("[0-9]{1,5}")
                ? OptionalInt.of(Integer.parseInt(group.get()))
                : OptionalInt.empty();
    }

    /// Six lines of first address, last address and flags; addresses are 0 where a BAR is not
    /// there.
    private static List<Bar> bars(String resource) {
        List<Bar> out = new ArrayList<>();
        List<String> lines = resource.lines().limit(BARS).toList();
        for (int i = 0; i < lines.size(); i++) {
            String[] words = lines.get(i).strip().split("\\s+");
            if (words.length == 3) {
                long first = hex(words[0]);
                long size = hex(words[1]) - first + 1;
                long flags = hex(words[2]);
                if (MEMORY.isSet(flags) && size > 1 && Long.bitCount(size) == 1) {
                    out.add(new Bar(i, size, WIDE.isSet(flags), PREFETCHABLE.isSet(flags)));
                }
            }
        }
        return out;
    }

    private static long hex(String word) {
        try {
            return Long.parseUnsignedLong(word.startsWith("0x") ? word.substring(2) : word, 16);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /// Linux gives 64 bytes to those who are not root.
    private static Config config(byte[] bytes) {
        ConfigSpace space = ConfigSpace.of(bytes);
        boolean listed = bytes.length >= ConfigSpace.CONVENTIONAL;
        Optional<MsixCapability> msix = listed ? space.msix() : Optional.empty();
        Optional<ExtendedCapability> pasid = space.find(ExtendedCapabilityId.PASID);
        return new Config(
                bytes.length,
                listed && space.find(CapabilityId.PCI_EXPRESS).isPresent(),
                msix.map(c ->
                                OptionalInt.of(
                                        MsixCapability.TABLE_SIZE.getInt(c.messageControl()) + 1))
                        .orElse(OptionalInt.empty()),
                msix.map(c -> OptionalInt.of(MsixCapability.BIR.getInt(c.table())))
                        .orElse(OptionalInt.empty()),
                listed ? msi(space) : OptionalInt.empty(),
                bytes.length > ConfigRegister.INTERRUPT_PIN.offset()
                        ? Math.min(LAST_PIN, space.read(ConfigRegister.INTERRUPT_PIN))
                        : 0,
                space.find(ExtendedCapabilityId.ATS).isPresent(),
                space.find(ExtendedCapabilityId.PRI).isPresent(),
                pasid.map(c -> PASID_WIDTH.getInt(space.read(c.offset() + PASID_CAPABILITY, 2)))
                        .orElse(0));
    }

    private static OptionalInt msi(ConfigSpace space) {
        return space.find(CapabilityId.MSI)
                .map(c -> {
                    int control = space.read(c.offset() + MsiCapability.MESSAGE_CONTROL, 2);
                    int log2 = MsiCapability.MULTIPLE_MESSAGE_CAPABLE.getInt(control);
                    return OptionalInt.of(1 << Math.min(5, log2));
                })
                .orElse(OptionalInt.empty());
    }
}
