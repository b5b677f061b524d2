package dev.belfry.model.pci;

import static dev.belfry.model.pci.spec.Bar.Kind.IO;
import static dev.belfry.model.pci.spec.Bar.Kind.MEMORY_32;
import static dev.belfry.model.pci.spec.Bar.Kind.MEMORY_64;

import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.PortType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Endpoints under the names that QEMU gives them, with QEMU's ids, BARs and interrupts, and a
/// [DmaEngine] at the start of BAR0 instead of the device's own registers. Those of virtio have no
/// BAR0 in QEMU, and no vendor-specific capabilities here.
public final class EndpointCatalog {

    private static final int QEMU = 0x1b36;
    private static final int VIRTIO = 0x1af4;
    private static final int INTEL = 0x8086;
    private static final int SUBSYSTEM = 0x1100;

    /// Bytes of a [DmaEngine]'s frame where the device has other things in BAR0.
    private static final long ENGINE = 0x1000;

    /// @param deviceId with disable-legacy=on
    /// @param vectors with one queue pair or queue; 0 for a device without MSI-X
    private record Virtio(int deviceId, int classCode, int vectors) {}

    private static final Map<String, Virtio> VIRTIO_DEVICES =
            Map.ofEntries(
                    Map.entry("virtio-net-pci", new Virtio(0x1041, 0x020000, 4)),
                    Map.entry("virtio-blk-pci", new Virtio(0x1042, 0x010000, 2)),
                    Map.entry("virtio-serial-pci", new Virtio(0x1043, 0x078000, 2)),
                    Map.entry("virtio-rng-pci", new Virtio(0x1044, 0x00ff00, 2)),
                    Map.entry("virtio-balloon-pci", new Virtio(0x1045, 0x00ff00, 0)),
                    Map.entry("virtio-scsi-pci", new Virtio(0x1048, 0x010000, 4)),
                    Map.entry("virtio-gpu-pci", new Virtio(0x1050, 0x038000, 3)),
                    Map.entry("virtio-keyboard-pci", new Virtio(0x1052, 0x090000, 2)),
                    Map.entry("virtio-crypto-pci", new Virtio(0x1054, 0x00ff00, 2)));

    private static final List<String> OTHERS =
            List.of(
                    "edu",
                    "e1000e",
                    "igb",
                    "iommu-testdev",
                    "nvme",
                    "pci-testdev",
                    "virtio-iommu-pci");

    private EndpointCatalog() {}

    /// The names known, sorted.
    public static List<String> names() {
        return Stream.concat(OTHERS.stream(), VIRTIO_DEVICES.keySet().stream()).sorted().toList();
    }

    /// An endpoint of this model, on no bus yet; empty when the name is not known.
    public static Optional<Endpoint> create(String name, EndpointSettings settings) {
        Virtio virtio = VIRTIO_DEVICES.get(name);
        if (virtio != null) {
            return Optional.of(virtio(virtio, settings));
        }
        return switch (name) {
            case "edu" -> Optional.of(edu(settings));
            case "e1000e" -> Optional.of(e1000e(settings));
            case "igb" -> Optional.of(igb(settings));
            case "iommu-testdev" -> Optional.of(iommuTestdev(settings));
            case "nvme" -> Optional.of(nvme(settings));
            case "pci-testdev" -> Optional.of(pciTestdev(settings));
            case "virtio-iommu-pci" -> Optional.of(virtioIommu());
            default -> Optional.empty();
        };
    }

    private static DmaEngine engine(Endpoint owner, long size, EndpointSettings settings) {
        return new DmaEngine(owner, size, settings.dmaMask().orElse(-1));
    }

    private static Endpoint edu(EndpointSettings settings) {
        Endpoint e = new Endpoint(id(0x1234, 0x11e8, 0x00ff00, 0x10, VIRTIO, SUBSYSTEM), false);
        long size = 0x10_0000;
        long mask = settings.dmaMask().orElse((1L << 28) - 1);
        e.addBar(0, MEMORY_32, false, size).place(0, new DmaEngine(e, size, mask));
        e.addMsi(0x40, 1, true, false);
        return e;
    }

    private static Endpoint nvme(EndpointSettings settings) {
        Endpoint e = new Endpoint(id(QEMU, 0x0010, 0x010802, 2, VIRTIO, SUBSYSTEM), true);
        int vectors = settings.vectors().orElse(65);
        // the table is at 8 KiB in BAR0, the PBA behind it
        long pba = 0x2000 + roundUp(vectors * 16L, 0x1000);
        e.addBar(0, MEMORY_64, false, powerOfTwo(pba + 0x1000))
                .place(0, engine(e, ENGINE, settings));
        Capabilities.powerManagement(e, 0x60);
        Capabilities.express(e, 0x80, PortType.ENDPOINT, true);
        e.addMsix(0x40, vectors, 0, 0x2000, 0, pba);
        return e;
    }

