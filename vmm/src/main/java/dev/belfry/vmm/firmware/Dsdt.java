package dev.belfry.vmm.firmware;

import static dev.belfry.vmm.firmware.Aml.integer;
import static dev.belfry.vmm.firmware.Aml.name;
import static dev.belfry.vmm.firmware.Aml.string;

import java.util.ArrayList;
import java.util.List;

/// The Differentiated System Description Table: the namespace of the machine's devices, in QEMU's
/// order.
final class Dsdt {

    private Dsdt() {}

    static byte[] build(FirmwareInputs inputs) {
        Board board = inputs.board();
        DsdtBoard soldered = new DsdtBoard(inputs);
        List<byte[]> devices = new ArrayList<>(soldered.cpusAndPorts());
        devices.addAll(new DsdtPci(inputs).hostBridges());
        if (board.eventDevice()) {
            devices.add(DsdtEvents.device(board));
            if (board.acpi().memorySlots() > 0) {
                devices.addAll(DsdtMemory.devices(board.acpi().memorySlots()));
            }
        } else {
            devices.add(soldered.gpio());
        }
        devices.addAll(soldered.buttonsAndTpm());
        for (FirmwareInputs.Smmu smmu : inputs.smmus()) {
            smmu.cmdqv().ifPresent(c -> devices.add(cmdqv(smmu.identifier().orElse(0), c)));
        }
        TableBytes body = new TableBytes().bytes(Aml.scope("\\_SB", devices));
        if (board.release().isAtLeast(10, 1)) {
            body.bytes(DsdtFunctions.scope(inputs.pci().slots()));
        }
        return AcpiTable.of("DSDT", 2, body);
    }

    /// A guest finds it by the identifier of the SMMU's IORT node.
    private static byte[] cmdqv(int identifier, FirmwareInputs.Cmdqv cmdqv) {
        return Aml.device(
                String.format("CV%02d", identifier % 100),
                name("_HID", string("NVDA200C")),
                name("_UID", integer(identifier)),
                name("_CCA", integer(1)),
                DsdtBoard.resources(
                        new ResourceTemplate()
                                .cacheable64(cmdqv.frame())
                                .edgeInterrupt(cmdqv.intId())));
    }
}
