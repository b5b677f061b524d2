package dev.belfry.lab.run;

import dev.belfry.guest.uefi.PciBoot;
import dev.belfry.lab.explain.QemuMachine;
import dev.belfry.qemu.guestport.QtestMachine;
import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.vmm.machine.MachineDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The ACPI tables of a real QEMU, after its buses were numbered as Belfry's firmware numbers them.
final class QemuTables {

    private static final String TABLES = "etc/acpi/tables";
    private static final String RSDP = "etc/acpi/rsdp";

    private QemuTables() {}

    /// @param options of the QEMU on PATH
    /// @param machine the same machine as Belfry reads it
    /// @param addresses where its files shall be
    /// @return by name, in QEMU's order, the RSDP first
    static Map<String, byte[]> read(
            List<String> options, MachineDescription machine, Map<String, Long> addresses) {
        List<String> words = new ArrayList<>(options);
        words.add("-S");
        try (QemuProcess qemu = QemuProcess.start(words, Duration.ofSeconds(60))) {
            var port = new QemuMachine(QtestMachine.of(qemu.qmp(), qemu.qtest()));
            PciBoot.run(port, Platform.board(machine));
            Map<String, byte[]> files =
                    TableLoader.load(
                            new FwCfg(qemu.qtest(), machine.map().ram().base().value()), addresses);
            Map<String, byte[]> out = new LinkedHashMap<>();
            out.put("RSDP", file(files, RSDP));
            split(file(files, TABLES), out);
            return out;
        }
    }

    private static byte[] file(Map<String, byte[]> files, String name) {
        byte[] file = files.get(name);
        if (file == null) {
            throw new AssertionError("QEMU loads no " + name);
        }
        return file;
    }

    private static void split(byte[] blob, Map<String, byte[]> tables) {
        ByteBuffer in = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (at + 36 <= blob.length && in.getInt(at) != 0) {
            int length = in.getInt(at + 4);
            String name = new String(blob, at, 4, StandardCharsets.US_ASCII);
            tables.put(name, Arrays.copyOfRange(blob, at, at + length));
            at += length;
        }
    }
}
