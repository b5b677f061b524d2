package dev.belfry.vmm.input.domain;

import dev.belfry.vmm.input.domain.DomainOptions.Pairs;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `<iommu>`: SMMUs and virtio-iommu.
final class DomainIommus {

    private static final List<String> PROPERTIES =
            List.of("accel", "ats", "ril", "ssidsize", "oas", "cmdqv", "stage", "identifier");

    /// What drafts of the schema called them, and what they are called.
    private static final Map<String, String> DRAFTS =
            Map.of(
                    "ssidSize",
                    "ssidsize",
                    "ssid_size",
                    "ssidsize",
                    "cmdqV",
                    "cmdqv",
                    "parentIdx",
                    "pciBus",
                    "pcibus",
                    "pciBus");

    private final XmlElement devices;
    private final DomainPci pci;
    private final DomainOptions out;

    DomainIommus(XmlElement devices, DomainPci pci, DomainOptions out) {
        this.devices = devices;
        this.pci = pci;
        this.out = out;
    }

    /// The attribute that names an SMMU's root bus, in any spelling.
    static Optional<XmlElement.Attribute> bus(XmlElement iommu) {
        XmlElement driver = iommu.child("driver");
        for (XmlElement e : List.of(driver, iommu)) {
            for (String name : new String[] {"pciBus", "parentIdx", "pcibus"}) {
                if (e.has(name)) {
                    return Optional.of(new XmlElement.Attribute(e.get(name), e.at(name)));
                }
            }
        }
        return Optional.empty();
    }

    void devices() {
        int n = 0;
        for (XmlElement iommu : devices.all("iommu").toList()) {
            String id = "iommu" + n++;
            String alias = iommu.child("alias").get("name");
            switch (iommu.get("model")) {
                case "smmuv3", "smmuv3Dev" -> smmu(iommu, alias.startsWith("ua-") ? alias : id);
                case "virtio" -> virtio(iommu, alias.startsWith("ua-") ? alias : id);
                default ->
                        out.error(
                                "XML-IOMMU",
                                iommu.at("model"),
                                "there is no IOMMU '"
                                        + iommu.get("model")
                                        + "' on Arm's virt machine",
                                "write model='smmuv3'");
            }
        }
    }

    private void smmu(XmlElement iommu, String id) {
        if (iommu.get("model").equals("smmuv3Dev")) {
            out.warning(
                    "XML-DRAFT",
                    iommu.at("model"),
                    "'smmuv3Dev' is a draft's name, which no libvirt takes",
                    "write model='smmuv3' with <driver pciBus='1'/>");
        }
        XmlElement driver = iommu.child("driver");
        drafts(driver);
        drafts(iommu);
        Optional<XmlElement.Attribute> bus = bus(iommu);
        if (bus.isEmpty()) {
            ofTheMachine(driver);
            return;
        }
        Pairs pairs = DomainOptions.pairs(iommu.at()).add("driver", "arm-smmuv3");
        int index = Quantity.number(bus.get().value(), 255).orElse(-1);
        if (index < 0 || !pci.has(index)) {
            int meant = index < 0 ? -1 : pci.indexOf(index);
            out.error(
                    "XML-PCIBUS",
                    bus.get().at(),
                    "pciBus='"
                            + bus.get().value()
                            + "' is the index of a PCI controller (not a bus number), and there is"
                            + " none with it",
                    meant < 0
                            ? "controllers: " + pci.known()
                            : "write pciBus='%d': busNr='%d' is that of controller %d"
                                    .formatted(meant, index, meant));
        }
        pairs.add("primary-bus", pci.bus(Math.max(0, index)), bus.get().at()).add("id", id);
        for (String property : PROPERTIES) {
            pairs.addFrom(driver, property, property);
        }
        draftValues(driver, pairs);
        out.device(pairs);
    }

    private void ofTheMachine(XmlElement driver) {
        for (String property : PROPERTIES) {
            if (driver.has(property)) {
                out.error(
                        "XML-SMMU-BUS",
                        driver.at(property),
                        property
                                + "= needs pciBus=: without it libvirt asks for the machine's own"
                                + " SMMU, which has no such property",
                        "add pciBus='N', the index of the controller whose bus it serves");
                return;
            }
        }
    }

    private void drafts(XmlElement element) {
        DRAFTS.forEach((draft, name) -> {
            if (element.has(draft)) {
                out.warning(
                        "XML-DRAFT",
                        element.at(draft),
                        "'" + draft + "' is a draft's spelling, which libvirt does not read",
                        "write " + name + "='" + element.get(draft) + "'");
            }
        });
        if (element.has("pasid")) {
            out.warning(
                    "XML-DRAFT",
                    element.at("pasid"),
                    "'pasid' is a draft's name, which libvirt does not read",
                    element.get("pasid").equals("on")
                            ? "write ssidsize='20'"
                            : "remove it; ssidsize='0' says the same");
        }
    }

    /// What was meant by a draft's spelling counts here, so that the rest of the checks see it.
    private static void draftValues(XmlElement driver, Pairs pairs) {
        for (String draft : new String[] {"ssidSize", "ssid_size"}) {
            if (driver.has(draft) && !driver.has("ssidsize")) {
                pairs.add("ssidsize", driver.get(draft), driver.at(draft));
                return;
            }
        }
        if (driver.get("pasid").equals("on") && !driver.has("ssidsize")) {
            pairs.add("ssidsize", "20", driver.at("pasid"));
        }
    }

    private void virtio(XmlElement iommu, String id) {
        Pairs pairs =
                DomainOptions.pairs(iommu.at()).add("driver", "virtio-iommu-pci").add("id", id);
        pci.address(pairs, iommu);
        out.device(pairs);
    }
}
