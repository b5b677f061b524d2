package dev.belfry.qemu.served;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.FrameKind;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.capture.CaptureFolder;
import dev.belfry.qemu.live.LiveOptions;
import dev.belfry.qemu.live.LiveSystem;
import dev.belfry.qemu.qtest.QtestClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The captures are of a real QEMU (README beside them); here they answer in its stead.
class ServedViewTest {

    private static final Path CAPTURE = Path.of("src/test/resources/captures/translated");

    @TempDir Path dir;

    private static void assertSame(SystemView live, Snapshot captured) {
        assertThat(live.functions()).isEqualTo(captured.functions());
        assertThat(live.ram()).isEqualTo(captured.ram());
        for (FrameKind kind : List.of(FrameKind.SMMU, FrameKind.ITS, FrameKind.REDISTRIBUTOR)) {
            assertThat(live.frames(kind))
                    .as(kind.name())
                    .extracting(SystemView.Frame::base)
                    .isEqualTo(captured.frames(kind).stream().map(f -> f.base()).toList());
        }
        assertThat(live.smmus().getFirst().registers().read64(0x80))
                .isEqualTo(captured.smmus().getFirst().registers().read64(0x80))
                .isNotEmpty();
        for (long page : captured.memory().addresses()) {
            byte[] bytes = new byte[4096];
            assertThat(live.memory().readBytes(page, bytes, 0, bytes.length)).isTrue();
            assertThat(dev.belfry.model.journey.Bytes.of(bytes))
                    .isEqualTo(captured.memory().page(page));
        }
        assertThat(live.changes()).isEmpty();
    }

    @Test
    void aServedCaptureIsReadAsALiveMachineByEitherSocket() {
        Snapshot captured = CaptureFolder.read(CAPTURE);
        try (ServedView served = new ServedView(captured, dir)) {
            LiveOptions monitor = LiveOptions.of(served.qmp());
            try (LiveSystem live = LiveSystem.open(monitor)) {
                assertThat(live.source()).contains("registers through the monitor (xp)");
                assertSame(live, captured);
            }
            try (LiveSystem live = LiveSystem.open(monitor.withQtest(served.qtest()))) {
                assertThat(live.source()).contains("registers through qtest");
                assertSame(live, captured);
            }
        }
    }

    @Test
    void whatItCannotDoIsAnErrorOfThatProtocol() {
        try (ServedView served = new ServedView(CaptureFolder.read(CAPTURE), dir);
                QtestClient qtest = QtestClient.connect(served.qtest(), Duration.ofSeconds(10))) {
            assertThatThrownBy(() -> qtest.write(0x40000000, 4, 1))
                    .isInstanceOf(QemuError.class)
                    .hasMessageContaining("Unknown command");
            assertThatThrownBy(() -> qtest.command("readl nonsense")).isInstanceOf(QemuError.class);
        }
    }
}
