package dev.belfry.vmm.firmware;

import static dev.belfry.vmm.firmware.Aml.buffer;
import static dev.belfry.vmm.firmware.Aml.device;
import static dev.belfry.vmm.firmware.Aml.integer;
import static dev.belfry.vmm.firmware.Aml.name;
import static dev.belfry.vmm.firmware.Aml.packageOf;
import static dev.belfry.vmm.firmware.Aml.serialized;
import static dev.belfry.vmm.firmware.Aml.string;
import static dev.belfry.vmm.firmware.AmlCode.argument;
import static dev.belfry.vmm.firmware.AmlCode.call;
import static dev.belfry.vmm.firmware.AmlCode.derefOf;
import static dev.belfry.vmm.firmware.AmlCode.equal;
import static dev.belfry.vmm.firmware.AmlCode.giveBack;
import static dev.belfry.vmm.firmware.AmlCode.index;
import static dev.belfry.vmm.firmware.AmlCode.less;
import static dev.belfry.vmm.firmware.AmlCode.local;
import static dev.belfry.vmm.firmware.AmlCode.not;
import static dev.belfry.vmm.firmware.AmlCode.store;
import static dev.belfry.vmm.firmware.AmlCode.when;

import dev.belfry.vmm.firmware.FirmwareInputs.Slot;
import java.util.ArrayList;
import java.util.List;

/// The functions on `pcie.0` and below its bridges. A function that cannot be unplugged may have a
/// number for its name (`acpi-index`), which `_DSM` tells (PCI Firmware 3.3, 4.6.7).
final class DsdtFunctions {

    private static final int NAMING = 7;
    private static final int NAMING_IS_THERE = 1 | 1 << NAMING;

    private DsdtFunctions() {}

    static byte[] scope(List<Slot> slots) {
        List<byte[]> terms = new ArrayList<>();
        terms.add(naming());
        slots.forEach(slot -> terms.add(slot(slot)));
        return Aml.scope("\\_SB.PCI0", terms);
    }

    private static byte[] slot(Slot slot) {
        int devfn = slot.devfn();
        List<byte[]> terms = new ArrayList<>();
        terms.add(name("_ADR", integer((long) (devfn >>> 3) << 16 | (devfn & 7))));
        slot.below().forEach(below -> terms.add(slot(below)));
        slot.acpiIndex().ifPresent(number -> terms.add(named(number)));
        return device(String.format("S%02X", devfn), terms);
    }

    private static byte[] named(int number) {
        return serialized(
                "_DSM",
                4,
                store(packageOf(integer(number)), local(0)),
                giveBack(
                        call(
                                "EDSM",
                                argument(0),
                                argument(1),
                                argument(2),
                                argument(3),
                                local(0))));
    }

    /// What all of them call, with a package of their number as the fifth argument.
    private static byte[] naming() {
        byte[] answer = local(0);
        byte[] uuid = Aml.uuid(DsdtPci.PCI_DSM);
        return serialized(
                "EDSM",
                5,
                when(
                        equal(argument(2), integer(0)),
                        store(buffer((byte) 0), answer),
                        when(not(equal(argument(0), uuid)), giveBack(answer)),
                        when(less(argument(1), integer(2)), giveBack(answer)),
                        store(integer(NAMING_IS_THERE), index(answer, 0)),
                        giveBack(answer)),
                when(
                        equal(argument(2), integer(NAMING)),
                        store(packageOf(integer(0), string("")), answer),
                        store(derefOf(index(argument(4), 0)), local(1)),
                        store(local(1), index(answer, 0)),
                        giveBack(answer)));
    }
}
