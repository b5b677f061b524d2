package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.PciHost;
import java.util.List;

/// The tables in which little varies (ACPI 6.5, chapter 5).
final class FixedTables {

    private static final long NOWHERE = -1;
    private static final long UART = 0x0900_0000;
    private static final int UART_INTID = 33;
    private static final int SERIAL_PORT = 0x8000;
    private static final int PL011 = 3;
    private static final int START_BY_MMIO = 6;
    private static final int TPM_LOG = 64 << 10;
    private static final int PSCI_COMPLIANT = 1;
    private static final int PSCI_USE_HVC = 2;

    private FixedTables() {}

    /// 5.2.5.3: the one structure that is found by its address, revision 2, with an XSDT only.
    static byte[] rsdp(long xsdt, AcpiBoard.Oem oem) {
        TableBytes out = new TableBytes().text("RSD PTR ").zeros(1 + 6).u8(2).u32(0);
        byte[] rsdp = out.u32(36).u64(xsdt).u8(0).zeros(3).toArray();
        AcpiTable.write(oem.id(), rsdp, 9, 6);
        rsdp[8] = AcpiTable.checksum(rsdp, 20);
        rsdp[32] = AcpiTable.checksum(rsdp, 36);
        return rsdp;
    }

    /// 5.2.8: where the other tables are.
    static byte[] xsdt(List<Long> tables) {
        TableBytes out = new TableBytes();
        tables.forEach(out::u64);
        return AcpiTable.of("XSDT", 1, out);
    }

    /// 5.2.9, revision 6.3, or 6.0 until 8.2: hardware-reduced, how PSCI is called, and where the
    /// DSDT is.
    static byte[] fadt(long dsdt, Board board) {
        int psci =
                switch (board.world().psci()) {
                    case "" -> 0;
                    case "hvc" -> PSCI_COMPLIANT | PSCI_USE_HVC;
                    default -> PSCI_COMPLIANT;
                };
        TableBytes out = new TableBytes();
        out.zeros(112 - AcpiTable.HEADER).u32(1 << 20); // HW_REDUCED_ACPI
        out.zeros(129 - 116).u16(psci); // ARM_BOOT_ARCH
        out.u8(board.release().isAtLeast(9, 0) ? 3 : 0); // minor revision
        out.zeros(8).u64(dsdt).zeros(268 - 148);
        return AcpiTable.of("FACP", 6, out.text("QEMU").u32(0));
    }

    /// 5.2.25, revision 3, or 2 until 8.2: the timers' PPIs; the non-secure EL1 timer is always on.
    static byte[] gtdt(Board board) {
        boolean el2 = board.cpu().el2VirtualTimer() && board.machine().isAtLeast(9, 0);
        TableBytes out = new TableBytes().u64(NOWHERE).u32(0);
        out.u32(29).u32(0); // secure EL1
        out.u32(30).u32(1 << 2); // non-secure EL1
        out.u32(27).u32(0); // virtual EL1
        out.u32(26).u32(0); // EL2
        out.u64(NOWHERE).u32(0).u32(0);
        if (!board.release().isAtLeast(9, 0)) {
            return AcpiTable.of("GTDT", 2, out);
        }
        return AcpiTable.of("GTDT", 3, out.u32(el2 ? 28 : 0).u32(0)); // virtual EL2
    }

    /// PCI Firmware 3.3, 4.1.2: where configuration space is.
    static byte[] mcfg(PciHost pci) {
        TableBytes out = new TableBytes().zeros(8).u64(pci.ecam().base());
        return AcpiTable.of("MCFG", 1, out.u16(0).u8(0).u8(pci.buses() - 1L).u32(0));
    }

    /// SPCR revision 2: the console is a PL011.
    static byte[] spcr(Board board) {
        TableBytes out = new TableBytes().u8(3).zeros(3);
        uart(out, board);
        out.u8(8).u8(0).u32(UART_INTID); // a GIC interrupt
        out.u8(3).u8(0).u8(1).u8(2).zeros(2); // 9600 baud, 1 stop bit, RTS/CTS, VT100
        out.u16(0xffff).u16(0xffff).zeros(12); // not a PCI device
        return AcpiTable.of("SPCR", 2, out);
    }

    /// DBG2 revision 0: the same PL011, `COM0`, for a debugger.
    static byte[] dbg2(Board board) {
        String name = "COM0";
        int registers = 22;
        int sizes = registers + 12;
        int names = sizes + 4;
        TableBytes out = new TableBytes().u32(AcpiTable.HEADER + 8L).u32(1);
        out.u8(0).u16(names + name.length() + 1L).u8(1).u16(name.length() + 1L).u16(names);
        out.u16(0).u16(0); // no OEM data
        out.u16(SERIAL_PORT).u16(PL011).u16(0).u16(registers).u16(sizes);
        uart(out, board).u32(0x1000);
        return AcpiTable.of("DBG2", 0, out.text(name).u8(0));
    }

    /// A generic address (5.2.3.2): memory, accessed by 32 bits; by bytes until 8.2.
    private static TableBytes uart(TableBytes out, Board board) {
        boolean words = board.release().isAtLeast(9, 0);
        return out.u8(0).u8(words ? 32 : 8).u8(0).u8(words ? 3 : 1).u64(UART);
    }

    /// TCG ACPI 1.4, revision 4: a TPM with a FIFO in memory. Firmware puts the address of its log
    /// at the end.
    static byte[] tpm2() {
        TableBytes out = new TableBytes().u16(0).u16(0).u64(0).u32(START_BY_MMIO).zeros(12);
        return AcpiTable.of("TPM2", 4, out.u32(TPM_LOG).u64(0));
    }
}
