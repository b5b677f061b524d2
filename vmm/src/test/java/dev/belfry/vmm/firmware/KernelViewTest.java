package dev.belfry.vmm.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.belfry.kernel.firmware.AcpiHostBridge;
import dev.belfry.kernel.firmware.AcpiTables;
import dev.belfry.kernel.firmware.DeviceTree;
import dev.belfry.kernel.firmware.DtNode;
import dev.belfry.kernel.firmware.FirmwareError;
import dev.belfry.kernel.firmware.FirmwareMemory;
import dev.belfry.kernel.firmware.Iort;
import dev.belfry.kernel.firmware.Iort.Purpose;
import dev.belfry.kernel.firmware.IortNode;
import dev.belfry.model.address.Gpa;
import dev.belfry.vmm.firmware.FirmwareInputs.Kind;
import dev.belfry.vmm.firmware.FirmwareInputs.Msi;
import dev.belfry.vmm.firmware.FirmwareInputs.Options;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is placed in memory, found and read there as a kernel does. The formats themselves are
/// compared elsewhere, with QEMU's bytes and by iasl and dtc.
class KernelViewTest {

    private static final long RAM = 0x4000_0000L;
    private static final int RAM_SIZE = 0x10_0000;

    /// RAM with an image at its 64 KiB mark.
    private static FirmwareMemory ram(FirmwareInputs inputs) {
        byte[] ram = new byte[RAM_SIZE];
        for (FirmwareImage.Blob blob :
                FirmwareImage.build(inputs, new Gpa(RAM + 0x1_0000)).blobs()) {
            byte[] bytes = blob.bytes().toArray();
            System.arraycopy(bytes, 0, ram, (int) (blob.at().value() - RAM), bytes.length);
        }
        return (address, length) -> {
            if (address < RAM || address > RAM + RAM_SIZE - length) {
                throw new FirmwareError("not RAM");
            }
            return Arrays.copyOfRange(ram, (int) (address - RAM), (int) (address - RAM) + length);
        };
    }

    private static AcpiTables accelerated(boolean preserve, boolean rmr) {
        FirmwareInputs inputs =
                VirtInputs.of(
                        Kind.ACPI,
                        3,
                        2,
                        Msi.Its.VIRT,
                        List.of(VirtInputs.device(0, true, 8, 9)),
                        new Options(preserve, rmr),
                        VirtInputs.root(0, 1),
                        VirtInputs.root(8, 9));
        return AcpiTables.find(ram(inputs), RAM, RAM_SIZE).orElseThrow();
    }

    @Test
    void everyTableIsFoundAndItsChecksumIsRight() {
        assertThat(accelerated(true, true).entries())
                .allMatch(AcpiTables.Entry::checksumValid)
                .extracting(AcpiTables.Entry::signature)
                .as("QEMU 11.1 lists the PPTT twice")
                .containsExactly(
                        "FACP", "APIC", "PPTT", "PPTT", "GTDT", "MCFG", "SPCR", "DBG2", "IORT",
                        "DSDT");
    }

    @Test
    void onlyPreservedBridgesSaySo() {
        assertThat(accelerated(true, true).dsdt().orElseThrow().hostBridges())
                .extracting(AcpiHostBridge::bus, AcpiHostBridge::preservesBootConfig)
                .containsExactly(tuple(8, true), tuple(0, true));
        assertThat(accelerated(false, true).dsdt().orElseThrow().hostBridges())
                .noneMatch(AcpiHostBridge::preservesBootConfig);
    }

    @Test
    void idsGoWhereTheMachineSendsThem() {
        Iort iort = accelerated(true, true).iort().orElseThrow();
        assertThat(iort.lookup(0, 0x8ff, Purpose.IOMMU).found()).isTrue();
        assertThat(iort.lookup(0, 0x9ff, Purpose.IOMMU).found()).isTrue();
        assertThat(iort.lookup(0, 0xa00, Purpose.IOMMU).found()).isFalse();
        assertThat(iort.lookup(0, 0x7ff, Purpose.IOMMU).found()).isFalse();
        for (int rid : new int[] {0, 0x7ff, 0x800, 0x9ff, 0xa00, 0xffff}) {
            assertThat(iort.lookup(0, rid, Purpose.MSI).id()).isEqualTo(rid);
        }
    }

    @Test
    void reservedMemoryIsTheHostsMsiWindow() {
        IortNode.Rmr rmr = accelerated(true, true).iort().orElseThrow().reservedMemory().getFirst();
        assertThat(rmr.ranges()).containsExactly(new IortNode.MemoryRange(0x0800_0000, 0x10_0000));
        assertThat(rmr.mappings().getFirst().outputBase()).isEqualTo(0x800);
        assertThat(accelerated(true, false).iort().orElseThrow().reservedMemory()).isEmpty();
    }

    @Test
    void aTreeIsFoundToo() {
        FirmwareInputs inputs =
                VirtInputs.tree(
                        3, Msi.Its.VIRT, List.of(VirtInputs.legacy()), VirtInputs.root(0, 1));
        DeviceTree tree = DeviceTree.find(ram(inputs), RAM, RAM_SIZE).orElseThrow();
        DtNode pcie = tree.compatible("pci-host-ecam-generic").getFirst();
        int target = (int) tree.lookup(pcie, "iommu-map", 0x123).target();
        assertThat(tree.byPhandle(target).map(DtNode::name)).contains("smmuv3@9050000");
    }
}
