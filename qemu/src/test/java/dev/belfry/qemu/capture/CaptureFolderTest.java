package dev.belfry.qemu.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.pci.spec.CapabilityId;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.system.ItsTables;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.Frame;
import dev.belfry.model.system.SystemView.Function;
import dev.belfry.model.system.SystemView.Ram;
import dev.belfry.qemu.pci.MsixTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CaptureFolderTest {

    static List<Path> captures() {
        return Captures.all();
    }

    @Test
    void thereAreHealthyAndBrokenCaptures() {
        assertThat(captures()).hasSizeGreaterThan(10);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void everyRegisterLineIsAnswered(Path folder) throws IOException {
        Snapshot view = CaptureFolder.read(folder);
        assertThat(view.smmus()).hasSize(1);
        assertThat(view.itss()).hasSize(1);
        assertThat(view.redistributors()).hasSize(2);
        assertThat(view.itsTables(view.itss().getFirst())).isEqualTo(ItsTables.QEMU);
        check(folder, "smmu-regs.txt", view.smmus().getFirst(), 0x9050000);
        check(folder, "its-regs.txt", view.itss().getFirst(), 0x8080000);
        check(folder, "gicr0-regs.txt", view.redistributors().get(0), 0x80a0000);
        check(folder, "gicr1-regs.txt", view.redistributors().get(1), 0x80c0000);
    }

    private static void check(Path folder, String file, Frame frame, long base) throws IOException {
        assertThat(frame.base()).isEqualTo(base);
        int checked = 0;
        for (String line : Files.readAllLines(folder.resolve(file))) {
            if (!line.startsWith("#") && !line.isBlank()) {
                String[] words = line.split(" ");
                assertThat(frame.registers().read32(Long.parseLong(words[0], 16)))
                        .as(file + " " + line)
                        .hasValue(Long.parseLong(words[1], 16));
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(20);
        assertThat(frame.registers().read32(0x8000)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void memoryHoldsWhatTheIndependentWalkSaw(Path folder) throws IOException {
        Snapshot view = CaptureFolder.read(folder);
        Map<Long, Long> words = walkedWords(folder);
        assertThat(words).hasSizeGreaterThan(30);
        Ram ram = view.ram().getFirst();
        words.forEach((address, value) -> {
            // One case points a table at where no RAM is: nothing answers there.
            boolean inRam = address - ram.base() < ram.size();
            assertThat(view.memory().accepts(address, 8)).isEqualTo(inRam);
            assertThat(view.memory().read(address, 8)).isEqualTo(inRam ? value : 0L);
        });
    }

    /// 8-byte words that walk.txt names: `@0xADDRESS = 0xVALUE` and the words of each STE and CD.
    static Map<Long, Long> walkedWords(Path folder) throws IOException {
        String walk = Files.readString(folder.resolve("walk.txt"));
        Map<Long, Long> out = new HashMap<>();
        Matcher one = Pattern.compile("@0x([0-9a-f]+) = 0x([0-9a-f]{16})").matcher(walk);
        while (one.find()) {
            out.put(hex(one.group(1)), hex(one.group(2)));
        }
        Matcher many = Pattern.compile("@0x([0-9a-f]+)[^:\n]*:((?: [0-9a-f]{16})+)").matcher(walk);
        while (many.find()) {
            long address = hex(many.group(1));
            for (String word : many.group(2).strip().split(" ")) {
                out.put(address, hex(word));
                address += 8;
            }
        }
        return out;
    }

    private static long hex(String digits) {
        return Long.parseUnsignedLong(digits, 16);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aPageThatWasNotCapturedIsNotAccepted(Path folder) {
        Snapshot view = CaptureFolder.read(folder);
        assertThat(view.ram()).containsExactly(new Ram(0x40000000L, 512L << 20));
        long captured = view.memory().addresses().getLast();
        assertThat(view.memory().accepts(captured, 4096)).isTrue();
        assertThat(view.memory().accepts(captured, 4097)).isFalse();
        assertThat(view.memory().accepts(captured + 4096, 1)).isFalse();
        assertThat(view.memory().accepts(0, 8)).isFalse();
        assertThat(view.memory().accepts(-8, 16)).isFalse();
        assertThat(view.memory().accepts(captured, Long.MAX_VALUE)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void functionsAndVectorsAreThoseOfTheText(Path folder) throws IOException {
        Map<String, Function> functions = new HashMap<>();
        CaptureFolder.read(folder)
                .functions()
                .forEach(f -> functions.put(f.bdf().withoutSegment(), f));
        List<String> seen = new ArrayList<>();
        Function current = functions.values().iterator().next();
        for (String line : Files.readAllLines(folder.resolve("pci-msix.txt"))) {
            if (!line.startsWith(" ")) {
                seen.add(line.substring(0, 7));
                current = Objects.requireNonNull(functions.get(line.substring(0, 7)), line);
                header(line, current);
            } else if (line.contains("(pa 0x")) {
                table(line, current);
            } else if (line.contains("] addr=")) {
                entry(line, current);
            }
        }
        assertThat(functions).containsOnlyKeys(seen);
    }

    private static void header(String line, Function f) {
        ConfigSpace config = ConfigSpace.of(f.config());
        assertThat(line)
                .contains("%04x:%04x".formatted(config.read(0, 2), config.read(2, 2)))
                .contains("cmd=%04x".formatted(config.read(4, 2)))
                .contains("bars=%08x %08x".formatted(config.read(16, 4), config.read(20, 4)));
    }

    private static void table(String line, Function f) {
        assertThat(line)
                .contains("(pa 0x%x)".formatted(f.msixTableAddress()))
                .contains("entries=%d ".formatted(f.msixTable().length() / 16));
    }

    private static void entry(String line, Function f) {
        Matcher m = Pattern.compile("\\[(\\d+)] addr=(\\w+) data=(\\w+) ctl=(\\w+)").matcher(line);
        assertThat(m.find()).isTrue();
        ByteBuffer table = ByteBuffer.wrap(f.msixTable().toArray()).order(ByteOrder.LITTLE_ENDIAN);
        int at = 16 * Integer.parseInt(m.group(1));
        assertThat(table.getLong(at)).isEqualTo(hex(m.group(2)));
        assertThat(Integer.toUnsignedLong(table.getInt(at + 8))).isEqualTo(hex(m.group(3)));
        assertThat(Integer.toUnsignedLong(table.getInt(at + 12))).isEqualTo(hex(m.group(4)));
    }

    @ParameterizedTest
    @MethodSource("captures")
    void configurationPutTogetherFromTextAgreesWithEcam(Path folder) throws IOException {
        Map<Integer, Bytes> text =
                PciText.parse("t", Files.readString(folder.resolve("pci-msix.txt")));
        // The devices are the same in every capture; only here is there an ECAM image.
        for (Function f : CaptureFolder.read(Captures.folder("translated")).functions()) {
            ConfigSpace ecam = ConfigSpace.of(f.config());
            ConfigSpace ours =
                    ConfigSpace.of(Objects.requireNonNull(text.get(f.bdf().routingId())));
            for (CapabilityId id :
                    List.of(
                            CapabilityId.POWER_MANAGEMENT,
                            CapabilityId.MSI,
                            CapabilityId.PCI_EXPRESS,
                            CapabilityId.MSI_X)) {
                assertThat(ours.find(id)).isEqualTo(ecam.find(id));
            }
            assertThat(MsixTable.of(ours)).isEqualTo(MsixTable.of(ecam));
        }
    }

    static Stream<Damage> damages() {
        return Stream.of(
                new Damage("meta.json", "[]"),
                new Damage("meta.json", "{\"ram_base\": \"many\", \"ram_size\": 1}"),
                new Damage("meta.json", "{\"a\":"),
                new Damage("pages.bin.gz", "nothing compressed"),
                new Damage("smmu-regs.txt", "# SMMUv3 base=0x9050000\n00000 what\n"),
                new Damage("smmu-regs.txt", "# Sofa base=0x9050000\n00000 1\n"),
                new Damage("pci-msix.txt", "00:02.0 and so on\n"),
                new Damage("pci-msix.txt", "00:ff.0 rid=0x0010 1b36:0010 cmd=0406 bars= caps=\n"),
                new Damage("msix-00.02.0.bin", "short"));
    }

    record Damage(String file, String content) {}

    @ParameterizedTest
    @MethodSource("damages")
    void aDamagedFileIsOneClearError(Damage damage, @TempDir Path dir) throws IOException {
        try (Stream<Path> files = Files.list(Captures.folder("faults/none"))) {
            for (Path file : files.toList()) {
                Files.copy(file, dir.resolve(file.getFileName()));
            }
        }
        Files.write(dir.resolve(damage.file), damage.content.getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> CaptureFolder.read(dir))
                .isInstanceOf(CaptureError.class)
                .hasMessageContaining(damage.file)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void aFolderWithoutMetaIsNoCapture(@TempDir Path dir) {
        assertThatThrownBy(() -> CaptureFolder.read(dir))
                .isInstanceOf(CaptureError.class)
                .hasMessageContaining("meta.json");
    }
}
