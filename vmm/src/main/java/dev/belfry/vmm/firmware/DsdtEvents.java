package dev.belfry.vmm.firmware;

import static dev.belfry.vmm.firmware.Aml.bits;
import static dev.belfry.vmm.firmware.Aml.field;
import static dev.belfry.vmm.firmware.Aml.integer;
import static dev.belfry.vmm.firmware.Aml.name;
import static dev.belfry.vmm.firmware.Aml.path;
import static dev.belfry.vmm.firmware.Aml.region;
import static dev.belfry.vmm.firmware.Aml.serialized;
import static dev.belfry.vmm.firmware.Aml.string;
import static dev.belfry.vmm.firmware.AmlCode.and;
import static dev.belfry.vmm.firmware.AmlCode.equal;
import static dev.belfry.vmm.firmware.AmlCode.local;
import static dev.belfry.vmm.firmware.AmlCode.store;
import static dev.belfry.vmm.firmware.AmlCode.when;

import java.util.ArrayList;
import java.util.List;

/// The Generic Event Device (ACPI 6.5, 5.6.9): one interrupt, and a register that says what
/// happened.
final class DsdtEvents {

    private static final long REGISTERS = 0x908_0000;
    private static final int INTID = 41;
    private static final int MEMORY = 1;
    private static final int POWER = 1 << 1;
    private static final int ERROR = 1 << 5;

    private DsdtEvents() {}

    static byte[] device(Board board) {
        List<byte[]> events = new ArrayList<>();
        events.add(store(path("ESEL"), local(0)));
        if (board.acpi().memorySlots() > 0) {
            events.add(on(MEMORY, AmlCode.call("\\_SB.MHPC.MSCN")));
        }
        events.add(on(POWER, AmlCode.notify(DsdtBoard.POWER_BUTTON, DsdtBoard.HAPPENED)));
        if (board.release().isAtLeast(10, 2)) {
            events.add(on(ERROR, AmlCode.notify(DsdtBoard.ERROR_DEVICE, DsdtBoard.HAPPENED)));
        }
        return Aml.device(
                "\\_SB.GED",
                name("_HID", string("ACPI0013")),
                name("_UID", string("GED")),
                DsdtBoard.resources(new ResourceTemplate().edgeInterrupt(INTID)),
                region("EREG", REGISTERS, 4),
                field("EREG", Aml.Access.WORDS_ELSE_ZERO, bits("ESEL", 32)),
                serialized("_EVT", 1, events.toArray(byte[][]::new)));
    }

    private static byte[] on(int event, byte[] reaction) {
        byte[] bit = and(local(0), integer(event), AmlCode.NOWHERE);
        return when(equal(bit, integer(event)), reaction);
    }
}
