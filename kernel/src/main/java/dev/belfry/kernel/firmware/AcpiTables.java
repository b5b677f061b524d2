package dev.belfry.kernel.firmware;

import dev.belfry.model.bits.Hex;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The ACPI tables of a machine: RSDP, XSDT, and what it lists; and the DSDT, which the FADT names
/// (ACPI 6.5, 5.2).
public final class AcpiTables {

    private static final byte[] RSDP = "RSD PTR ".getBytes(StandardCharsets.US_ASCII);
    private static final int RSDP_LENGTH = 36;
    private static final int RSDP_V1_LENGTH = 20;
    private static final int HEADER = 36;
    private static final int FADT_DSDT = 40;
    private static final int FADT_X_DSDT = 140;
    private static final int MAX_TABLE = 1 << 20;
    private static final int MAX_TABLES = 256;
    private static final int PAGE = 4096;
    private static final int RSDP_ALIGNMENT = 8;

    /// A table.
    ///
    /// @param signature four characters
    /// @param address of its first byte
    /// @param length in bytes, header included
    /// @param checksumValid whether its bytes add up to 0; Linux reads it all the same
    public record Entry(String signature, long address, int length, boolean checksumValid) {}

    private final FirmwareMemory memory;
    private final List<Entry> entries;

    private AcpiTables(FirmwareMemory memory, List<Entry> entries) {
        this.memory = memory;
        this.entries = entries;
    }

    /// The tables that an RSDP leads to.
    ///
    /// @param rsdp its address
    /// @throws FirmwareError when there is no RSDP, or no XSDT
    public static AcpiTables at(FirmwareMemory memory, long rsdp) {
        Table root = new Table("RSDP", memory.read(rsdp, RSDP_LENGTH));
        if (!validRsdp(root)) {
            throw new FirmwareError("no RSDP of revision 2 at " + Hex.of(rsdp));
        }
        AcpiTables tables = new AcpiTables(memory, new ArrayList<>());
        Entry xsdt = tables.entry(root.u64(24));
        if (!xsdt.signature().equals("XSDT")) {
            throw new FirmwareError("no XSDT at " + Hex.of(xsdt.address()));
        }
        Table list = tables.read(xsdt);
        int count = Math.min((list.length() - HEADER) / 8, MAX_TABLES);
        for (int i = 0; i < count; i++) {
            tables.entries.add(tables.entry(list.u64(HEADER + 8L * i)));
        }
        tables.addDsdt();
        return tables;
    }

    /// Searches memory for an RSDP by its signature and checksums.
    ///
    /// @param first where to begin
    /// @param size how many bytes to search; pages that cannot be read are passed over
    /// @return the tables of the first RSDP that leads to an XSDT
    public static Optional<AcpiTables> find(FirmwareMemory memory, long first, long size) {
        return new SignatureSearch(memory, RSDP, RSDP_ALIGNMENT)
                .in(first, size, PAGE, address -> at(memory, address));
    }

    /// All tables, in the XSDT's order; the DSDT is last.
    public List<Entry> entries() {
        return List.copyOf(entries);
    }

    /// The first table with a signature.
    public Optional<Entry> entry(String signature) {
        return entries.stream().filter(e -> e.signature().equals(signature)).findFirst();
    }

    /// The Multiple APIC Description Table.
    public Optional<Madt> madt() {
        return entry("APIC").map(e -> Madt.read(read(e)));
    }

    /// The table of configuration spaces.
    public Optional<Mcfg> mcfg() {
        return entry("MCFG").map(e -> Mcfg.read(read(e)));
    }

    /// The IO Remapping Table.
    public Optional<Iort> iort() {
        return entry("IORT").map(e -> Iort.read(read(e)));
    }

    /// PCI host bridges of the Differentiated System Description Table.
    public Optional<Dsdt> dsdt() {
        return entry("DSDT").map(e -> Dsdt.read(read(e)));
    }

    private void addDsdt() {
        Optional<Table> fadt = entry("FACP").map(this::read);
        if (fadt.isEmpty()) {
            return;
        }
        boolean extended = fadt.get().length() >= FADT_X_DSDT + 8;
        long wide = extended ? fadt.get().u64(FADT_X_DSDT) : 0;
        long address = wide != 0 ? wide : fadt.get().u32(FADT_DSDT);
        if (address != 0) {
            entries.add(entry(address));
        }
    }

    private Entry entry(long address) {
        Table header = new Table("header", memory.read(address, HEADER));
        String signature = header.text(0, 4);
        long length = header.u32(4);
        if (length < HEADER || length > MAX_TABLE) {
            throw header.malformed("a table of " + length + " bytes", address);
        }
        byte[] bytes = memory.read(address, (int) length);
        return new Entry(signature, address, (int) length, sum(bytes, bytes.length) == 0);
    }

    private Table read(Entry entry) {
        return new Table(entry.signature(), memory.read(entry.address(), entry.length()));
    }

    private static boolean validRsdp(Table rsdp) {
        byte[] bytes = rsdp.copy(0, RSDP_LENGTH);
        return Arrays.equals(bytes, 0, RSDP.length, RSDP, 0, RSDP.length)
                && rsdp.u8(15) >= 2
                && sum(bytes, RSDP_V1_LENGTH) == 0
                && sum(bytes, RSDP_LENGTH) == 0;
    }

    private static int sum(byte[] bytes, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += bytes[i];
        }
        return sum & 0xff;
    }
}
