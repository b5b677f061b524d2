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

    private static final Map<String, String> SCSI =
            Map.of(
                    "", "virtio-scsi-pci",
                    "auto", "virtio-scsi-pci",
                    "virtio-scsi", "virtio-scsi-pci",
                    "virtio-transitional", "virtio-scsi-pci-transitional",
                    "virtio-non-transitional", "virtio-scsi-pci-non-transitional",
                    "lsilogic", "lsi",
                    "lsisas1078", "megasas",
                    "lsisas1068", "mptsas1068",
                    "vmpvscsi", "pvscsi",
                    "dc390", "dc-390");

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
                                usb(c, driver, "usb" + suffix(numbers[0]++));
                            }
                        }
                        case "scsi" ->
                                controller(
                                        c, SCSI.getOrDefault(model, model), "scsi" + numbers[1]++);
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

    private void usb(XmlElement c, String driver, String id) {
        Pairs pairs = DomainOptions.pairs(c.at()).add("driver", driver);
        if (c.has("ports") && driver.endsWith("xhci")) {
            pairs.addFrom(c, "ports", "p2").addFrom(c, "ports", "p3");
        }
        place(c, pairs, id);
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
        each("serial", this::serial);
        each("sound", (e, n) -> sound(e, "sound" + n));
        each("video", (e, n) -> video(e, "video" + n));
        hostdevs.devices();
        balloon();
        each("rng", this::rng);
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
        each("panic", this::panic);
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
        XmlElement target = disk.child("target");
        String bus = target.get("bus");
        if (bus.isEmpty() || bus.equals("virtio")) {
            String id = "virtio-disk" + number(target.get("dev"), n);
            device(disk, "virtio-blk-pci", id, Optional.empty());
        }
    }

    /// `vda` is 0, `vdz` 25, `vdaa` 26.
    private static int number(String dev, int otherwise) {
        int number = 0;
        for (int i = 2; i < dev.length(); i++) {
            char c = dev.charAt(i);
            if (c < 'a' || c > 'z' || i > 5) {
                return otherwise;
            }
            number = number * 26 + c - 'a' + 1;
        }
        return dev.length() > 2 ? number - 1 : otherwise;
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

    /// On Arm a domain has a balloon only if it says so.
    private void balloon() {
        devices.find("memballoon")
                .filter(b -> !b.get("model").equals("none"))
                .ifPresent(b -> device(b, "virtio-balloon-pci", "balloon0", Optional.empty()));
    }

    private void rng(XmlElement rng, int n) {
        String backend = "objrng" + n;
        XmlElement source = rng.child("backend");
        String model = source.get("model", "random");
        Pairs object = DomainOptions.pairs(rng.at());
        object.add("qom-type", "rng-" + model).add("id", backend);
        if (model.equals("random")) {
            object.add("filename", source.text().isEmpty() ? "/dev/urandom" : source.text());
        }
        out.object(object);
        device(rng, "virtio-rng-pci", "rng" + n, Optional.of(new String[] {"rng", backend}));
    }

    /// It has no id.
    private void panic(XmlElement panic, int n) {
        if (panic.get("model").equals("pvpanic")) {
            Pairs pairs = DomainOptions.pairs(panic.at()).add("driver", "pvpanic-pci");
            pci.address(pairs, panic);
            out.device(pairs);
        }
    }

    private void serial(XmlElement serial, int n) {
        XmlElement target = serial.child("target");
        boolean onPci =
                target.get("type").equals("pci-serial")
                        || target.child("model").get("name").equals("pci-serial");
        if (onPci) {
            device(serial, "pci-serial", "serial" + n, Optional.empty());
        }
    }

    private void device(XmlElement element, String driver, String id, Optional<String[]> extra) {
        boolean mmio = element.child("address").get("type").equals("virtio-mmio");
        String name = mmio ? driver.replaceFirst("-pci$", "-device") : driver;
        Pairs pairs = DomainOptions.pairs(element.at()).add("driver", name);
        extra.ifPresent(e -> pairs.add(e[0], e[1]));
        if (mmio) {
            out.device(pairs.add("id", id(element, id)));
        } else {
            place(element, pairs, id);
        }
    }

    private void place(XmlElement element, Pairs pairs, String id) {
        pairs.add("id", id(element, id));
        pci.address(pairs, element);
        out.device(pairs);
    }

    private static String id(XmlElement element, String id) {
        String alias = element.child("alias").get("name");
        return alias.startsWith("ua-") ? alias : id;
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
