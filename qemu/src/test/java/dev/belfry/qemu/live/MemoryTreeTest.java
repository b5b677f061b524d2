package dev.belfry.qemu.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.capture.Captures;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class MemoryTreeTest {

    @Test
    void theFramesOfACapturedMachineAreFound() throws IOException {
        String text = Files.readString(Captures.folder("translated").resolve("mtree-f.txt"));
        MemoryTree tree = MemoryTree.parse(text);
        assertThat(tree.named("arm-smmuv3"))
                .containsExactly(new MemoryTree.Region(0x9050000, 0x20000, "i/o", "arm-smmuv3", 0));
        assertThat(tree.itss())
                .containsExactly(new MemoryTree.Region(0x8080000, 0x10000, "i/o", "control", 0));
        assertThat(tree.redistributors())
                .extracting(MemoryTree.Region::base, MemoryTree.Region::size)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(0x80a0000L, 0x40000L));
        assertThat(tree.ram())
                .containsExactly(
                        new MemoryTree.Region(0x40000000L, 0x20000000L, "ram", "mach-virt.ram", 0));
        assertThat(tree.named("pcie-mmcfg-mmio").getFirst().base()).isEqualTo(0x4010000000L);
        assertThat(tree.named("gpex_mmio_window").getFirst().offset()).isEqualTo(0x10000030L);
        assertThat(tree.regions()).noneMatch(r -> r.name().startsWith("smmuv3-iommu"));
    }

    @Test
    void textWithoutASystemIsRefused() {
        assertThatThrownBy(() -> MemoryTree.parse("FlatView #0\n"))
                .isInstanceOf(QemuError.class)
                .hasMessageContaining("mtree");
    }
}
