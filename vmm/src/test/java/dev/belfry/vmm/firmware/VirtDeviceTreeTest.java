package dev.belfry.vmm.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.vmm.firmware.FirmwareInputs.Msi;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtDeviceTreeTest {

    private static final Pattern PHANDLE =
            Pattern.compile("\\t*(\\w+)@\\w+ \\{[^{}]*?phandle = <(0x\\w+)>;");

    @TempDir Path directory;

    @Test
    void nodesOfAMachineWithSmmuAndItsAreQemus() throws IOException {
        String ours =
                ours(
                        VirtInputs.tree(
                                3,
                                Msi.Its.VIRT,
                                List.of(VirtInputs.legacy()),
                                VirtInputs.root(0, 2)));
        assertSame(ours, "smmu.dts", "smmuv3@9050000", "pcie@10000000", "intc@8000000");
    }

    @Test
    void nodesOfAMachineWithoutSmmuAreQemus() throws IOException {
        String ours = ours(VirtInputs.tree(3, Msi.Its.VIRT, List.of(), VirtInputs.root(0, 2)));
        assertSame(ours, "nosmmu.dts", "pcie@10000000", "intc@8000000", "memory@40000000");
        assertThat(ours).doesNotContain("iommu-map");
    }

    @Test
    void aBypassingRootBusKeepsTheSmmuButLosesItsMap() throws IOException {
        String ours =
                ours(
                        VirtInputs.tree(
                                3,
                                Msi.Its.VIRT,
                                List.of(VirtInputs.legacy()),
                                VirtInputs.bypassing(0, 2)));
        assertSame(ours, "bypass.dts", "smmuv3@9050000", "pcie@10000000", "intc@8000000");
    }

    @Test
    void nodesOfAMachineWithGicv2AreQemus() throws IOException {
        String ours =
                ours(
                        VirtInputs.tree(
                                2,
                                Msi.Gicv2m.VIRT,
                                List.of(VirtInputs.legacy()),
                                VirtInputs.root(0, 2)));
        assertSame(ours, "gicv2.dts", "pcie@10000000", "intc@8000000", "timer");
    }

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

    private void assertSame(String ours, String qemus, String... nodes) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(VirtDeviceTreeTest.class.getResourceAsStream(qemus))) {
            String theirs = Tool.dtc("dts", in.readAllBytes(), directory);
            for (String node : nodes) {
                assertThat(node(ours, node)).as(node).isEqualTo(node(theirs, node));
            }
        }
    }

    /// A node of the root with everything in it; references are by name instead of by number.
    private static String node(String dts, String name) {
        String named = dts;
        Matcher phandles = PHANDLE.matcher(dts);
        while (phandles.find()) {
            named = named.replaceAll(phandles.group(2) + "\\b", "&" + phandles.group(1));
        }
        int start = named.indexOf("\n\t" + name + " {");
        assertThat(start).as(name).isNotNegative();
        return named.substring(start, named.indexOf("\n\t};", start));
    }
}