    private static Endpoint e1000e(EndpointSettings settings) {
        Endpoint e = new Endpoint(id(INTEL, 0x10d3, 0x020000, 0, INTEL, 0), true);
        intelBars(e, MEMORY_32, settings);
        e.addMsix(0xa0, 5, 3, 0, 3, 0x2000);
        Capabilities.express(e, 0xe0, PortType.ENDPOINT, false);
        e.addMsi(0xd0, 1, true, false);
        Capabilities.powerManagement(e, 0xc8);
        Capabilities.errorReporting(e, 0x100);
        return e;
    }

    private static Endpoint igb(EndpointSettings settings) {
        Endpoint e = new Endpoint(id(INTEL, 0x10c9, 0x020000, 1, INTEL, 0), true);
        intelBars(e, MEMORY_64, settings);
        Capabilities.express(e, 0xa0, PortType.ENDPOINT, true);
        e.addMsix(0x70, 10, 3, 0, 3, 0x2000);
        e.addMsi(0x50, 1, true, true);
        Capabilities.powerManagement(e, 0x40);
        Capabilities.errorReporting(e, 0x100);
        return e;
    }

    private static void intelBars(Endpoint e, Bar.Kind msix, EndpointSettings settings) {
        e.addBar(0, MEMORY_32, false, 0x2_0000).place(0, engine(e, ENGINE, settings));
        e.addBar(1, MEMORY_32, false, 0x2_0000);
        e.addBar(2, IO, false, 0x20);
        e.addBar(3, msix, false, 0x4000);
    }

    private static Endpoint pciTestdev(EndpointSettings settings) {
        Endpoint e = new Endpoint(id(QEMU, 0x0005, 0x00ff00, 0, VIRTIO, SUBSYSTEM), false);
        e.addBar(0, MEMORY_32, false, 0x1000).place(0, engine(e, ENGINE, settings));
        e.addBar(1, IO, false, 0x100);
        return e;
    }

    private static Endpoint iommuTestdev(EndpointSettings settings) {
        Endpoint e = new Endpoint(id(QEMU, 0x0005, 0x00ff00, 0, VIRTIO, SUBSYSTEM), false);
        e.addBar(0, MEMORY_32, false, 0x1000).place(0, new IommuTestdev(e, settings.system()));
        return e;
    }

    private static Endpoint virtio(Virtio model, EndpointSettings settings) {
        boolean express = !settings.onRootBus();
        FunctionIdentity id = id(VIRTIO, model.deviceId, model.classCode, 1, VIRTIO, SUBSYSTEM);
        Endpoint e = new Endpoint(id, express);
        e.addBar(0, MEMORY_32, false, ENGINE).place(0, engine(e, ENGINE, settings));
        e.addBar(4, MEMORY_64, true, 0x4000);
        if (express) {
            Capabilities.express(e, 0x40, PortType.ENDPOINT, true);
            Capabilities.powerManagement(e, 0x7c);
        }
        int vectors = settings.vectors().orElse(model.vectors);
        if (vectors > 0) {
            exclusiveMsix(e, express ? 0xdc : 0x98, vectors, 1);
        }
        return e;
    }

    /// It has queues that no driver of ours uses, and no DMA of its own to show.
    private static Endpoint virtioIommu() {
        Endpoint e = new Endpoint(id(VIRTIO, 0x1057, 0x00ff00, 1, VIRTIO, SUBSYSTEM), false);
        e.addBar(4, MEMORY_64, true, 0x4000);
        return e;
    }

    /// MSI-X in a BAR of its own: the table at 0, the PBA in the middle or behind the table.
    static void exclusiveMsix(Endpoint e, int offset, int vectors, int bar) {
        long pba = Math.max(0x800, vectors * 16L);
        long pbaSize = roundUp(vectors, 64) / 8;
        e.addBar(bar, MEMORY_32, false, powerOfTwo(Math.max(0x1000, pba + pbaSize)));
        e.addMsix(offset, vectors, bar, 0, bar, pba);
    }

    private static FunctionIdentity id(
            int vendor, int device, int classCode, int revision, int subVendor, int subsystem) {
        return new FunctionIdentity(vendor, device, classCode, revision, subVendor, subsystem);
    }

    private static long roundUp(long value, long to) {
        return (value + to - 1) / to * to;
    }

    private static long powerOfTwo(long atLeast) {
        long highest = Long.highestOneBit(atLeast);
        return highest == atLeast ? highest : highest << 1;
    }
}
