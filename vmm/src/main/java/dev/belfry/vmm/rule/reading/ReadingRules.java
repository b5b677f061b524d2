package dev.belfry.vmm.rule.reading;

import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import java.util.List;
import java.util.stream.Stream;

/// What there is to say of rules that are seen while a command line is read: by
/// `dev.belfry.vmm.cmdline` and by the readers of `dev.belfry.vmm.machine`.
public final class ReadingRules {

    /// Of what is found more than a hundred times.
    public static final String FINDINGS_LIMIT = "FINDINGS-LIMIT";

    private ReadingRules() {}

    /// All of them, by phase.
    public static List<About> all() {
        return Stream.of(commandLines(), domains(), board(), devices())
                .flatMap(List::stream)
                .toList();
    }

    private static List<About> commandLines() {
        return List.of(
                About.error("QUOTE-OPEN", Phase.OPTIONS, "a quote that is never closed")
                        .because("the shell would wait for the rest", "POSIX.1-2024, 2.2"),
                About.error(
                                "TEXT-TYPOGRAPHY",
                                Phase.OPTIONS,
                                "quotes, dashes, spaces of a web page")
                        .because(
                                "word processors and web pages put them in the place of what was"
                                        + " typed",
                                "POSIX.1-2024, 2.2"),
                About.warning("SHELL-LINE-END", Phase.OPTIONS, "a line that a shell does not go on")
                        .because(
                                "only a backslash right before the line's end continues a command;"
                                        + " Belfry reads on all the same",
                                "POSIX.1-2024, 2.2.1"),
                About.error("QEMU-NONE", Phase.OPTIONS, "a text that starts no QEMU")
                        .because("", "Belfry"),
                About.error("OPTION-UNKNOWN", Phase.OPTIONS, "an option that QEMU does not have")
                        .because("", "QEMU qemu-options.hx"),
                About.error("OPTION-ARGUMENT", Phase.OPTIONS, "an option without its argument")
                        .because("", "QEMU system/vl.c, lookup_opt"),
                About.error("OPTION-REFUSED", Phase.OPTIONS, "an option that Belfry does not read")
                        .because(
                                "it takes options from elsewhere, so what follows would be a guess",
                                "Belfry"),
                About.error("OPTION-SET", Phase.OPTIONS, "a -set of nothing that was given")
                        .because("", "QEMU system/vl.c, qemu_set_option"),
                About.error("OPTION-VALUE-MISSING", Phase.OPTIONS, "a key without value")
                        .because("", "QEMU util/keyval.c"),
                About.error("OPTION-JSON", Phase.OPTIONS, "JSON that cannot be read")
                        .because("", "RFC 8259; QEMU qobject/json-parser.c"),
                About.error("JSON-TYPE", Phase.OPTIONS, "a JSON value of another type")
                        .because(
                                "a word does for any value in key=value form, while JSON has "
                                        + "types; belfry run reads it all the same",
                                "QEMU qapi/qobject-input-visitor.c"),
                About.error("TEXT-LIMIT", Phase.OPTIONS, "a text too long for a command line")
                        .because("no system starts a program with so much", "Belfry"),
                About.error("OPTIONS-LIMIT", Phase.OPTIONS, "more options than anybody writes")
                        .because("what is that long is something else", "Belfry"),
                About.note(FINDINGS_LIMIT, Phase.OPTIONS, "more findings of a kind than are told")
                        .because("a hundred of a kind are told", "Belfry"),
                About.error("OPTION-KEYS", Phase.OPTIONS, "more keys than a device has")
                        .because("what is that long is something else", "Belfry"),
                About.error("PCI-DEPTH", Phase.REALIZE, "more bridges below each other than buses")
                        .because("PCI has 256 bus numbers", "PCIe base specification, 7.5.1.3"));
    }

