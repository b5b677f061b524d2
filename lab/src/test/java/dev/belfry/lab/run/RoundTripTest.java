package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.InputError;
import dev.belfry.lab.run.FirmwareLab.Table;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every table that Belfry writes, taken apart and put together again by `iasl`, and every tree by
/// `dtc`: what comes back is what was written. Where a version of `iasl` cannot give a table back,
/// the reason stands here, and everything else of that table is compared.
class RoundTripTest {

    /// Since then `iasl` knows the IORT as it is from revision 5 on: numbers of nodes, RMR nodes.
    private static final int KNOWS_RMR = 2021_0331;

    /// 80 bytes, as the MADT's revision 4 has it; with ACPI 6.5 an interrupt follows.
    private static final int GICC = 80;

    private static final String ACCELERATED =
            Runs.KVM
                    + " -device pxb-pcie,id=pcie.1,bus_nr=8,bus=pcie.0"
                    + " -device pxb-pcie,id=pcie.2,bus_nr=32,bus=pcie.0"
                    + " -device arm-smmuv3,primary-bus=pcie.1,id=s1,accel=on,ats=on"
                    + " -device arm-smmuv3,primary-bus=pcie.2,id=s2,accel=on,ril=off,ats=off,oas=44"
                    + ",ssidsize=0"
                    + " -device pcie-root-port,id=rp,bus=pcie.1,chassis=1"
                    + " -device pcie-root-port,id=rq,bus=pcie.2,chassis=2"
                    + " -device vfio-pci,host=0009:01:00.0,bus=rp,iommufd=iommufd0";

    @TempDir Path directory;

    /// Distinct tables of all command lines, with the line that each was first seen in.
    private static final Map<Table, String> TABLES = new LinkedHashMap<>();

    @BeforeAll
    static void build(@TempDir Path flash) throws IOException, InputError {
        for (CommandLines.Line line : CommandLines.ofAnyQemu()) {
            String options = CommandLines.withFlash(line.options(), flash);
            add("qemu-system-aarch64 " + options, line.newest());
            if (options.contains("smmuv3")) {
                add("qemu-system-aarch64 " + options, line.oldest());
            }
        }
        add(ACCELERATED, FirmwareLab.Request.NEWEST);
        add(ACCELERATED + " -M ras=on", FirmwareLab.Request.NEWEST);
    }

    private static void add(String line, String release) throws InputError {
        for (Table t : Trees.build(line, release).tables()) {
            TABLES.putIfAbsent(new Table(t.file(), "", t.bytes()), line);
        }
    }

