package dev.belfry.vmm.firmware;

import static dev.belfry.vmm.firmware.Aml.bits;
import static dev.belfry.vmm.firmware.Aml.device;
import static dev.belfry.vmm.firmware.Aml.each;
import static dev.belfry.vmm.firmware.Aml.field;
import static dev.belfry.vmm.firmware.Aml.integer;
import static dev.belfry.vmm.firmware.Aml.join;
import static dev.belfry.vmm.firmware.Aml.method;
import static dev.belfry.vmm.firmware.Aml.mutex;
import static dev.belfry.vmm.firmware.Aml.name;
import static dev.belfry.vmm.firmware.Aml.path;
import static dev.belfry.vmm.firmware.Aml.serialized;
import static dev.belfry.vmm.firmware.Aml.string;
import static dev.belfry.vmm.firmware.AmlCode.acquire;
import static dev.belfry.vmm.firmware.AmlCode.add;
import static dev.belfry.vmm.firmware.AmlCode.argument;
import static dev.belfry.vmm.firmware.AmlCode.call;
import static dev.belfry.vmm.firmware.AmlCode.dwordField;
import static dev.belfry.vmm.firmware.AmlCode.equal;
import static dev.belfry.vmm.firmware.AmlCode.giveBack;
import static dev.belfry.vmm.firmware.AmlCode.less;
import static dev.belfry.vmm.firmware.AmlCode.local;
import static dev.belfry.vmm.firmware.AmlCode.loop;
import static dev.belfry.vmm.firmware.AmlCode.otherwise;
import static dev.belfry.vmm.firmware.AmlCode.release;
import static dev.belfry.vmm.firmware.AmlCode.store;
import static dev.belfry.vmm.firmware.AmlCode.subtract;
import static dev.belfry.vmm.firmware.AmlCode.toInteger;
import static dev.belfry.vmm.firmware.AmlCode.when;

import dev.belfry.vmm.firmware.Aml.Access;
import java.util.List;

/// Slots for memory that is plugged while the machine runs: registers that show one slot at a time,
/// and a device for each slot that selects it there (QEMU docs/specs/acpi_mem_hotplug.rst).
final class DsdtMemory {

    private static final long REGISTERS = 0x907_0000;
    private static final int LENGTH = 0x18;
    private static final String LOCK = "MLCK";
    private static final byte[] ONE = integer(1);
    private static final byte[] SELECTOR = path("MSEL");
    private static final byte[] RESULT = local(0);

    private DsdtMemory() {}

    static List<byte[]> devices(int slots) {
        byte[] registers =
                device(
                        "\\_SB.MHPD",
                        name("_HID", string("PNP0A06")),
                        name("_UID", string("Memory hotplug resources")),
                        DsdtBoard.resources(new ResourceTemplate().fixed(REGISTERS, LENGTH)),
                        Aml.region("HPMR", REGISTERS, LENGTH));
        byte[] controller =
                device(
                        "\\_SB.MHPC",
                        name("_HID", string("PNP0A06")),
                        name("_UID", string("DIMM devices")),
                        name("MDNR", integer(slots)),
                        fields(),
                        method("_STA", 0, noneWithoutSlots(), giveBack(integer(0xb))),
                        mutex(LOCK),
                        scan(),
                        status(),
                        whereItIs(),
                        proximity(),
                        report(),
                        eject(),
                        join(each(slots, DsdtMemory::slot)),
                        method("MTFY", 2, each(slots, DsdtMemory::tell)));
        return List.of(registers, controller);
    }

    private static byte[] fields() {
        String region = "\\_SB.MHPD.HPMR";
        return join(
                field(
                        region,
                        Access.WORDS_KEPT,
                        bits("MRBL", 32),
                        bits("MRBH", 32),
                        bits("MRLL", 32),
                        bits("MRLH", 32),
                        bits("MPX", 32)),
                field(
                        region,
                        Access.BYTES_ELSE_ZERO,
                        Aml.unnamedBits(160),
                        bits("MES", 1),
                        bits("MINS", 1),
                        bits("MRMV", 1),
                        bits("MEJ", 1)),
                field(
                        region,
                        Access.WORDS_KEPT,
                        bits("MSEL", 32),
                        bits("MOEV", 32),
                        bits("MOSC", 32)));
    }