    private static List<About> domains() {
        return List.of(
                About.error("XML-SYNTAX", Phase.OPTIONS, "XML that cannot be read")
                        .because("", "XML 1.0"),
                About.error("XML-DTD", Phase.OPTIONS, "a document type in a domain")
                        .because(
                                "entities can be made to name files and to grow without bound; libvirt "
                                        + "needs none",
                                "OWASP XXE prevention"),
                About.error("XML-LIMIT", Phase.OPTIONS, "a document too large to be a domain")
                        .because("", "Belfry"),
                About.error("XML-DOMAIN", Phase.OPTIONS, "XML that is no domain")
                        .because("", "libvirt, formatdomain"),
                About.error("XML-ARCH", Phase.OPTIONS, "a domain for another architecture")
                        .because("", "libvirt, formatdomain: Operating system booting"),
                About.error("XML-SIZE", Phase.OPTIONS, "a size that is none")
                        .because("", "libvirt, formatdomain: Memory Allocation"),
                About.error("XML-INDEX", Phase.OPTIONS, "a controller index that does not do")
                        .because("", "libvirt, formatdomain: Controllers"),
                About.error("XML-CONTROLLER", Phase.OPTIONS, "a PCI controller that there is not")
                        .because("", "libvirt, formatdomain: Controllers"),
                About.error(
                                "XML-ADDRESS-BUS",
                                Phase.OPTIONS,
                                "an address on a controller that there is not")
                        .because("", "libvirt, formatdomain: Device Addresses"),
                About.note("XML-ADDRESS", Phase.OPTIONS, "devices without address")
                        .because(
                                "libvirt gives them one when the domain is defined",
                                "libvirt, formatdomain: Device Addresses"),
                About.error("XML-IOMMU", Phase.OPTIONS, "an IOMMU model that Arm does not have")
                        .because("", "libvirt, formatdomain: IOMMU devices"),
                About.error("XML-PCIBUS", Phase.OPTIONS, "a pciBus that is no controller's index")
                        .because("", "libvirt, formatdomain: IOMMU devices"),
                About.error(
                                "XML-SMMU-BUS",
                                Phase.OPTIONS,
                                "attributes of an SMMU device without pciBus")
                        .because("", "libvirt, formatdomain: IOMMU devices"),
                About.warning("XML-DRAFT", Phase.OPTIONS, "a name from a draft of libvirt's schema")
                        .because("", "libvirt devel list, SMMUv3 series"),
                About.error(
                                "XML-HOSTDEV-SOURCE",
                                Phase.OPTIONS,
                                "a host device whose address is none")
                        .because("", "libvirt, formatdomain: Host device assignment"),
                About.warning("XML-HOSTDEV", Phase.OPTIONS, "a host device that is not looked at")
                        .because("", "libvirt, formatdomain: Host device assignment"),
                About.warning(
                                "XML-OVERRIDE",
                                Phase.OPTIONS,
                                "an override of a device that there is not")
                        .because("", "libvirt, QEMU driver: Overriding properties of QEMU devices"),
                About.note("XML-UNREAD", Phase.OPTIONS, "an element that is not looked at")
                        .because("", "libvirt, formatdomain"));
    }

