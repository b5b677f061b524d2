package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.lab.InputError;
import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.qemu.qtest.QtestClient;
import dev.belfry.vmm.version.QemuVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// ACPI tables against those that the QEMU on PATH has ready for its guest's firmware.
///
/// Checksums are left to firmware, so they are 0 there. What an older QEMU has differently is named
/// in [#asOlderQemusHaveIt].
class AcpiAgainstQemuTest {

    private static final long FW_CFG = 0x902_0000;
    private static final int DIRECTORY = 0x19;
    private static final int ITS_STRUCTURE = 20;
    private static final int FIRST_NODE = 48;
    private static final int ITS_GROUP = 0;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-M virt,gic-version=3 -cpu max -smp 2",
                "-M virt,gic-version=3,iommu=smmuv3 -cpu cortex-a57 -smp 3",
                "-M virt,gic-version=3,iommu=smmuv3,default_bus_bypass_iommu=on -cpu cortex-a57",
                "-M virt,gic-version=2,iommu=smmuv3 -cpu cortex-a57 -smp 4",
                "-M virt,gic-version=3,its=off,iommu=smmuv3 -cpu max",
                "-M virt,gic-version=3,its=off -cpu max,pmu=off",
                "-M virt,gic-version=3,virtualization=on -cpu max -smp 20",
                "-M virt,gic-version=3 -cpu cortex-a72 -smp 130",
                "-M virt,gic-version=3,iommu=smmuv3 -cpu max"
                        + " -device pxb-pcie,id=pcie.1,bus_nr=8,bus=pcie.0",
                "-M virt,gic-version=3,iommu=smmuv3 -cpu max"
                        + " -device pxb-pcie,id=pcie.1,bus_nr=8,bus=pcie.0,bypass_iommu=on",
            })
    void dataTablesAreQemus(String options) throws InputError, IOException {
        assumeTrue(
                QemuProcess.find().isPresent(),
                "SKIPPED: there is no qemu-system-aarch64 on PATH to compare with");
        QemuVersion release = DeviceTreeTest.release();
        Map<String, byte[]> qemus = tables(options);
        FirmwareLab.Report ours =
                Trees.build("qemu-system-aarch64 -nodefaults " + options, release.toString());
        List<String> same = new ArrayList<>(List.of("APIC", "MCFG", "GTDT", "FACP", "IORT"));
        // Older QEMUs have an ITS in these even where the machine has none: with its=off, and in
        // the
        // IORT with a GICv2 as well.
        if (table(qemus, "APIC").length == Trees.file(ours, "APIC.dat").length + ITS_STRUCTURE) {
            same.remove("APIC");
        }
        if (table(qemus, "IORT")[FIRST_NODE] == ITS_GROUP
                && Trees.file(ours, "IORT.dat")[FIRST_NODE] != ITS_GROUP) {
            same.remove("IORT");
        }
        for (String name : same) {
            byte[] expected = table(qemus, name);
            byte[] table = asOlderQemusHaveIt(name, Trees.file(ours, name + ".dat"), expected);
            table[9] = 0;
            if (name.equals("FACP")) {
                Arrays.fill(table, 140, 148, (byte) 0);
                Arrays.fill(expected, 140, 148, (byte) 0);
            }
            assertThat(hex(table)).as(name + " of " + options).isEqualTo(hex(expected));
        }
    }

    /// Before accelerated SMMUs and their RMR nodes, the IORT is revision 3. QEMU 7.2 has the FADT
    /// of ACPI 6.0, a GTDT without the virtual EL2 timer, and an IORT whose root complex maps count
    /// one id too many.
    private static byte[] asOlderQemusHaveIt(String name, byte[] table, byte[] qemus) {
        ByteBuffer ours = ByteBuffer.wrap(table.clone()).order(ByteOrder.LITTLE_ENDIAN);
        switch (name) {
            case "FACP" -> {
                if (qemus[131] == 0) {
                    ours.put(131, (byte) 0);
                }
            }
            case "GTDT" -> {
                if (qemus[8] == 2) {
                    ours.putInt(4, 96).put(8, (byte) 2);
                    return Arrays.copyOf(ours.array(), 96);
                }
            }
            case "IORT" -> {
                ByteBuffer theirs = ByteBuffer.wrap(qemus).order(ByteOrder.LITTLE_ENDIAN);
                if (qemus[8] == 3) {
                    ours.put(8, (byte) 3);
                }
                for (int map = rootComplexMaps(ours); map < table.length; map += 20) {
                    boolean tooMany =
                            theirs.limit() == table.length && (theirs.getInt(map + 4) & 0xff) == 0;
                    if (tooMany) {
                        ours.putInt(map + 4, ours.getInt(map + 4) + 1);
                    }
                }
            }
            default -> {}
        }
        return ours.array();
    }

    private static int rootComplexMaps(ByteBuffer iort) {
        int node = 48;
        while (node < iort.limit() && iort.get(node) != 2) {
            node += iort.getShort(node + 1);
        }
        return node + 36;
    }

    private static byte[] table(Map<String, byte[]> tables, String name) {
        return Objects.requireNonNull(tables.get(name), name);
    }

    private static String hex(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            out.append(i % 16 == 0 ? "\n%04x:".formatted(i) : "")
                    .append(" %02x".formatted(bytes[i]));
        }
        return out.toString();
    }

    private static Map<String, byte[]> tables(String options) {
        List<String> words = new ArrayList<>(List.of("-nodefaults", "-S", "-display", "none"));
        words.addAll(List.of(options.split(" ")));
        try (QemuProcess qemu = QemuProcess.start(words, Duration.ofSeconds(60))) {
            QtestClient qtest = qemu.qtest();
            ByteBuffer directory = ByteBuffer.wrap(file(qtest, DIRECTORY, 4 + 64 * 64));
            int count = directory.getInt();
            for (int i = 0; i < count; i++) {
                int size = directory.getInt();
                int key = directory.getShort() & 0xffff;
                byte[] name = new byte[58];
                directory.get(name);
                String text = new String(name, 2, 56, StandardCharsets.US_ASCII);
                if (text.substring(0, text.indexOf('\0')).equals("etc/acpi/tables")) {
                    return split(file(qtest, key, Math.min(size, 48 << 10)));
                }
            }
        }
        throw new AssertionError("no ACPI tables");
    }

    /// Reads a file: its number goes to the selector, big-endian, and its bytes come one after the
    /// other from the data register.
    private static byte[] file(QtestClient qtest, int key, int size) {
        qtest.write(FW_CFG + 8, 2, Short.toUnsignedLong(Short.reverseBytes((short) key)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (out.size() < size) {
            long word = qtest.read(FW_CFG, 8);
            for (int i = 0; i < 8; i++) {
                out.write((int) (word >>> (8 * i)));
            }
        }
        return Arrays.copyOf(out.toByteArray(), size);
    }

    private static Map<String, byte[]> split(byte[] blob) {
        Map<String, byte[]> tables = new HashMap<>();
        ByteBuffer in = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + 36 <= blob.length; ) {
            int length = in.getInt(at + 4);
            if (length < 36 || length > blob.length - at) {
                at += 4;
                continue;
            }
            String name = new String(blob, at, 4, StandardCharsets.US_ASCII);
            tables.put(name, Arrays.copyOfRange(blob, at, at + length));
            at += length;
        }
        return tables;
    }
}
