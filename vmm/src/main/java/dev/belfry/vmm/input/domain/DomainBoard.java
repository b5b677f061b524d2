package dev.belfry.vmm.input.domain;

import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.input.domain.DomainOptions.Pairs;
import java.util.Optional;
import java.util.OptionalLong;

/// `<os>`, `<features>`, `<cpu>`, `<vcpu>`: the board and its CPUs.
final class DomainBoard {

    private final XmlElement domain;
    private final DomainOptions out;
    private final boolean kvm;

    DomainBoard(XmlElement domain, DomainOptions out) {
        this.domain = domain;
        this.out = out;
        this.kvm = domain.get("type").equals("kvm");
    }

    static boolean isArm(XmlElement domain) {
        return arch(domain).equals("aarch64");
    }

    static void refuse(XmlElement domain, DomainOptions out) {
        out.error(
                "XML-ARCH",
                domain.child("os").child("type").at("arch"),
                "the domain is for " + arch(domain) + ": Belfry knows Arm's virt machine only",
                "give a domain with arch='aarch64'");
    }

    private static String arch(XmlElement domain) {
        return domain.child("os").child("type").get("arch", "aarch64");
    }

    /// @param memoryBackend id of the backend of all RAM, or empty
    void machine(String memoryBackend) {
        XmlElement type = domain.child("os").child("type");
        Pairs machine = DomainOptions.pairs(type.at());
        machine.add("type", type.get("machine", "virt"), type.at("machine"));
        machine.add("usb", "off");
        features(machine);
        machine.add("dump-guest-core", "off");
        if (!memoryBackend.isEmpty()) {
            machine.add("memory-backend", memoryBackend, domain.child("memory").at());
        }
        legacySmmu(machine);
        pciHole(machine);
        firmware(machine);
        out.option("machine", machine);
        accelerator();
    }

    private void features(Pairs machine) {
        XmlElement features = domain.child("features");
        Optional<XmlElement> gic = features.find("gic");
        String version = gic.map(g -> g.get("version")).orElse("");
        machine.add(
                "gic-version",
                version.isEmpty() ? kvm ? "3" : "2" : version,
                gic.map(g -> g.at("version")).orElse(features.at()));
        for (String switched : new String[] {"ras", "mte", "hmat"}) {
            features.find(switched)
                    .ifPresent(f -> machine.add(switched, f.get("state", "on"), f.at()));
        }
        Optional<XmlElement> acpi = features.find("acpi");
        machine.add(
                "acpi",
                acpi.isPresent() ? "on" : "off",
                acpi.map(XmlElement::at).orElse(features.at()));
    }

    /// Without a bus, `<iommu model='smmuv3'>` is the machine's own SMMU.
    private void legacySmmu(Pairs machine) {
        domain.child("devices")
                .all("iommu")
                .filter(i -> i.get("model").equals("smmuv3"))
                .filter(i -> DomainIommus.bus(i).isEmpty())
                .findFirst()
                .ifPresent(i -> machine.add("iommu", "smmuv3", i.at()));
    }

    /// `<pcihole64>` of the root bus is the size of the 64-bit PCI window.
    private void pciHole(Pairs machine) {
        domain.child("devices")
                .all("controller")
                .filter(c -> c.get("model").equals("pcie-root"))
                .flatMap(c -> c.all("pcihole64"))
                .findFirst()
                .ifPresent(hole -> {
                    OptionalLong size = Quantity.bytes(hole.text(), hole.get("unit"));
                    if (size.isPresent() && size.getAsLong() > 0) {
                        machine.add("highmem-mmio-size", (size.getAsLong() >> 10) + "K", hole.at());
                    }
                });
    }

