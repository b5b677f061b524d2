package dev.belfry.qemu.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.model.system.SystemView.Frame;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.gdb.GdbStub;
import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.qemu.process.RealQemu;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// QEMU's GDB server as a way to read a machine, beside what qtest says of the same machine.
class GdbPortTest {

    private static final long SMMU = 0x9050000L;
    private static final long ECAM = 0x4010000000L;
    private static final long RAM = 0x40000000L;

    @TempDir Path dir;

    @BeforeEach
    void qemu() {
        RealQemu.required();
    }

    private QemuProcess start(String... more) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("-M", "virt,gic-version=3,iommu=smmuv3", "-smp", "2"));
        arguments.addAll(List.of("-nodefaults", "-global", "arm-cpu.start-powered-off=on"));
        arguments.addAll(List.of("-m", "16M", "-device", "nvme,serial=1,addr=2"));
        arguments.addAll(List.of("-gdb", "unix:" + dir.resolve("gdb") + ",server=on,wait=off"));
        arguments.addAll(List.of("-qmp", "unix:" + dir.resolve("qmp") + ",server=on,wait=off"));
        arguments.addAll(List.of(more));
        return QemuProcess.start(arguments, RealQemu.PATIENCE);
    }

    private GdbStub stub() {
        return GdbStub.connect(dir.resolve("gdb").toString(), RealQemu.PATIENCE);
    }

    private static long number(byte[] bytes) {
        long value = 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            value = value << 8 | (bytes[i] & 0xff);
        }
        return value;
    }

    @Test
    void registersReadFourBytesAtATimeAreWhatQtestReads() {
        try (QemuProcess qemu = start();
                GdbStub stub = stub()) {
            qemu.qtest().write(SMMU + 0x80, 8, 0x4000000040123000L);
            for (int offset : new int[] {0, 4, 0xc, 0x14, 0x20, 0x80, 0x84, 0x98}) {
                assertThat(number(stub.read(SMMU + offset, 4)))
                        .as("offset %x", offset)
                        .isEqualTo(qemu.qtest().read(SMMU + offset, 4));
            }
            assertThat(number(stub.read(SMMU, 4))).as("IDR0").isNotZero();
        }
    }

    /// Why nothing here ever reads 8 bytes of registers at once.
    @Test
    void eightBytesOfRegistersAtOnceReadAsSomethingElse() {
        try (QemuProcess qemu = start();
                GdbStub stub = stub()) {
            assertThat(qemu.qtest().read(SMMU, 4)).isNotZero();
            assertThat(number(stub.read(SMMU, 8)))
                    .isNotEqualTo(
                            qemu.qtest().read(SMMU, 4) | qemu.qtest().read(SMMU + 4, 4) << 32);
        }
    }

    @Test
    void memoryOfAnyLengthIsReadByItsPhysicalAddress() {
        try (QemuProcess qemu = start();
                GdbStub stub = stub()) {
            byte[] bytes = new byte[5000];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (i * 7);
            }
            qemu.qtest().writeBytes(RAM + 0x5123, bytes);
            assertThat(stub.read(RAM + 0x5123, bytes.length)).isEqualTo(bytes);
            assertThat(Arrays.equals(stub.read(ECAM, 64), qemu.qtest().readBytes(ECAM, 64)))
                    .isTrue();
            assertThat(stub.monitor("info version")).startsWith(qemu.qmp().version());
        }
    }

    @Test
    void itIsAskedOnlyWhenTheMonitorRefusesAndTheMachineGoesOnAfterwards() throws Exception {
        try (QemuProcess qemu = start();
                QmpWithoutMonitor proxy =
                        new QmpWithoutMonitor(dir.resolve("proxy"), dir.resolve("qmp"))) {
            qemu.qtest().write(SMMU + 0x80, 8, 0x4000000040123000L);
            LiveOptions options = LiveOptions.of(proxy.path());
            assertThatThrownBy(() -> LiveSystem.open(options).close())
                    .isInstanceOf(QemuError.class)
                    .hasMessageContaining("human-monitor-command");

            try (LiveSystem view =
                    LiveSystem.open(options.withGdb(dir.resolve("gdb").toString()))) {
                assertThat(qemu.qmp().running()).isFalse();
                Frame smmu = view.smmus().getFirst();
                assertThat(smmu.base()).isEqualTo(SMMU);
                assertThat(smmu.registers().read64(0x80)).hasValue(0x4000000040123000L);
                assertThat(view.functions())
                        .extracting(f -> f.bdf().withoutSegment())
                        .containsExactly("00:00.0", "00:02.0");
                assertThat(view.source()).contains("registers through the GDB server at");
                assertThat(view.notes()).anyMatch(n -> n.startsWith("Reading through the monitor"));
            }
            assertThat(qemu.qmp().running()).isTrue();
        }
    }

    @Test
    void aMachineThatWasPausedStaysPaused() throws Exception {
        try (QemuProcess qemu = start("-S");
                QmpWithoutMonitor proxy =
                        new QmpWithoutMonitor(dir.resolve("proxy"), dir.resolve("qmp"))) {
            LiveSystem.open(LiveOptions.of(proxy.path()).withGdb(dir.resolve("gdb").toString()))
                    .close();
            assertThat(qemu.qmp().running()).isFalse();
        }
    }

    @Test
    void itIsLeftAloneWhileTheMonitorAnswers() {
        try (QemuProcess qemu = start();
                LiveSystem view =
                        LiveSystem.open(
                                LiveOptions.of(dir.resolve("qmp"))
                                        .withGdb(dir.resolve("gdb").toString()))) {
            assertThat(view.smmus().getFirst().registers().read32(0)).isPresent();
            assertThat(qemu.qmp().running()).isTrue();
            assertThat(view.source()).doesNotContain("GDB");
        }
    }

    @Test
    void nobodyThereIsSaid() {
        for (String address : List.of("/nowhere/gdb", "localhost:1", "localhost:x", ":99999")) {
            assertThatThrownBy(() -> GdbStub.connect(address, RealQemu.PATIENCE))
                    .isInstanceOf(QemuError.class)
                    .hasMessageContaining("no GDB server at " + address);
        }
    }
}