    private static byte[] noneWithoutSlots() {
        return when(equal(path("MDNR"), integer(0)), giveBack(integer(0)));
    }

    /// Tells every slot in which something came, or from which something is wanted back.
    private static byte[] scan() {
        byte[] slot = local(0);
        return method(
                "MSCN",
                0,
                noneWithoutSlots(),
                store(integer(0), slot),
                acquire(LOCK),
                loop(
                        less(slot, path("MDNR")),
                        store(slot, SELECTOR),
                        ifSet("MINS", slot, 1),
                        otherwise(ifSet("MRMV", slot, 3)),
                        add(slot, ONE, slot)),
                release(LOCK),
                giveBack(ONE));
    }

    private static byte[] ifSet(String flag, byte[] slot, int notification) {
        return when(
                equal(path(flag), ONE),
                call("MTFY", slot, integer(notification)),
                store(ONE, path(flag)));
    }

    private static byte[] select() {
        return join(acquire(LOCK), store(toInteger(argument(0)), SELECTOR));
    }

    private static byte[] answer() {
        return join(release(LOCK), giveBack(RESULT));
    }

    private static byte[] status() {
        return method(
                "MRST",
                1,
                store(integer(0), RESULT),
                select(),
                when(equal(path("MES"), ONE), store(integer(0xf), RESULT)),
                answer());
    }

    private static byte[] proximity() {
        return method("MPXM", 1, select(), store(path("MPX"), RESULT), answer());
    }

    private static byte[] report() {
        return method(
                "MOST",
                4,
                select(),
                store(argument(1), path("MOEV")),
                store(argument(2), path("MOSC")),
                release(LOCK));
    }

    private static byte[] eject() {
        return method("MEJ0", 2, select(), store(ONE, path("MEJ")), release(LOCK));
    }

    /// `_CRS`, computed in halves: last = first + length - 1.
    private static byte[] whereItIs() {
        byte[] wide = path("MR64");
        return serialized(
                "MCRS",
                1,
                select(),
                name("MR64", new ResourceTemplate().anyMemory(true).toAml()),
                dwordField(wide, 14, "MINL"),
                dwordField(wide, 18, "MINH"),
                dwordField(wide, 38, "LENL"),
                dwordField(wide, 42, "LENH"),
                dwordField(wide, 22, "MAXL"),
                dwordField(wide, 26, "MAXH"),
                store(path("MRBH"), path("MINH")),
                store(path("MRBL"), path("MINL")),
                store(path("MRLH"), path("LENH")),
                store(path("MRLL"), path("LENL")),
                lastAddress(),
                when(equal(path("MAXH"), integer(0)), below4g()),
                release(LOCK),
                giveBack(wide));
    }

    private static byte[] lastAddress() {
        byte[] low = path("MAXL");
        byte[] high = path("MAXH");
        return join(
                add(path("MINL"), path("LENL"), low),
                add(path("MINH"), path("LENH"), high),
                when(less(low, path("MINL")), add(high, ONE, high)),
                when(less(low, ONE), subtract(high, ONE, high)),
                subtract(low, ONE, low));
    }

    private static byte[] below4g() {
        byte[] narrow = path("MR32");
        return join(
                name("MR32", new ResourceTemplate().anyMemory(false).toAml()),
                dwordField(narrow, 10, "MIN"),
                dwordField(narrow, 14, "MAX"),
                dwordField(narrow, 22, "LEN"),
                store(path("MINL"), path("MIN")),
                store(path("MAXL"), path("MAX")),
                store(path("LENL"), path("LEN")),
                release(LOCK),
                giveBack(narrow));
    }

    private static byte[] slot(int number) {
        byte[] self = path("_UID");
        return device(
                String.format("MP%02X", number),
                name("_UID", string(String.format("0x%02X", number))),
                name("_HID", Aml.eisaId("PNP0C80")),
                method("_CRS", 0, giveBack(call("MCRS", self))),
                method("_STA", 0, giveBack(call("MRST", self))),
                method("_PXM", 0, giveBack(call("MPXM", self))),
                method("_OST", 3, call("MOST", self, argument(0), argument(1), argument(2))),
                method("_EJ0", 1, call("MEJ0", self, argument(0))));
    }

    private static byte[] tell(int slot) {
        return when(
                equal(argument(0), integer(slot)),
                AmlCode.notify(String.format("MP%02X", slot), argument(1)));
    }
}
