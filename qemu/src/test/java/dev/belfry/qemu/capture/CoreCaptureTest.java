package dev.belfry.qemu.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.Function;
import dev.belfry.model.system.SystemView.Ram;
import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.qemu.process.RealQemu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class CoreCaptureTest {

    private static final long RAM = 0x40000000L;

    @TempDir Path dir;

    private Path registers() throws IOException {
        StringBuilder all = new StringBuilder();
        Path folder = Captures.folder("translated");
        for (String part :
                List.of("smmu-regs.txt", "pci-msix.txt", "its-regs.txt", "gicr0-regs.txt")) {
            all.append(Files.readString(folder.resolve(part)));
        }
        return Files.writeString(dir.resolve("registers.txt"), all);
    }

    private Path dump() {
        List<String> arguments =
                List.of("-M", "virt", "-nodefaults", "-m", "16M", "-S", "-cpu", "cortex-a57");
        Path core = dir.resolve("core");
        try (QemuProcess qemu = QemuProcess.start(arguments, RealQemu.PATIENCE)) {
            qemu.qtest().write(RAM + 0x5008, 8, 0x1122334455667788L);
            qemu.qmp()
                    .execute(
                            "dump-guest-memory",
                            JsonMapper.shared()
                                    .createObjectNode()
                                    .put("paging", false)
                                    .put("protocol", "file:" + core));
        }
        return core;
    }

    @Test
    void aCoreOfARealQemuIsItsMemory() throws IOException {
        RealQemu.required();
        Snapshot capture = CaptureFolder.read(Captures.folder("translated"));
        try (CoreCapture view = CoreCapture.open(dump(), registers())) {
            assertThat(view.ram()).contains(new Ram(RAM, 16 << 20));
            assertThat(view.memory().read(RAM + 0x5008, 8)).isEqualTo(0x1122334455667788L);
            assertThat(view.memory().read(RAM + 0x500b, 4)).isEqualTo(0x22334455L);
            byte[] bytes = new byte[2];
            assertThat(view.memory().readBytes(RAM + 0x5008, bytes, 0, 2)).isTrue();
            assertThat(bytes).containsExactly(0x88, 0x77);
            assertThat(view.memory().accepts(RAM + (16 << 20), 1)).isFalse();
            assertThat(view.memory().accepts(RAM - 1, 8)).isFalse();
            assertThat(view.smmus().getFirst().registers())
                    .isEqualTo(capture.smmus().getFirst().registers());
            assertThat(view.itss().getFirst().registers())
                    .isEqualTo(capture.itss().getFirst().registers());
            assertThat(view.redistributors()).hasSize(1);
            check(view.functions(), capture.functions());
            assertThat(view.notes()).anyMatch(n -> n.contains("00:02.0"));
        }
    }

    /// The text lists the first entries of long tables; the rest is masked.
    private static void check(List<Function> ours, List<Function> captured) {
        assertThat(ours)
                .extracting(Function::bdf)
                .isEqualTo(captured.stream().map(Function::bdf).toList());
        for (int i = 0; i < ours.size(); i++) {
            Bytes table = ours.get(i).msixTable();
            assertThat(table.length()).isEqualTo(captured.get(i).msixTable().length());
            byte[] expected = captured.get(i).msixTable().toArray();
            for (int at = 4 * 16; at < expected.length; at++) {
                expected[at] = (byte) (at % 16 == 12 ? 1 : 0);
            }
            int listed = Math.min(expected.length, 4 * 16);
            assertThat(Arrays.copyOf(table.toArray(), listed))
                    .isEqualTo(Arrays.copyOf(expected, listed));
            assertThat(table).isEqualTo(Bytes.of(expected));
        }
    }

    @Test
    void whatIsNoCoreIsOneClearError() throws IOException {
        Path registers = registers();
        Path text = Files.writeString(dir.resolve("text"), "no ELF".repeat(100));
        assertThatThrownBy(() -> CoreCapture.open(text, registers))
                .isInstanceOf(CaptureError.class)
                .hasMessageContaining("not a 64-bit little-endian ELF core");
        assertThatThrownBy(() -> CoreCapture.open(dir.resolve("absent"), registers))
                .isInstanceOf(CaptureError.class)
                .hasMessageContaining("absent");
        assertThatThrownBy(() -> CoreCapture.open(text, text))
                .isInstanceOf(CaptureError.class)
                .hasMessageContaining("text line 1");
    }

    @Test
    void damagedCoresAreRefusedOrAnswerWithinThemselves() throws IOException {
        RealQemu.required();
        Path registers = registers();
        byte[] good = Arrays.copyOf(Files.readAllBytes(dump()), 4096);
        Path cut = Files.write(dir.resolve("cut"), good);
        assertThatThrownBy(() -> CoreCapture.open(cut, registers))
                .isInstanceOf(CaptureError.class)
                .hasMessageContaining("ends before");
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 300; i++) {
            byte[] bad = good.clone();
            for (int n = 0; n < 4; n++) {
                bad[random.nextInt(256)] = (byte) random.nextInt(256);
            }
            Path file = Files.write(dir.resolve("bad"), bad);
            try (CoreCapture view = CoreCapture.open(file, registers)) {
                for (Ram ram : view.ram()) {
                    view.memory().read(ram.base() + ram.size() - 8, 8);
                    assertThat(view.memory().accepts(ram.base(), ram.size() + 1)).isFalse();
                }
            } catch (CaptureError e) {
                assertThat(e.getMessage()).contains("bad");
            }
        }
    }
}
