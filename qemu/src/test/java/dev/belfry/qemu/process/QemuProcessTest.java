package dev.belfry.qemu.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.qmp.QmpError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QemuProcessTest {

    private static final List<String> VIRT =
            List.of("-M", "virt,gic-version=3,iommu=smmuv3", "-nodefaults", "-m", "16M", "-S");

    @Test
    void theSmmuOfARealQemuHasTheRegistersOfItsVersion() {
        RealQemu.required();
        try (QemuProcess qemu = QemuProcess.start(VIRT, RealQemu.PATIENCE)) {
            assertThat(qemu.qmp().version()).matches("\\d+\\.\\d+\\.\\d+");
            assertThat(qemu.qtest().read(0x9050000L + 0x1c, 4)).as("AIDR").isNotZero();
            if (qemu.qmp().version().startsWith("7.2")) {
                assertThat(qemu.qtest().read(0x9050000L, 4)).isEqualTo(0x0d40101aL);
                assertThat(qemu.qtest().read(0x9050004L, 4)).isEqualTo(0x02730010L);
                assertThat(qemu.qtest().read(0x9050014L, 4)).isEqualTo(0x74L);
            }
            assertThat(qemu.qtest().read(0x4010000000L, 4)).as("host bridge").isEqualTo(0x81b36L);
        }
    }

    @Test
    void bytesAndWidthsArriveAsTheyWereSent() {
        RealQemu.required();
        try (QemuProcess qemu = QemuProcess.start(VIRT, RealQemu.PATIENCE)) {
            byte[] bytes = new byte[200_000];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (i * 31 + (i >> 9));
            }
            qemu.qtest().writeBytes(0x40400000L, bytes);
            assertThat(qemu.qtest().readBytes(0x40400000L, bytes.length)).isEqualTo(bytes);
            qemu.qtest().write(0x40400000L, 8, 0x8877665544332211L);
            qemu.qtest().write(0x40400001L, 2, 0xabcdL);
            assertThat(qemu.qtest().read(0x40400000L, 8)).isEqualTo(0x8877665544abcd11L);
            assertThat(qemu.qtest().read(0x40400002L, 1)).isEqualTo(0xabL);
            qemu.qtest().fill(0x40400000L, 4, 0x5a);
            assertThat(qemu.qtest().read(0x40400000L, 4)).isEqualTo(0x5a5a5a5aL);
            List<String> many = new ArrayList<>();
            for (int i = 0; i < 5000; i++) {
                many.add("readq 0x40400000");
            }
            assertThat(qemu.qtest().commands(many))
                    .hasSize(5000)
                    .containsOnly("0x887766555a5a5a5a");
        }
    }

    @Test
    void whatQemuRefusesIsSaid() {
        RealQemu.required();
        try (QemuProcess qemu = QemuProcess.start(VIRT, RealQemu.PATIENCE)) {
            assertThatThrownBy(() -> qemu.qmp().execute("no-such-command"))
                    .isInstanceOf(QmpError.class)
                    .hasMessageContaining("no-such-command");
            assertThatThrownBy(() -> qemu.qtest().command("nonsense"))
                    .isInstanceOf(QemuError.class)
                    .hasMessageContaining("nonsense");
            assertThat(qemu.qmp().running()).isFalse();
            assertThat(qemu.qmp().humanMonitor("info mtree -f")).contains("arm-smmuv3");
            qemu.qmp().execute("cont");
            assertThat(qemu.qmp().awaitEvent("RESUME").name()).isEqualTo("RESUME");
        }
    }

    @Test
    void interruptLinesAreTold() {
        RealQemu.required();
        try (QemuProcess qemu = QemuProcess.start(VIRT, RealQemu.PATIENCE)) {
            String gic = qemu.qmp().humanMonitor("info qom-tree");
            assertThat(gic).contains("(arm-gicv3)");
            qemu.qtest().interceptIrqsInto("/machine/unattached/" + gicName(gic));
            // GBPA with an abort, then a bad stream table: the command queue's error line is wired.
            qemu.qtest().write(0x9050050L, 4, 1);
            qemu.qtest().write(0x9050090L, 8, 8L);
            qemu.qtest().write(0x9050020L, 4, 8);
            qemu.qtest().write(0x9050098L, 4, 1);
            assertThat(qemu.qtest().takeIrqs())
                    .as("SPI 77 is the SMMU's gerror")
                    .contains(new dev.belfry.qemu.qtest.IrqChange(true, 77));
        }
    }

    private static String gicName(String tree) {
        return tree.lines()
                .filter(l -> l.contains("(arm-gicv3)"))
                .map(l -> l.strip().split(" ")[0].substring(1))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aQemuThatDoesNotStartSaysWhy() {
        RealQemu.required();
        assertThatThrownBy(() ->
                        QemuProcess.start(List.of("-M", "no-such-machine"), RealQemu.PATIENCE))
                .isInstanceOf(QemuError.class)
                .hasMessageContaining("ended with status 1")
                .hasMessageContaining("unsupported machine type");
        assertThatThrownBy(() ->
                        QemuProcess.start(Path.of("/no/such/qemu"), List.of(), RealQemu.PATIENCE))
                .isInstanceOf(QemuError.class)
                .hasMessageContaining("/no/such/qemu");
    }

    @Test
    void closingEndsTheProcess() {
        RealQemu.required();
        QemuProcess qemu = QemuProcess.start(VIRT, RealQemu.PATIENCE);
        long pid = qemu.pid();
        assertThat(ProcessHandle.of(pid)).isPresent();
        qemu.close();
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }
}
