package dev.belfry.vmm.input.domain;

import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.input.domain.DomainOptions.Pairs;
import java.util.Optional;
import java.util.OptionalInt;

/// `<hostdev>` and `<interface type='hostdev'>`: devices of the host, and the iommufd that they
/// share.
final class DomainHostdevs {

    private static final String IOMMUFD = "iommufd0";

    private final XmlElement domain;
    private final DomainPci pci;
    private final DomainOptions out;
    private boolean opened;
    private int next;

    DomainHostdevs(XmlElement domain, DomainPci pci, DomainOptions out) {
        this.domain = domain;
        this.pci = pci;
        this.out = out;
    }

    void devices() {
        domain.child("devices").all("hostdev").forEach(this::hostdev);
    }

    private void hostdev(XmlElement hostdev) {
        switch (hostdev.get("type", "pci")) {
            case "pci" -> pci(hostdev);
            case "usb", "scsi", "scsi_host" -> next++;
            default ->
                    out.warning(
                            "XML-HOSTDEV",
                            hostdev.at("type"),
                            "a host device of type '"
                                    + hostdev.get("type")
                                    + "' is not read: its DMA and interrupts are not looked at",
                            "pass a PCI function through (type='pci') to have it looked at");
        }
    }

    /// A PCI device of the host; also the kind of interface that is one.
    void pci(XmlElement device) {
        String alias = device.child("alias").get("name");
        String id = alias.startsWith("ua-") ? alias : "hostdev" + next;
        next++;
        Optional<Position> iommufd = iommufd(device);
        if (iommufd.isPresent() && !opened) {
            opened = true;
            out.object(
                    DomainOptions.pairs(iommufd.get())
                            .add("qom-type", "iommufd")
                            .add("id", IOMMUFD));
        }
        Pairs pairs = DomainOptions.pairs(device.at()).add("driver", "vfio-pci");
        XmlElement address = device.child("source").child("address");
        pairs.add("host", host(address), address.at()).add("id", id);
        iommufd.ifPresent(at -> pairs.add("iommufd", IOMMUFD, at));
        if (device.child("rom").get("bar").equals("off")) {
            pairs.add("rombar", "0", device.child("rom").at());
        }
        pasidCapability(device, pairs);
        pci.address(pairs, device);
        out.device(pairs);
        initiators(device, id);
    }

    /// What the device says counts; then what the domain says.
    private Optional<Position> iommufd(XmlElement device) {
        XmlElement driver = device.child("driver");
        if (driver.has("iommufd")) {
            return driver.get("iommufd").equals("yes")
                    ? Optional.of(driver.at("iommufd"))
                    : Optional.empty();
        }
        return domain.find("iommufd")
                .filter(e -> e.get("enabled").equals("yes"))
                .map(e -> e.at("enabled"));
    }

    private String host(XmlElement address) {
        OptionalInt domainNumber = Quantity.number(address.get("domain", "0"), 0xffff);
        OptionalInt bus = Quantity.number(address.get("bus"), 0xff);
        OptionalInt slot = Quantity.number(address.get("slot"), 0x1f);
        OptionalInt function = Quantity.number(address.get("function", "0"), 7);
        if (domainNumber.isEmpty() || bus.isEmpty() || slot.isEmpty() || function.isEmpty()) {
            out.error(
                    "XML-HOSTDEV-SOURCE",
                    address.at(),
                    "the host device has no usable <source><address …/></source>",
                    "<address domain='0x0009' bus='0x01' slot='0x00' function='0x0'/>");
            return "";
        }
        return "%04x:%02x:%02x.%x"
                .formatted(
                        domainNumber.getAsInt(),
                        bus.getAsInt(),
                        slot.getAsInt(),
                        function.getAsInt());
    }

    private static void pasidCapability(XmlElement device, Pairs pairs) {
        XmlElement driver = device.child("driver");
        if (driver.has("vpasidCapOffset")) {
            pairs.add(
                    "x-vpasid-cap-offset",
                    driver.get("vpasidCapOffset"),
                    driver.at("vpasidCapOffset"));
            return;
        }
        device.find("vpasidCapOffset")
                .ifPresent(e ->
                        pairs.add(
                                "x-vpasid-cap-offset",
                                e.has("value") ? e.get("value") : e.text(),
                                e.at()));
    }

    /// `<acpi nodeset='2-9'/>`: NUMA nodes of the device itself.
    private void initiators(XmlElement device, String id) {
        Optional<XmlElement> acpi = device.find("acpi").filter(a -> a.has("nodeset"));
        if (acpi.isEmpty() || out.full()) {
            return;
        }
        NodeSet.of(acpi.get().get("nodeset"))
                .forEach(node ->
                        out.object(
                                DomainOptions.pairs(acpi.get().at("nodeset"))
                                        .add("qom-type", "acpi-generic-initiator")
                                        .add("id", id + "-gi" + node)
                                        .add("pci-dev", id)
                                        .add("node", Integer.toString(node))));
    }
}
