package dev.belfry.vmm.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.vmm.firmware.FirmwareInputs.Msi;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtDeviceTreeTest {

    @TempDir Path directory;

    @Test
    void onlyASoftwareSmmuOnBusZeroHasANode() {
        String device =
                ours(
                        VirtInputs.tree(
                                3,
                                Msi.Its.VIRT,
                                List.of(
                                        VirtInputs.device(0, false, 8, 9),
                                        VirtInputs.device(1, false, 0, 1)),
                                VirtInputs.root(0, 1),
                                VirtInputs.root(8, 9)));
        assertThat(device).contains("smmuv3@c020000", "iommu-map").doesNotContain("smmuv3@c000000");
        String accelerated =
                ours(
                        VirtInputs.tree(
                                3,
                                Msi.Its.VIRT,
                                List.of(VirtInputs.device(0, true, 0, 1)),
                                VirtInputs.root(0, 1)));
        assertThat(accelerated).contains("msi-map").doesNotContain("smmuv3@", "iommu-map");
    }

    private String ours(FirmwareInputs inputs) {
        return Tool.dtc("dtb", VirtDeviceTree.build(inputs), directory);
    }
}
