package dev.belfry.vmm.firmware;

import dev.belfry.model.address.Gpa;
import dev.belfry.model.journey.Bytes;
import dev.belfry.vmm.firmware.FirmwareImage.Blob;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// All tables, one right behind the other, in QEMU's order: DSDT first, as the FADT needs its
/// address; the XSDT last, as it has the addresses of all others.
final class AcpiImage {

    private final FirmwareInputs inputs;
    private final Board board;
    private final List<Blob> blobs = new ArrayList<>();

    /// Addresses that the XSDT lists.
    private final List<Long> listed = new ArrayList<>();

    private Gpa next;

    AcpiImage(FirmwareInputs inputs, Gpa first) {
        this.inputs = inputs;
        this.board = inputs.board();
        this.next = first;
    }

    /// @param rsdp where the RSDP shall be
    List<Blob> blobs(Gpa rsdp) {
        Optional<Hest> errors = errors();
        long dsdt = next.value();
        add("DSDT", Dsdt.build(inputs));
        table("FACP", FixedTables.fadt(dsdt, board));
        processors();
        table("MCFG", FixedTables.mcfg(inputs.pci()));
        console();
        errors.ifPresent(hest -> table("HEST", hest.table()));
        numa();
        if (board.acpi().cxl()) {
            table("CEDT", AcpiTable.of("CEDT", 1, new TableBytes()));
        }
        table("IORT", Iort.build(inputs));
        board.acpi().tpm().ifPresent(_ -> table("TPM2", FixedTables.tpm2()));
        board.virtioIommu().ifPresent(id -> table("VIOT", Viot.build(id, inputs.pci())));
        long xsdt = next.value();
        add("XSDT", FixedTables.xsdt(listed));
        blobs.addFirst(
                new Blob("RSDP", rsdp, Bytes.of(FixedTables.rsdp(xsdt, board.acpi().oem()))));
        return blobs;
    }

    /// What the tables of errors refer to lies before all tables.
    private Optional<Hest> errors() {
        if (!board.acpi().errors() || !board.eventDevice()) {
            return Optional.empty();
        }
        Hest hest = new Hest(board, next.value());
        Blob shared = new Blob("hardware errors", next, Bytes.of(hest.shared()));
        blobs.add(shared);
        next = shared.end().plus(FirmwareImage.ALIGNMENT - 1L).alignDown(6);
        return Optional.of(hest);
    }

    private void processors() {
        table("APIC", Madt.build(inputs));
        if (board.release().isAtLeast(11, 1)) {
            // QEMU lists a table here that it does not make: the next one is there twice.
            list();
        }
        if (board.machine().isAtLeast(6, 2)) {
            table("PPTT", Pptt.build(board));
        }
        table("GTDT", FixedTables.gtdt(board));
    }

    private void console() {
        if (board.acpi().spcr()) {
            table("SPCR", FixedTables.spcr(board));
        } else {
            // Listed and not made, likewise.
            list();
        }
        table("DBG2", FixedTables.dbg2(board));
    }

    private void numa() {
        if (!board.numa().memory().isEmpty()) {
            table("SRAT", NumaTables.srat(inputs));
            if (!board.numa().distances().isEmpty()) {
                table("SLIT", NumaTables.slit(board.numa().distances()));
            }
            board.numa()
                    .attributes()
                    .ifPresent(said -> table("HMAT", new Hmat(board, said).table()));
        }
    }

    private void table(String name, byte[] bytes) {
        list();
        add(name, bytes);
    }

    private void list() {
        listed.add(next.value());
    }

    private void add(String name, byte[] bytes) {
        byte[] table = AcpiTable.sealed(bytes, board.acpi().oem());
        blobs.add(new Blob(name, next, Bytes.of(table)));
        next = next.plus(table.length);
    }
}