    /// Firmware in flash is a block device that the machine names.
    private void firmware(Pairs machine) {
        XmlElement os = domain.child("os");
        Optional<XmlElement> loader = os.find("loader");
        boolean pflash =
                loader.isPresent()
                        && !loader.get().text().isEmpty()
                        && loader.get().get("type", "pflash").equals("pflash");
        Optional<XmlElement> nvram = os.find("nvram");
        if (pflash) {
            flash(machine, "pflash0", loader.get().at());
            nvram.ifPresent(v -> flash(machine, "pflash1", v.at()));
        } else if (loader.isPresent() && !loader.get().text().isEmpty()) {
            out.text("bios", loader.get().text(), loader.get().at());
        } else if (os.has("firmware") && !os.get("firmware").equals("bios")) {
            flash(machine, "pflash0", os.at("firmware"));
            flash(machine, "pflash1", os.at("firmware"));
        }
    }

    private void flash(Pairs machine, String name, Position at) {
        String node = "libvirt-" + name + "-format";
        out.option(
                "blockdev",
                DomainOptions.pairs(at)
                        .add("driver", "raw")
                        .add("node-name", node)
                        .add("file", "libvirt-" + name + "-storage"));
        machine.add(name, node, at);
    }

    private void accelerator() {
        String type = domain.get("type");
        String name =
                switch (type) {
                    case "kvm" -> "kvm";
                    case "qemu" -> "tcg";
                    default -> type;
                };
        out.option("accel", DomainOptions.pairs(domain.at("type")).add("accel", name));
    }

    void cpu() {
        XmlElement cpu = domain.child("cpu");
        String model =
                switch (cpu.get("mode", cpu.find("model").isPresent() ? "custom" : "")) {
                    case "host-passthrough", "host-model" -> "host";
                    case "maximum" -> "max";
                    case "custom" -> cpu.child("model").text();
                    default -> "";
                };
        if (model.isEmpty()) {
            return;
        }
        StringBuilder argument = new StringBuilder(model);
        cpu.all("feature")
                .forEach(f -> {
                    String policy = f.get("policy", "require");
                    boolean on = policy.equals("require") || policy.equals("force");
                    argument.append(',').append(f.get("name")).append(on ? "=on" : "=off");
                });
        domain.child("features")
                .find("pmu")
                .ifPresent(pmu -> argument.append(",pmu=").append(pmu.get("state", "on")));
        domain.child("clock")
                .all("timer")
                .filter(t -> t.get("name").equals("armvtimer"))
                .filter(t -> t.get("tickpolicy").equals("discard"))
                .forEach(t -> argument.append(",kvm-no-adjvtime=on"));
        out.text("cpu", argument.toString(), cpu.at());
    }

    void smp() {
        XmlElement vcpu = domain.child("vcpu");
        String most = vcpu.text().isEmpty() ? "1" : vcpu.text();
        Pairs smp = DomainOptions.pairs(vcpu.at());
        if (vcpu.has("current") && !vcpu.get("current").equals(most)) {
            smp.add("cpus", vcpu.get("current"), vcpu.at("current")).add("maxcpus", most);
        } else {
            smp.add("cpus", most);
        }
        Optional<XmlElement> topology = domain.child("cpu").find("topology");
        if (topology.isPresent()) {
            for (String level : new String[] {"sockets", "dies", "clusters", "cores", "threads"}) {
                smp.addFrom(topology.get(), level, level);
            }
        } else {
            smp.add("sockets", most).add("cores", "1").add("threads", "1");
        }
        out.option("smp", smp);
    }

    /// `<kernel>`, `<initrd>`, `<cmdline>`, `<dtb>`.
    void kernel() {
        XmlElement os = domain.child("os");
        text(os, "kernel", "kernel");
        text(os, "initrd", "initrd");
        text(os, "cmdline", "append");
        text(os, "dtb", "dtb");
    }

    private void text(XmlElement parent, String element, String option) {
        parent.find(element)
                .filter(e -> !e.text().isEmpty())
                .ifPresent(e -> out.text(option, e.text(), e.at()));
    }
}
