package dev.belfry.qemu.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.system.ItsTables;
import dev.belfry.model.system.RecordingView;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Change;
import dev.belfry.model.system.SystemView.Frame;
import dev.belfry.model.system.SystemView.Function;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.capture.Bundle;
import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.qemu.process.RealQemu;
import dev.belfry.qemu.qmp.QmpClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveSystemTest {

    private static final long ECAM = 0x4010000000L;
    private static final long SMMU = 0x9050000L;
    private static final long RAM = 0x40000000L;

    @TempDir Path dir;

    @BeforeEach
    void qemu() {
        RealQemu.required();
    }

    /// With a second monitor to connect to, as a user's QEMU has.
    private QemuProcess start(String... more) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("-M", "virt,gic-version=3,iommu=smmuv3", "-smp", "2"));
        arguments.addAll(List.of("-nodefaults", "-global", "arm-cpu.start-powered-off=on"));
        arguments.addAll(List.of("-m", "16M"));
        arguments.addAll(List.of("-device", "nvme,serial=1,addr=2"));
        arguments.addAll(List.of("-device", "pcie-root-port,addr=3,id=rp"));
        arguments.addAll(List.of("-device", "edu,bus=rp"));
        arguments.addAll(List.of("-qmp", "unix:" + dir.resolve("qmp") + ",server=on,wait=off"));
        arguments.addAll(List.of(more));
        return QemuProcess.start(arguments, RealQemu.PATIENCE);
    }

    private LiveOptions options() {
        return LiveOptions.of(dir.resolve("qmp"));
    }

    private QemuProcess startWithRamFile() {
        return start(
                "-object",
                "memory-backend-file,id=ram0,size=16M,share=on,mem-path=" + dir.resolve("ram"),
                "-machine",
                "memory-backend=ram0");
    }

    /// As firmware and a driver would: nvme's BAR at 0x10000000, one vector; the bridge's buses.
    private static void program(QemuProcess qemu) {
        long nvme = ECAM + (0x10 << 12);
        qemu.qtest().write(nvme + 0x10, 4, 0x10000000L);
        qemu.qtest().write(nvme + 0x14, 4, 0);
        qemu.qtest().write(nvme + 4, 2, 6);
        qemu.qtest().write(0x10002010L, 4, 0xfffff040L);
        qemu.qtest().write(0x10002018L, 4, 1);
        qemu.qtest().write(ECAM + (0x18 << 12) + 0x18, 4, 0x010100L);
        qemu.qtest().write(SMMU + 0x80, 8, 0x4000000040123000L);
        qemu.qtest().write(RAM + 0x5008, 8, 0x1122334455667788L);
    }

    @Test
    void everyWayShowsTheSameMachine() {
        try (QemuProcess qemu = startWithRamFile()) {
            program(qemu);
            try (LiveSystem monitor = LiveSystem.open(options());
                    LiveSystem qtest =
                            LiveSystem.over(
                                    Path.of("here"),
                                    qemu.qmp(),
                                    Optional.of(qemu.qtest()),
                                    Optional.of(dir.resolve("ram")))) {
                assertThat(monitor.source()).contains("xp").contains(dir.resolve("ram").toString());
                assertThat(qtest.source()).contains("registers through qtest");
                for (LiveSystem view : List.of(monitor, qtest)) {
                    check(view);
                }
                assertThat(monitor.functions()).isEqualTo(qtest.functions());
                assertThat(monitor.changes()).isEmpty();
            }
        }
    }

    @Test
    void memoryIsReadThroughTheMonitorWhenThereIsNoFile() {
        try (QemuProcess qemu = start()) {
            program(qemu);
            try (LiveSystem view = LiveSystem.open(options())) {
                assertThat(view.source()).endsWith("RAM through the monitor (xp)");
                check(view);
            }
        }
    }

    private static void check(SystemView view) {
        assertThat(view.ram()).containsExactly(new SystemView.Ram(RAM, 16 << 20));
        Frame smmu = view.smmus().getFirst();
        assertThat(smmu.base()).isEqualTo(SMMU);
        assertThat(smmu.registers().read64(0x80)).hasValue(0x4000000040123000L);
        assertThat(smmu.registers().read32(0x20000)).isEmpty();
        assertThat(view.itss()).extracting(Frame::base).containsExactly(0x8080000L);
        assertThat(view.itsTables(view.itss().getFirst())).isEqualTo(ItsTables.QEMU);
        assertThat(view.redistributors())
                .extracting(Frame::base)
                .containsExactly(0x80a0000L, 0x80c0000L);
        long typer = view.redistributors().get(1).registers().read32(8).orElseThrow();
        assertThat(typer >> 8 & 0xffff).as("GICR_TYPER.Processor_Number").isEqualTo(1);
        assertThat(view.v2mFrames()).isEmpty();
        assertThat(view.memory().read(RAM + 0x5008, 8)).isEqualTo(0x1122334455667788L);
        assertThat(view.memory().read(RAM + 0x500b, 4)).isEqualTo(0x22334455L);
        assertThat(view.memory().accepts(RAM + (16 << 20), 1)).isFalse();
        assertThat(view.memory().accepts(SMMU, 4)).as("registers are no memory").isFalse();
        assertThat(view.memory().write(RAM, 8, 1)).isFalse();
        assertThat(view.functions())
                .extracting(f -> f.bdf().withoutSegment())
                .containsExactly("00:00.0", "00:02.0", "00:03.0", "01:00.0");
        Function nvme = view.functions().get(1);
        assertThat(nvme.config().length()).isEqualTo(4096);
        assertThat(nvme.msixTableAddress()).isEqualTo(0x10002000L);
        assertThat(nvme.msixTable().length()).isEqualTo(65 * 16);
        assertThat(nvme.msixTable().at(0x11)).isEqualTo(0xf0);
        assertThat(nvme.msixTable().at(0x18)).isEqualTo(1);
    }

    @Test
    void whatChangesUnderTheReaderIsTold() {
        try (QemuProcess qemu = startWithRamFile();
                LiveSystem view = LiveSystem.open(options())) {
            assertThat(view.memory().read(RAM + 0x9000, 8)).isZero();
            assertThat(view.smmus().getFirst().registers().read32(0x2c)).hasValue(0);
            qemu.qtest().write(RAM + 0x9010, 4, 7);
            qemu.qtest().write(SMMU + 0x2c, 4, 2);
            assertThat(view.memory().read(RAM + 0x9010, 8)).as("one look, one state").isZero();
            assertThat(view.changes())
                    .containsExactlyInAnyOrder(
                            new Change(RAM + 0x9010, Bytes.ofWords(0), Bytes.ofWords(7)),
                            new Change(SMMU + 0x2c, Bytes.ofValue(0, 4), Bytes.ofValue(2, 4)));
        }
    }

    @Test
    void aBundleOfALiveMachineAnswersTheSame() {
        try (QemuProcess qemu = start()) {
            program(qemu);
            try (LiveSystem live = LiveSystem.open(options())) {
                RecordingView recording = new RecordingView(live);
                check(recording);
                SystemView kept = Bundle.read("ticket", Bundle.write(recording.snapshot()));
                check(kept);
                assertThat(kept.source()).isEqualTo(live.source());
                assertThat(kept.notes()).isEqualTo(live.notes());
            }
        }
    }

    @Test
    void aMachineHeldStillGoesOnWhateverHappens() {
        try (QemuProcess qemu = start()) {
            assertThat(qemu.qmp().running()).isTrue();
            try (LiveSystem view = LiveSystem.open(options().stopping())) {
                assertThat(qemu.qmp().running()).isFalse();
                assertThat(view.source()).contains("held still");
            }
            assertThat(qemu.qmp().running()).isTrue();
            QmpClient lost = QmpClient.connect(dir.resolve("qmp"), RealQemu.PATIENCE);
            try (VmStop stop = new VmStop(lost, dir.resolve("qmp"), RealQemu.PATIENCE)) {
                assertThat(stop.stopped()).isTrue();
                lost.close();
                assertThat(qemu.qmp().running()).isFalse();
            }
            assertThat(qemu.qmp().running()).isTrue();
            LiveOptions wrong = options().stopping().withRam(dir.resolve("absent"));
            assertThatThrownBy(() -> LiveSystem.open(wrong)).isInstanceOf(QemuError.class);
            assertThat(qemu.qmp().running()).isTrue();
        }
    }

    @Test
    void aMachineThatWasPausedStaysPaused() {
        try (QemuProcess qemu = start("-S")) {
            LiveSystem.open(options().stopping()).close();
            assertThat(qemu.qmp().running()).isFalse();
        }
    }

    @Test
    void aFileThatIsNotThisMachinesRamIsRefused() throws IOException {
        try (QemuProcess qemu = startWithRamFile()) {
            qemu.qtest().fill(RAM, 16 << 20, 0x11);
            Path other = dir.resolve("other");
            Files.write(other, new byte[16 << 20]);
            assertThatThrownBy(() -> LiveSystem.open(options().withRam(other)))
                    .isInstanceOf(QemuError.class)
                    .hasMessageContaining("does not hold this machine's RAM");
            Files.write(other, new byte[1 << 20]);
            assertThatThrownBy(() -> LiveSystem.open(options().withRam(other)))
                    .isInstanceOf(QemuError.class)
                    .hasMessageContaining("smaller");
        }
    }

    @Test
    void nobodyThereIsSaid() {
        assertThatThrownBy(() -> LiveSystem.open(LiveOptions.of(dir.resolve("nobody"))))
                .isInstanceOf(QemuError.class)
                .hasMessageContaining("nobody");
    }
}
