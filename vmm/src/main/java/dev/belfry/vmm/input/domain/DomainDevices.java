package dev.belfry.vmm.input.domain;

import dev.belfry.vmm.input.domain.DomainOptions.Pairs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Everything else in `<devices>` that sits on PCI, in libvirt's order.
final class DomainDevices {

    /// Nothing in them does DMA, or takes interrupts, as a device of its own.
    private static final Set<String> HARMLESS =
            Set.of(
                    "emulator",
                    "channel",
                    "console",
                    "serial",
                    "parallel",
                    "graphics",
                    "audio",
                    "smartcard",
                    "hub",
                    "redirdev",
                    "redirfilter",
                    "lease",
                    "nvram",
                    "tpm",
                    "memory",
                    "pstore",
                    "crypto",
                    "alias",
                    "address",
                    "controller",
                    "iommu",
                    "hostdev");

    private static final Map<String, String> NETWORK_CARDS =
            Map.of(
                    "virtio", "virtio-net-pci",
                    "virtio-transitional", "virtio-net-pci-transitional",
                    "virtio-non-transitional", "virtio-net-pci-non-transitional",
                    "", "virtio-net-pci");

    private final XmlElement devices;
    private final DomainPci pci;
    private final DomainHostdevs hostdevs;
    private final DomainOptions out;

    DomainDevices(XmlElement devices, DomainPci pci, DomainHostdevs hostdevs, DomainOptions out) {
        this.devices = devices;
        this.pci = pci;
        this.hostdevs = hostdevs;
        this.out = out;
    }

    /// Controllers of other buses: USB, SCSI, serial.
    void controllers() {
        int[] numbers = new int[5];
        devices.all("controller")
                .forEach(c -> {
                    String model = c.get("model");
                    switch (c.get("type")) {
                        case "usb" -> {
                            if (!model.equals("none")) {
                                String driver =
                                        switch (model) {
                                            case "", "qemu-xhci" -> "qemu-xhci";
                                            case "nec-xhci" -> "nec-usb-xhci";
                                            default -> model;
                                        };
                                controller(c, driver, "usb" + suffix(numbers[0]++));
                            }
                        }
                        case "scsi" ->
                                controller(
                                        c,
                                        model.isEmpty() || model.startsWith("virtio")
                                                ? "virtio-scsi-pci"
                                                : model,
                                        "scsi" + numbers[1]++);
                        case "virtio-serial" ->
                                controller(c, "virtio-serial-pci", "virtio-serial" + numbers[2]++);
                        case "sata" -> controller(c, "ahci", "sata" + numbers[3]++);
                        case "nvme" -> controller(c, "nvme", "nvme" + numbers[4]++);
                        default -> {}
                    }
                });
    }

    private static String suffix(int n) {
        return n == 0 ? "" : Integer.toString(n);
    }

    private void controller(XmlElement c, String driver, String id) {
        device(c, driver, id, Optional.empty());
    }

    /// Disks, file systems, network cards, and what comes after them.
    void devices() {
        each("disk", this::disk);
        each("filesystem", this::filesystem);
        each("interface", this::networkCard);
        each(
                "input",
                (e, n) -> {
                    if (e.get("bus").equals("virtio") && !e.get("type").equals("passthrough")) {
                        device(
                                e,
                                "virtio-" + e.get("type") + "-pci",
                                "input" + n,
                                Optional.empty());
                    }
                });
        each("sound", (e, n) -> sound(e, "sound" + n));
        each("video", (e, n) -> video(e, "video" + n));
        hostdevs.devices();
        balloon();
        each(
                "rng",
                (e, n) -> {
                    String backend = "objrng" + n;
                    out.object(
                            DomainOptions.pairs(e.at())
                                    .add("qom-type", "rng-random")
                                    .add("id", backend)
                                    .add("filename", "/dev/urandom"));
                    device(
                            e,
                            "virtio-rng-pci",
                            "rng" + n,
                            Optional.of(new String[] {"rng", backend}));
                });
        each(
                "shmem",
                (e, n) -> {
                    boolean plain = e.child("model").get("type").equals("ivshmem-plain");
                    device(
                            e,
                            plain ? "ivshmem-plain" : "ivshmem-doorbell",
                            "shmem" + n,
                            Optional.empty());
                });
        each(
                "panic",
                (e, n) -> {
                    if (e.get("model").equals("pvpanic")) {
                        device(e, "pvpanic-pci", "panic" + n, Optional.empty());
                    }
                });
        each("vsock", (e, n) -> device(e, "vhost-vsock-pci", "vsock" + n, Optional.empty()));
        each(
                "tpm",
                (e, n) -> {
                    if (e.get("model", "tpm-tis").startsWith("tpm-tis")) {
                        out.device(
                                DomainOptions.pairs(e.at())
                                        .add("driver", "tpm-tis-device")
                                        .add("id", "tpm" + n));
                    }
                });
        unread();
    }