    private static List<About> board() {
        return List.of(
                About.error("ID-FORM", Phase.OPTIONS, "an id that is none")
                        .because("an id starts with a letter", "QEMU util/id.c, id_wellformed"),
                About.error("ID-TWICE", Phase.OPTIONS, "an id that two things have")
                        .because(
                                "ids are names within devices, and within objects",
                                "QEMU system/qdev-monitor.c, qdev_set_id"),
                About.warning("KEY-TWICE", Phase.DEVICE_ADD, "a key that is given twice")
                        .because(
                                "of several id= the first counts, of any other key the last",
                                "QEMU util/qemu-option.c, opts_parse_id"),
                About.error("GLOBAL", Phase.OPTIONS, "a -global that is none")
                        .because("", "QEMU system/globals.c"),
                About.error("SMP", Phase.MACHINE, "a CPU topology that does not add up")
                        .because("", "QEMU hw/core/machine-smp.c"),
                About.error("MEMORY", Phase.MACHINE, "a memory size that does not do")
                        .because("", "QEMU system/vl.c, set_memory_options"),
                About.error(
                                "MACHINE-TYPE",
                                Phase.MACHINE,
                                "a machine type that this QEMU does not have")
                        .because("", "QEMU system/vl.c, select_machine"),
                About.error(
                                "MACHINE-PROPERTY",
                                Phase.MACHINE,
                                "a property that the virt machine does not have")
                        .because("", "QEMU qom/object.c"),
                About.error(
                                "MACHINE-VALUE",
                                Phase.MACHINE,
                                "a value that a machine property does not take")
                        .because("", "QEMU hw/arm/virt.c"),
                About.warning("MACHINE-OTHER", Phase.MACHINE, "another machine than virt")
                        .because("", "Belfry"),
                About.error(
                                "ACCEL-PROPERTY",
                                Phase.MACHINE,
                                "a property of an accelerator that does not do")
                        .because("", "QEMU accel/tcg/tcg-all.c, accel/kvm/kvm-all.c"),
                About.error("ACCEL-TWICE", Phase.MACHINE, "-accel beside -machine accel=")
                        .because("", "QEMU system/vl.c, qemu_process_early_options"),
                About.error("ACCEL-UNKNOWN", Phase.MACHINE, "an accelerator that there is not")
                        .because("", "QEMU accel/accel-system.c"),
                About.error(
                                "ACCEL-IRQCHIP",
                                Phase.MACHINE,
                                "a kernel-irqchip that Arm does not have")
                        .because(
                                "a split interrupt controller is x86's",
                                "QEMU accel/kvm/kvm-all.c"),
                About.error("GIC-HOST", Phase.BOARD, "gic-version=host without KVM")
                        .because("", "QEMU hw/arm/virt.c, finalize_gic_version"),
                About.error(
                                "GIC-VERSION",
                                Phase.BOARD,
                                "a GIC that the accelerator does not emulate")
                        .because("", "QEMU hw/arm/virt.c, finalize_gic_version"),
                About.note("GIC-DEFAULT", Phase.MACHINE, "a GIC version that depends on the host")
                        .because(
                                "QEMU takes 2 on a host whose KVM can emulate GICv2, else 3",
                                "QEMU hw/arm/virt.c, finalize_gic_version"),
                About.error("MSI-ITS-GICV2", Phase.BOARD, "an ITS for a GICv2")
                        .because(
                                "an ITS signals LPIs, which came with GICv3",
                                "QEMU hw/arm/virt.c, finalize_msi_controller"),
                About.error(
                                "HIGHMEM-MMIO-SIZE",
                                Phase.MACHINE,
                                "a 64-bit PCI window that cannot be")
                        .because("", "QEMU hw/arm/virt.c, virt_set_highmem_mmio_size"),
                About.warning(
                                "HIGHMEM-MMIO-DROPPED",
                                Phase.MACHINE,
                                "a 64-bit PCI window that does not fit")
                        .because("", "QEMU hw/arm/virt.c, virt_set_high_memmap"),
                About.error("MEMORY-TOO-BIG", Phase.BOARD, "memory beyond the address bits")
                        .because("", "QEMU hw/arm/virt.c, virt_set_memmap"),
                About.error("OBJECT-TYPE", Phase.OPTIONS, "an object type that there is not")
                        .because("", "QEMU qapi/qom.json"),
                About.error(
                                "OBJECT-PROPERTY",
                                Phase.OPTIONS,
                                "a property that the object does not have")
                        .because("", "QEMU qapi/qom.json"),
                About.error("OBJECT-VALUE", Phase.OPTIONS, "a value that an object does not take")
                        .because("", "QEMU qapi/qom.json; backends/"),
                About.error("NUMA-OPTION", Phase.OBJECT, "a -numa that is none")
                        .because("", "QEMU qapi/machine.json, NumaOptions"),
                About.error("NUMA-CPU", Phase.OBJECT, "CPUs of a NUMA node that do not do")
                        .because("", "QEMU hw/core/machine.c, machine_set_cpu_numa_node"),
                About.error("NUMA-DISTANCE", Phase.OBJECT, "a NUMA distance that does not do")
                        .because("", "QEMU hw/core/numa.c, parse_numa_distance"),
                About.error(
                                "NUMA-HMAT",
                                Phase.OBJECT,
                                "attributes of memory that do not do, or without hmat=on")
                        .because("", "QEMU hw/core/numa.c"),
                About.error("OBJECT-ID", Phase.OPTIONS, "an object without id")
                        .because("", "QEMU qapi/qom.json"),
                About.error("OBJECT-SIZE", Phase.OPTIONS, "a memory backend without size")
                        .because("", "QEMU backends/hostmem.c"),
                About.error("NUMA-NODE", Phase.OBJECT, "a NUMA node number that does not do")
                        .because("", "QEMU hw/core/numa.c"),
                About.error("NUMA-MEM", Phase.OBJECT, "mem= of a NUMA node")
                        .because(
                                "nodes get their memory from backends since virt-5.1",
                                "QEMU hw/core/numa.c"),
                About.error("NUMA-MEMDEV", Phase.OBJECT, "a memdev= that does not exist")
                        .because("", "QEMU hw/core/numa.c"),
                About.error(
                                "NUMA-SIZE",
                                Phase.OBJECT,
                                "NUMA nodes whose memory is not the machine's")
                        .because("", "QEMU hw/core/numa.c, numa_complete_configuration"));
    }

