package dev.belfry.vmm.rule;

import static dev.belfry.vmm.rule.Example.instead;

import java.util.List;

/// Examples for what the reader of libvirt domains finds.
final class DomainExamples {

    private static final String DOMAIN =
            """
            <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
              <memory unit='GiB'>1</memory>
              <os><type arch='aarch64' machine='virt'>hvm</type><loader>QEMU_EFI.fd</loader></os>
              <features><acpi/><gic version='3'/></features>
              <cpu mode='host-passthrough'/>
              <devices>
                <controller type='pci' index='0' model='pcie-root'/>
                <controller type='pci' index='1' model='pcie-expander-bus'>
                  <target busNr='8'/>
                  <address type='pci' bus='0x00' slot='0x01' function='0x0'/>
                </controller>
                <controller type='pci' index='2' model='pcie-root-port'>
                  <target chassis='2' port='0x0'/>
                  <address type='pci' bus='0x01' slot='0x00' function='0x0'/>
                </controller>
                <hostdev mode='subsystem' type='pci' managed='no'>
                  <driver iommufd='yes'/>
                  <source><address domain='0x0009' bus='0x01' slot='0x00' function='0x0'/></source>
                  <address type='pci' bus='0x02' slot='0x00' function='0x0'/>
                </hostdev>
                <iommu model='smmuv3'><driver pciBus='1' accel='on' ril='off'/></iommu>
                <memballoon model='none'/>
              </devices>
              <qemu:override>
                <qemu:device alias='hostdev0'>
                  <qemu:frontend><qemu:property name='rombar' type='unsigned' value='0'/></qemu:frontend>
                </qemu:device>
              </qemu:override>
            </domain>
            """;

    private DomainExamples() {}

    private static String namespaces(int count) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < count; i++) {
            out.append(" xmlns:a").append(i).append("='x'");
        }
        return out.toString();
    }

    static List<Example> all() {
        return List.of(
                change("XML-SYNTAX", "</domain>", ""),
                new Example("XML-DTD", "<!DOCTYPE domain>" + DOMAIN, DOMAIN),
                new Example("XML-LIMIT", "<a>".repeat(70) + "</a>".repeat(70), DOMAIN),
                change("XML-LIMIT", "<domain", "<domain" + namespaces(70)),
                new Example("XML-DOMAIN", "<network><name>n</name></network>", DOMAIN),
                change("XML-ARCH", "aarch64", "x86_64"),
                change("XML-SIZE", "'GiB'>1<", "'GiB'>one<"),
                change("XML-INDEX", "index='2'", "index='1'"),
                change("XML-CONTROLLER", "pcie-root-port", "pcie-toor-port"),
                change("XML-ADDRESS-BUS", "bus='0x02'", "bus='0x09'"),
                change(
                        "XML-ADDRESS",
                        "<address type='pci' bus='0x02' slot='0x00' function='0x0'/>",
                        ""),
                change("XML-IOMMU", "'smmuv3'", "'intel'"),
                new Example(
                        "SMMU-ACCEL-KVM",
                        DOMAIN.replace("'kvm'", "'qemu'")
                                .replace("host-passthrough", "maximum")
                                .replace("pciBus='1'", "pciBus='1' ssidSize='20'"),
                        DOMAIN),
                change("XML-PCIBUS", "pciBus='1'", "pciBus='8'"),
                change("XML-SMMU-BUS", "pciBus='1' ", ""),
                change("XML-DRAFT", "pciBus='1'", "pciBus='1' ssid_size='20'"),
                change("XML-DRAFT", "'smmuv3'", "'smmuv3Dev'"),
                change("XML-DRAFT", "pciBus=", "parentIdx="),
                change(
                        "XML-HOSTDEV-SOURCE",
                        "slot='0x00' function='0x0'/></source>",
                        "slot='0x99'/></source>"),
                change("XML-HOSTDEV", "type='pci' managed", "type='mdev' managed"),
                change("XML-OVERRIDE", "alias='hostdev0'", "alias='hostdev1'"),
                change(
                        "XML-UNREAD",
                        "</devices>",
                        "<vsock model='virtio'/><bluetooth/></devices>"));
    }

    private static Example change(String rule, String piece, String wrong) {
        return instead(rule, DOMAIN, piece, wrong);
    }
}