    private interface Reader {
        void read(XmlElement element, int number);
    }

    private void each(String name, Reader reader) {
        List<XmlElement> all = devices.all(name).toList();
        for (int i = 0; i < all.size(); i++) {
            reader.read(all.get(i), i);
        }
    }

    private void disk(XmlElement disk, int n) {
        String bus = disk.child("target").get("bus");
        if (bus.isEmpty() || bus.equals("virtio")) {
            device(disk, "virtio-blk-pci", "virtio-disk" + n, Optional.empty());
        }
    }

    private void filesystem(XmlElement fs, int n) {
        boolean virtiofs = fs.child("driver").get("type").equals("virtiofs");
        device(fs, virtiofs ? "vhost-user-fs-pci" : "virtio-9p-pci", "fs" + n, Optional.empty());
    }

    private void networkCard(XmlElement card, int n) {
        if (card.get("type").equals("hostdev")) {
            hostdevs.pci(card);
            return;
        }
        String model = card.child("model").get("type");
        device(card, NETWORK_CARDS.getOrDefault(model, model), "net" + n, Optional.empty());
    }

    private void sound(XmlElement sound, String id) {
        switch (sound.get("model")) {
            case "virtio" -> device(sound, "virtio-sound-pci", id, Optional.empty());
            case "ich6" -> device(sound, "intel-hda", id, Optional.empty());
            case "ich9" -> device(sound, "ich9-intel-hda", id, Optional.empty());
            case "ac97" -> device(sound, "AC97", id, Optional.empty());
            case "es1370" -> device(sound, "ES1370", id, Optional.empty());
            default -> {}
        }
    }

    private void video(XmlElement video, String id) {
        String model = video.child("model").get("type");
        switch (model) {
            case "virtio" -> device(video, "virtio-gpu-pci", id, Optional.empty());
            case "ramfb" ->
                    out.device(
                            DomainOptions.pairs(video.at()).add("driver", "ramfb").add("id", id));
            case "bochs" -> device(video, "bochs-display", id, Optional.empty());
            case "vga" -> device(video, "VGA", id, Optional.empty());
            case "qxl", "cirrus" ->
                    device(video, model.equals("qxl") ? "qxl" : "cirrus-vga", id, Optional.empty());
            default -> {}
        }
    }

    /// A domain has a balloon unless it says that it has none.
    private void balloon() {
        XmlElement balloon = devices.child("memballoon");
        if (!balloon.get("model").equals("none")) {
            device(balloon, "virtio-balloon-pci", "balloon0", Optional.empty());
        }
    }

    private void device(XmlElement element, String driver, String id, Optional<String[]> extra) {
        String alias = element.child("alias").get("name");
        Pairs pairs = DomainOptions.pairs(element.at()).add("driver", driver);
        extra.ifPresent(e -> pairs.add(e[0], e[1]));
        pairs.add("id", alias.startsWith("ua-") ? alias : id);
        pci.address(pairs, element);
        out.device(pairs);
    }

    private void unread() {
        Set<String> read =
                Set.of(
                        "disk",
                        "filesystem",
                        "interface",
                        "input",
                        "sound",
                        "video",
                        "watchdog",
                        "rng",
                        "shmem",
                        "panic",
                        "vsock",
                        "memballoon");
        for (XmlElement e : devices.children()) {
            if (!read.contains(e.name()) && !HARMLESS.contains(e.name())) {
                out.note(
                        "XML-UNREAD",
                        e.at(),
                        "<" + e.name() + "> is not read: what it does is not looked at",
                        "");
            }
        }
    }
}
