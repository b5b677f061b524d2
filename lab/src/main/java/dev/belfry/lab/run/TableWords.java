package dev.belfry.lab.run;

import dev.belfry.lab.run.FirmwareLab.Table;
import dev.belfry.model.journey.Bytes;
import dev.belfry.vmm.firmware.FirmwareInputs;
import dev.belfry.vmm.firmware.FirmwareInputs.Msi;
import dev.belfry.vmm.firmware.FirmwareInputs.Smmu;
import java.util.ArrayList;
import java.util.List;

/// Names of tables, and what they say, in a few words.
record TableWords(FirmwareInputs inputs) {

    Table table(String name, Bytes bytes) {
        String file =
                switch (name) {
                    case "DTB" -> "virt.dtb";
                    case "DSDT" -> "DSDT.aml";
                    // Found by its address, not by a header: disassemblers take it for something
                    // else.
                    case "RSDP" -> "RSDP.bin";
                    default -> name + ".dat";
                };
        return new Table(file, about(name), bytes);
    }

    private String about(String name) {
        return switch (name) {
            case "RSDP" -> "where the tables begin";
            case "XSDT" -> "where each table is";
            case "DSDT" ->
                    counted(inputs.cpus(), "CPU")
                            + ", "
                            + counted(inputs.pci().roots().size(), "PCI host bridge")
                            + (inputs.options().preserveConfig()
                                    ? ", boot configuration kept (_DSM 5)"
                                    : "");
            case "FACP" -> "hardware-reduced ACPI, PSCI";
            case "APIC" ->
                    "GICv%d, %s%s"
                            .formatted(
                                    inputs.gic().version(), counted(inputs.cpus(), "CPU"), msi());
            case "GTDT" -> "timers";
            case "PPTT" -> "how CPUs are grouped";
            case "MCFG" ->
                    "PCI configuration space at 0x%x, %s"
                            .formatted(
                                    inputs.pci().ecam().base(),
                                    counted((int) (inputs.pci().ecam().size() >>> 20), "bus"));
            case "SPCR" -> "the serial console";
            case "DBG2" -> "the serial port, for a debugger";
            case "HEST" -> "where errors of the hardware are told";
            case "TPM2" -> "a TPM; the address of its log is the firmware's";
            case "VIOT" -> "the virtio-iommu, and which root buses it serves";
            case "SRAT" -> "CPUs and memory of NUMA nodes";
            case "SLIT" -> "distances between NUMA nodes";
            case "HMAT" -> "who reaches each node's memory, and how fast";
            case "CEDT" -> "no CXL host bridge";
            case "IORT" -> iort();
            case "DTB" -> "the same as a device tree";
            default -> "";
        };
    }

    private String msi() {
        return switch (inputs.msi()) {
            case Msi.Its its -> ", ITS at 0x%x".formatted(its.base());
            case Msi.Gicv2m frame -> ", GICv2m frame at 0x%x".formatted(frame.base());
            case Msi.None _ -> ", no MSIs";
        };
    }

    private String iort() {
        List<String> nodes = new ArrayList<>();
        if (inputs.msi() instanceof Msi.Its) {
            nodes.add("ITS group");
        }
        inputs.smmus().stream().map(TableWords::smmu).forEach(nodes::add);
        nodes.add("root complex");
        long reserved = inputs.smmus().stream().filter(Smmu::accel).count();
        if (reserved > 0 && inputs.options().rmr()) {
            nodes.add(counted((int) reserved, "RMR node"));
        }
        return String.join(", ", nodes);
    }

    private static String smmu(Smmu smmu) {
        String buses =
                smmu.legacy()
                        ? "all root buses"
                        : "buses 0x%x to 0x%x".formatted(smmu.firstBus(), smmu.lastBus());
        return "SMMU at 0x%x (%s)".formatted(smmu.base(), buses);
    }

    private static String counted(int n, String what) {
        return n + " " + what + (n == 1 ? "" : what.endsWith("s") ? "es" : "s");
    }
}
