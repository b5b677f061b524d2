package dev.belfry.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.cmdline.CommandLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Disks that no `-device` names: `info qtree` of QEMU 11.1.3 has a virtio-blk-pci for each.
class DisksTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.img",
                "-cdrom a.img",
                "-hdb a.img",
                "-drive file=a.img",
                "-drive file=a.img,if=virtio,id=foo"
            })
    void aDiskIsAVirtioDevice(String disk) {
        CheckedMachine read = read(disk);

        assertThat(read.problems()).extracting(Problem::rule).doesNotContain("DEVICE-NEEDS");
        assertThat(read.machine().pci().inOrder().getLast().plugged().driver())
                .isEqualTo("virtio-blk-pci");
    }

    @Test
    void aDriveForADeviceOrAFlashIsNone() {
        assertThat(read("-drive if=none,file=a -drive if=pflash,file=b").machine().pci().inOrder())
                .extracting(f -> f.plugged().driver())
                .containsExactly("gpex-root");
    }

    private static CheckedMachine read(String disk) {
        return CheckedMachine.read(
                CommandLine.parseText("qemu-system-aarch64 -nodefaults -machine virt " + disk));
    }
}
