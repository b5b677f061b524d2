package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.InputError;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.version.QemuVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// All ACPI tables, pointers and checksums included, against those that the QEMU on PATH (or the
/// one that `BELFRY_QEMU` names) has for its guest's firmware. That firmware is Belfry's on both
/// sides: it numbers buses and places BARs of the real QEMU through qtest.
class AcpiAgainstQemuTest {

    private static final int CHECKSUM = 9;

    /// The address that begins what the VMM and the guest share about errors.
    private static final int FIRST_SOURCE = 64;

    @TempDir Path directory;

    static List<String> lines() throws IOException {
        return CommandLines.forThisQemu().stream().filter(l -> !l.contains("acpi=off")).toList();
    }

    @ParameterizedTest
    @MethodSource("lines")
    void theTablesAreQemus(String options) throws InputError, IOException {
        QemuVersion release = CommandLines.release();
        String line = CommandLines.withFlash(options, directory);
        Map<String, byte[]> ours = new LinkedHashMap<>();
        Trees.build("qemu-system-aarch64 " + line, release.toString())
                .tables()
                .forEach(t -> ours.put(t.file().substring(0, 4), t.bytes().toArray()));
        ours.remove("virt");
        List<String> words = List.of(line.split(" "));
        List<String> command = new ArrayList<>(List.of("qemu-system-aarch64"));
        command.addAll(words);
        MachineDescription machine =
                CheckedMachine.read(RunLab.parse(new RunRequest.Source.Words(command))).machine();
        Map<String, byte[]> qemus =
                QemuTables.read(
                        words,
                        machine,
                        Map.of(
                                "etc/acpi/tables",
                                firstTable(ours),
                                "etc/hardware_errors",
                                word(ours.getOrDefault("HEST", new byte[72]), FIRST_SOURCE)));
        assertThat(ours.keySet()).containsExactlyElementsOf(qemus.keySet());
        List<String> differing = new ArrayList<>();
        ours.forEach((name, table) -> {
            byte[] qemu = qemus.getOrDefault(name, new byte[0]);
            int at = firstDifference(table, qemu);
            if (at >= 0) {
                differing.add(name + ": " + around(table, at) + " not" + around(qemu, at));
            }
        });
        assertThat(differing).as(options).isEmpty();
    }

    /// Tables lie one behind the other, and the XSDT last.
    private static long firstTable(Map<String, byte[]> tables) {
        byte[] rsdp = tables.getOrDefault("RSDP", new byte[36]);
        long xsdt = word(rsdp, 24);
        long before =
                tables.entrySet().stream()
                        .filter(e -> !e.getKey().equals("RSDP") && !e.getKey().equals("XSDT"))
                        .mapToLong(e -> e.getValue().length)
                        .sum();
        return xsdt - before;
    }

    private static long word(byte[] table, int at) {
        return ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
    }

    /// A checksum differs as soon as anything does, so it counts only when nothing else does.
    private static int firstDifference(byte[] a, byte[] b) {
        if (a.length == b.length && a.length > CHECKSUM) {
            int behind =
                    Arrays.mismatch(
                            Arrays.copyOfRange(a, CHECKSUM + 1, a.length),
                            Arrays.copyOfRange(b, CHECKSUM + 1, b.length));
            if (behind >= 0) {
                return behind + CHECKSUM + 1;
            }
        }
        return Arrays.mismatch(a, b);
    }

    private static String around(byte[] bytes, int at) {
        StringBuilder out = new StringBuilder(" %d bytes, from 0x%x:".formatted(bytes.length, at));
        for (int i = at; i < Math.min(at + 16, bytes.length); i++) {
            out.append(" %02x".formatted(bytes[i]));
        }
        return out.toString();
    }
}