    private static List<About> devices() {
        return List.of(
                About.error("DEVICE-DRIVER", Phase.DEVICE_ADD, "a -device without name")
                        .because("", "QEMU system/qdev-monitor.c"),
                About.error("DEVICE-UNKNOWN", Phase.DEVICE_ADD, "a device that there is not")
                        .because("", "QEMU system/qdev-monitor.c, qdev_get_device_class"),
                About.warning(
                                "NIC-MODEL",
                                Phase.MACHINE_DONE,
                                "a network card that the machine does not make")
                        .because("", "QEMU net/net.c, net_check_clients"),
                About.error(
                                "BUS-NONE",
                                Phase.DEVICE_ADD,
                                "a device of a kind of bus that no device makes")
                        .because(
                                "without bus= QEMU looks for a bus of that kind among the earlier "
                                        + "devices",
                                "QEMU system/qdev-monitor.c, qdev_device_add_from_qdict"),
                About.error("BACKEND-UNKNOWN", Phase.DEVICE_ADD, "a backend that does not exist")
                        .because("", "QEMU hw/core/qdev-properties-system.c"),
                About.error(
                                "DEVICE-NEEDS",
                                Phase.REALIZE,
                                "a device without what it cannot do without")
                        .because("", "QEMU hw/, realize of each device"),
                About.error(
                                "DEVICE-VALUE",
                                Phase.REALIZE,
                                "a value that a device refuses once it is made")
                        .because("", "QEMU hw/pci/pci.c, pci_qdev_realize; realize of each device"),
                About.error(
                                "PROPERTY-UNKNOWN",
                                Phase.DEVICE_ADD,
                                "a property that the device does not have")
                        .because("", "QEMU qom/object.c"),
                About.error(
                                "PROPERTY-VALUE",
                                Phase.DEVICE_ADD,
                                "a value that the property does not take")
                        .because("", "QEMU hw/core/qdev-properties.c"),
                About.error(
                                "QEMU-TOO-OLD",
                                Phase.DEVICE_ADD,
                                "a property that came with a later release of QEMU")
                        .because(
                                "released QEMU refuses properties that it does not know",
                                "QEMU hw/arm/smmuv3.c, hw/vfio/pci.c, hw/arm/virt.c of each "
                                        + "release"),
                About.error("SMMU-BUS-PROPERTY", Phase.DEVICE_ADD, "bus= of an arm-smmuv3")
                        .because(
                                "it is on the platform bus; primary-bus names what it translates for",
                                "QEMU system/qdev-monitor.c"),
                About.error(
                                "SMMU-DRAFT-SPELLING",
                                Phase.DEVICE_ADD,
                                "a name from a draft of the series")
                        .because(
                                "no release of QEMU knows it; belfry run reads it all the same",
                                "QEMU hw/arm/smmuv3.c, smmuv3_properties; qemu-devel, accel series v1 "
                                        + "to v9"),
                About.note("SMMU-MSI-GPA", Phase.DEVICE_ADD, "msi-gpa given by hand")
                        .because(
                                "the board overwrites it with its MSI controller's doorbell",
                                "QEMU hw/arm/virt.c, virt_machine_device_pre_plug_cb"),
                About.note("SMMU-IDENTIFIER", Phase.DEVICE_ADD, "identifier given by hand")
                        .because(
                                "the board numbers its SMMUs itself, in the order in which they are"
                                        + " made",
                                "QEMU 11.1.3, qom-get /machine/peripheral/… identifier"),
                About.warning("SMMU-STAGE", Phase.DEVICE_ADD, "a stage that there is not")
                        .because(
                                "QEMU takes 1 for what it does not know",
                                "QEMU hw/arm/smmuv3.c, smmuv3_init_id_regs"),
                About.error(
                                "PLATFORM-BUS-FULL",
                                Phase.PLUG,
                                "more devices than the platform bus has room for")
                        .because(
                                "it has 64 interrupts and 32 MiB; an SMMU takes 4 interrupts, with a "
                                        + "CMDQV 5",
                                "QEMU hw/core/platform-bus.c"),
                About.error("BUS-UNKNOWN", Phase.DEVICE_ADD, "a bus that does not exist")
                        .because(
                                "a bus must be made by an earlier option",
                                "QEMU system/qdev-monitor.c, qbus_find"),
                About.error("PCI-SLOT", Phase.REALIZE, "a PCI slot that is taken")
                        .because("", "QEMU hw/pci/pci.c, do_pci_register_device"),
                About.error(
                                "PCI-MULTIFUNCTION",
                                Phase.REALIZE,
                                "a second function beside a single-function device")
                        .because("", "QEMU hw/pci/pci.c, pci_init_multifunction"),
                About.error("PORT-CHASSIS", Phase.REALIZE, "two ports with one slot number")
                        .because(
                                "chassis and slot number name a slot; both are 0 unless given",
                                "QEMU hw/pci/pcie_port.c, pcie_chassis_add_slot"),
                About.warning(
                                "PORT-SLOT",
                                Phase.REALIZE,
                                "a device in a slot that a port does not have")
                        .because(
                                "without ARI the guest looks at device 0 only",
                                "PCIe base specification, 7.3.1"),
                About.error("PXB-BUS", Phase.REALIZE, "a pxb-pcie that is not on pcie.0")
                        .because("", "QEMU hw/pci-bridge/pci_expander_bridge.c"),
                About.error("PXB-BUS-NR", Phase.REALIZE, "two root buses with one number")
                        .because("", "QEMU hw/pci-bridge/pci_expander_bridge.c, pxb_register_bus"),
                About.warning(
                                "PXB-BUS-NR-ZERO",
                                Phase.REALIZE,
                                "a pxb-pcie with the number of pcie.0")
                        .because(
                                "configuration accesses to bus 0 go to pcie.0",
                                "QEMU hw/pci-bridge/pci_expander_bridge.c"),
                About.error("PXB-ENDPOINT", Phase.REALIZE, "an endpoint directly on a pxb-pcie")
                        .because("", "QEMU hw/pci/pci.c, do_pci_register_device"),
                About.error(
                                "PXB-NUMA",
                                Phase.REALIZE,
                                "a pxb-pcie on a NUMA node that is not there")
                        .because("", "QEMU hw/pci-bridge/pci_expander_bridge.c"),
                About.error("VFIO-HOST", Phase.DEVICE_ADD, "a vfio-pci without host device")
                        .because("", "QEMU hw/vfio/pci.c"),
                About.note(
                                "VFIO-HOST-UNKNOWN",
                                Phase.ATTACH,
                                "a vfio-pci whose host device cannot be told")
                        .because(
                                "an open file, or a path that names no PCI function, may be any "
                                        + "device",
                                "QEMU hw/vfio/device.c, vfio_device_get_name"),
                About.error("VFIO-HOST-TWICE", Phase.REALIZE, "one host device given twice")
                        .because("", "QEMU hw/vfio/device.c"),
                About.error(
                                "VFIO-IOMMUFD-UNKNOWN",
                                Phase.DEVICE_ADD,
                                "an iommufd= that does not exist")
                        .because("", "QEMU qom/object.c, link properties"));
    }
}