    @Test
    void iaslGivesBackWhatWasWritten() throws IOException {
        Iasl iasl = Iasl.in(directory);
        List<String> wrong = new ArrayList<>();
        int compared = 0;
        for (Map.Entry<Table, String> e : TABLES.entrySet()) {
            Table t = e.getKey();
            // Neither has the header that iasl wants of a file.
            if (t.file().equals("virt.dtb") || t.file().equals("RSDP.bin")) {
                continue;
            }
            compared++;
            String problem = problem(iasl, t.file().substring(0, 4), t.bytes().toArray());
            if (!problem.isEmpty()) {
                wrong.add(t.file() + " of " + e.getValue() + ": " + problem);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(compared).isGreaterThan(150);
    }

    @Test
    void dtcGivesBackWhatWasWritten() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<Table, String> e : TABLES.entrySet()) {
            if (e.getKey().file().equals("virt.dtb")) {
                byte[] tree = e.getKey().bytes().toArray();
                Path blob = Files.write(directory.resolve("tree.dtb"), tree);
                Path text = directory.resolve("tree.dts");
                Path back = directory.resolve("back.dtb");
                convert("dtb", blob, "dts", text);
                convert("dts", text, "dtb", back);
                // A string that ends another is kept once by dtc (`status`, `secure-status`).
                boolean same =
                        e.getValue().contains("secure=on")
                                ? Trees.normalised("dtb", Files.readAllBytes(back), directory)
                                        .equals(Trees.normalised("dtb", tree, directory))
                                : Arrays.equals(tree, Files.readAllBytes(back));
                if (!same) {
                    wrong.add(e.getValue());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static void convert(String from, Path in, String to, Path out) throws IOException {
        Trees.run("dtc", "-q", "-I", from, "-O", to, "-o", out.toString(), in.toString());
    }

    private static String problem(Iasl iasl, String name, byte[] table) throws IOException {
        String listing = iasl.listing(table);
        if (listing.contains("Incorrect checksum")) {
            return "its checksum is wrong";
        }
        if (listing.contains("Unknown ACPI table signature [VIOT]")) {
            return iasl.version() < KNOWS_RMR ? "" : "a VIOT is not known";
        }
        boolean reserves = name.equals("IORT") && hasReservedMemory(table);
        if (reserves && iasl.version() < KNOWS_RMR) {
            return listing.contains("Type : 06") ? "" : "no RMR node is reached";
        }
        Iasl.Compiled compiled = iasl.compile(listing);
        if (name.equals("SPCR") && compiled.messages().contains("\"Precise Baud rate\" needed")) {
            return ""; // newer ones compile revision 4 only
        }
        byte[] back = compiled.table().toArray();
        if (back.length == 0) {
            return compiled.messages();
        }
        boolean same =
                switch (name) {
                    // Constant counts are written as a Package, where QEMU has a VarPackage; and
                    // RMR descriptors before mappings, where QEMU has mappings first.
                    case "DSDT" -> fields(listing).equals(fields(iasl.listing(back)));
                    case "IORT" ->
                            reserves
                                    ? sorted(listing).equals(sorted(iasl.listing(back)))
                                    : Arrays.equals(numbered(iasl, table), numbered(iasl, back));
                    case "APIC" ->
                            Arrays.equals(plain(table), plain(back))
                                    || Arrays.equals(body(table), shortened(back));
                    default -> Arrays.equals(plain(table), plain(back));
                };
        return same ? "" : "what comes back differs";
    }

    /// Without checksum, and without whose compiler it was.
    private static byte[] plain(byte[] table) {
        byte[] plain = table.clone();
        plain[9] = 0;
        Arrays.fill(plain, 28, 36, (byte) 0);
        return plain;
    }

    /// Older versions take the number of a node for a reserved word, and write 0; all write 0 for
    /// the place of no mappings.
    private static byte[] numbered(Iasl iasl, byte[] iort) {
        byte[] plain = plain(iort);
        for (int at = 48; at + 16 <= plain.length; at += Math.max(16, length(plain, at + 1))) {
            if (iasl.version() < KNOWS_RMR) {
                Arrays.fill(plain, at + 4, at + 8, (byte) 0);
            }
            if (plain[at + 8] == 0) {
                plain[at + 12] = 0;
            }
        }
        return plain;
    }

    private static boolean hasReservedMemory(byte[] iort) {
        for (int at = 48; at + 16 <= iort.length; at += Math.max(16, length(iort, at + 1))) {
            if (iort[at] == 6) {
                return true;
            }
        }
        return false;
    }

    private static int length(byte[] table, int at) {
        return (table[at] & 0xff) | ((table[at + 1] & 0xff) << 8);
    }

    private static byte[] body(byte[] table) {
        return Arrays.copyOfRange(table, 36, table.length);
    }

    /// Newer versions write the GICC of ACPI 6.5 whatever the revision is: cut as it was.
    private static byte[] shortened(byte[] madt) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(madt, 36, 8);
        for (int at = 44; at + 2 <= madt.length; ) {
            int length = Math.max(2, madt[at + 1] & 0xff);
            boolean longer = madt[at] == 0xb && length == GICC + 2;
            byte[] structure = Arrays.copyOfRange(madt, at, at + (longer ? GICC : length));
            structure[1] = (byte) structure.length;
            out.writeBytes(structure);
            at += length;
        }
        return out.toByteArray();
    }

    /// Its lines, without comments and positions.
    private static List<String> fields(String listing) {
        int raw = listing.indexOf("Raw Table Data");
        return (raw < 0 ? listing : listing.substring(0, raw))
                .replaceAll("(?s)/\\*.*?\\*/", "")
                .lines()
                .map(l -> l.replaceFirst("^\\[[^\\]]*\\]\\s*", "").strip())
                .filter(l -> !l.isEmpty() && !l.startsWith("//"))
                .filter(l -> !l.contains("Checksum") && !l.contains("Compiler"))
                .filter(l -> !l.startsWith("DefinitionBlock"))
                .toList();
    }

    private static List<String> sorted(String listing) {
        return fields(listing).stream()
                .filter(l -> !l.matches("(Mapping|RMR Descriptor) Offset : .*"))
                .sorted()
                .toList();
    }
}
