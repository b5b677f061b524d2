package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// An ITS command (IHI 0069 5.3): 32 bytes, four little-endian doublewords.
///
/// Redistributors are named by `rdbase`, the contents of bits 51:16 as a number: the processor
/// number while GITS_TYPER.PTA = 0, bits 51:16 of the frame's physical address while it is 1.
public sealed interface ItsCommand {
    Field OPCODE = bits(7, 0);
    Field DEVICE_ID = bits(63, 32);
    Field EVENT_ID = bits(31, 0);
    Field PINTID = bits(63, 32);
    Field SIZE = bits(4, 0);
    Field ITT_ADDR = bits(51, 8);
    Field ICID = bits(15, 0);
    Field RDBASE = bits(51, 16);
    Field VALID = bit(63);
    Field VPEID = bits(47, 32);
    Field DOORBELL = bits(63, 32);
    Field VINTID = bits(31, 0);
    Field MOVES_DOORBELL = bit(0);
    Field VPT_ADDR = bits(51, 16);
    Field SEQUENCE = bits(47, 32);
    Field ITS_LIST = bits(15, 0);

    /// Bytes of a command.
    int BYTES = 32;

    /// Maps a device to its interrupt translation table, or unmaps it.
    ///
    /// @param size bits of its EventIDs less one, 0..31
    /// @param ittAddr physical address, 256-byte aligned
    record Mapd(int deviceId, int size, long ittAddr, boolean valid) implements ItsCommand {}

    /// Maps a collection to a Redistributor, or unmaps it.
    record Mapc(int icid, long rdbase, boolean valid) implements ItsCommand {}

    /// Maps an event to an LPI in a collection.
    record Mapti(int deviceId, int eventId, int pIntid, int icid) implements ItsCommand {}

    /// As MAPTI, with the EventID as INTID.
    record Mapi(int deviceId, int eventId, int icid) implements ItsCommand {}

    /// Moves an event, and its pending state, to another collection.
    record Movi(int deviceId, int eventId, int icid) implements ItsCommand {}

    /// Moves the pending state of all LPIs from one Redistributor to another.
    record Movall(long rdbase1, long rdbase2) implements ItsCommand {}

    /// Makes the Redistributor read an event's LPI configuration again.
    record Inv(int deviceId, int eventId) implements ItsCommand {}

    /// Makes a collection's Redistributor read all LPI configuration again.
    record Invall(int icid) implements ItsCommand {}

    /// Raises an event as its device would.
    record Int(int deviceId, int eventId) implements ItsCommand {}

    /// Clears an event's pending state.
    record Clear(int deviceId, int eventId) implements ItsCommand {}

    /// Clears an event's pending state and unmaps it.
    record Discard(int deviceId, int eventId) implements ItsCommand {}

    /// Waits for the effects of what was before it on a Redistributor.
    record Sync(long rdbase) implements ItsCommand {}

    /// GICv4: maps a vPE to a Redistributor and to its pending table, or unmaps it.
    ///
    /// @param vptAddr physical address of its virtual pending table, 64 KiB aligned
    /// @param vptSize bits of its INTIDs less one, 0..31
    record Vmapp(int vpeid, long rdbase, long vptAddr, int vptSize, boolean valid)
            implements ItsCommand {}

    /// GICv4: maps an event to a virtual LPI of a vPE.
    ///
    /// @param doorbell physical LPI that tells of it while the vPE is not resident, or 1023
    record Vmapti(int deviceId, int eventId, int vpeid, int vIntid, int doorbell)
            implements ItsCommand {}

    /// GICv4: as VMAPTI, with the EventID as INTID.
    record Vmapi(int deviceId, int eventId, int vpeid, int doorbell) implements ItsCommand {}

    /// GICv4: moves an event, and its pending state, to another vPE.
    ///
    /// @param movesDoorbell whether `doorbell` replaces the event's
    record Vmovi(int deviceId, int eventId, int vpeid, boolean movesDoorbell, int doorbell)
            implements ItsCommand {}

    /// GICv4: moves a vPE to another Redistributor.
    ///
    /// @param sequence number of the move, where several ITSs need one each
    /// @param itsList those ITSs, a bit each
    record Vmovp(int vpeid, long rdbase, int sequence, int itsList) implements ItsCommand {}

    /// GICv4: waits for the effects of what was before it on a vPE.
    record Vsync(int vpeid) implements ItsCommand {}

    /// GICv4: makes the Redistributor read all LPI configuration of a vPE again.
    record Vinvall(int vpeid) implements ItsCommand {}

    /// Any other: GICv4.1 commands, and what is none.
    record Unknown(int opcode, long dw0, long dw1, long dw2, long dw3) implements ItsCommand {}

    /// The command that four doublewords are. Total; bits that a command does not use are dropped.
    static ItsCommand decode(long dw0, long dw1, long dw2, long dw3) {
        int device = (int) DEVICE_ID.get(dw0);
        int event = (int) EVENT_ID.get(dw1);
        int icid = ICID.getInt(dw2);
        boolean valid = VALID.isSet(dw2);
        int opcode = OPCODE.getInt(dw0);
        return switch (opcode) {
            case 0x01 -> new Movi(device, event, icid);
            case 0x03 -> new Int(device, event);
            case 0x04 -> new Clear(device, event);
            case 0x05 -> new Sync(RDBASE.get(dw2));
            case 0x08 -> new Mapd(device, SIZE.getInt(dw1), ITT_ADDR.inPlace(dw2), valid);
            case 0x09 -> new Mapc(icid, RDBASE.get(dw2), valid);
            case 0x0a -> new Mapti(device, event, (int) PINTID.get(dw1), icid);
            case 0x0b -> new Mapi(device, event, icid);
            case 0x0c -> new Inv(device, event);
            case 0x0d -> new Invall(icid);
            case 0x0e -> new Movall(RDBASE.get(dw2), RDBASE.get(dw3));
            case 0x0f -> new Discard(device, event);
            default -> virtual(dw0, dw1, dw2, dw3);
        };
    }

    private static ItsCommand virtual(long dw0, long dw1, long dw2, long dw3) {
        int device = (int) DEVICE_ID.get(dw0);
        int event = (int) EVENT_ID.get(dw1);
        int vpeid = VPEID.getInt(dw1);
        int doorbell = (int) DOORBELL.get(dw2);
        int opcode = OPCODE.getInt(dw0);
        return switch (opcode) {
            case 0x21 -> new Vmovi(device, event, vpeid, MOVES_DOORBELL.isSet(dw2), doorbell);
            case 0x22 ->
                    new Vmovp(vpeid, RDBASE.get(dw2), SEQUENCE.getInt(dw0), ITS_LIST.getInt(dw1));
            case 0x25 -> new Vsync(vpeid);
            case 0x29 ->
                    new Vmapp(
                            vpeid,
                            RDBASE.get(dw2),
                            VPT_ADDR.inPlace(dw3),
                            SIZE.getInt(dw3),
                            VALID.isSet(dw2));
            case 0x2a -> new Vmapti(device, event, vpeid, (int) VINTID.get(dw2), doorbell);
            case 0x2b -> new Vmapi(device, event, vpeid, doorbell);
            case 0x2d -> new Vinvall(vpeid);
            default -> new Unknown(opcode, dw0, dw1, dw2, dw3);
        };
    }

    /// Its opcode, 0..255.
    default int opcode() {
        return switch (this) {
            case Movi _ -> 0x01;
            case Int _ -> 0x03;
            case Clear _ -> 0x04;
            case Sync _ -> 0x05;
            case Mapd _ -> 0x08;
            case Mapc _ -> 0x09;
            case Mapti _ -> 0x0a;
            case Mapi _ -> 0x0b;
            case Inv _ -> 0x0c;
            case Invall _ -> 0x0d;
            case Movall _ -> 0x0e;
            case Discard _ -> 0x0f;
            case Vmovi _ -> 0x21;
            case Vmovp _ -> 0x22;
            case Vsync _ -> 0x25;
            case Vmapp _ -> 0x29;
            case Vmapti _ -> 0x2a;
            case Vmapi _ -> 0x2b;
            case Vinvall _ -> 0x2d;
            case Unknown u -> u.opcode;
        };
    }

    /// The specification's name of it, `MAPD`; `0x2a` for one that this model does not know.
    default String mnemonic() {
        return this instanceof Unknown u
                ? "0x" + Integer.toHexString(u.opcode)
                : getClass().getSimpleName().toUpperCase(java.util.Locale.ROOT);
    }

    /// Its four doublewords.
    default long[] encode() {
        long op = OPCODE.of(opcode());
        return switch (this) {
            case Movi c -> event(op, c.deviceId, c.eventId, 0, ICID.of(c.icid));
            case Int c -> event(op, c.deviceId, c.eventId, 0, 0);
            case Clear c -> event(op, c.deviceId, c.eventId, 0, 0);
            case Sync c -> new long[] {op, 0, RDBASE.of(c.rdbase), 0};
            case Mapd c ->
                    new long[] {
                        op | DEVICE_ID.of(c.deviceId),
                        SIZE.of(c.size),
                        VALID.of(c.valid ? 1 : 0) | ITT_ADDR.inPlace(c.ittAddr),
                        0
                    };
            case Mapc c ->
                    new long[] {
                        op, 0, VALID.of(c.valid ? 1 : 0) | RDBASE.of(c.rdbase) | ICID.of(c.icid), 0
                    };
            case Mapti c -> event(op, c.deviceId, c.eventId, c.pIntid, ICID.of(c.icid));
            case Mapi c -> event(op, c.deviceId, c.eventId, 0, ICID.of(c.icid));
            case Inv c -> event(op, c.deviceId, c.eventId, 0, 0);
            case Invall c -> new long[] {op, 0, ICID.of(c.icid), 0};
            case Movall c -> new long[] {op, 0, RDBASE.of(c.rdbase1), RDBASE.of(c.rdbase2)};
            case Discard c -> event(op, c.deviceId, c.eventId, 0, 0);
            case Vmovi c ->
                    event(
                            op,
                            c.deviceId,
                            c.eventId,
                            c.vpeid,
                            DOORBELL.of(c.doorbell) | MOVES_DOORBELL.of(c.movesDoorbell ? 1 : 0));
            case Vmovp c ->
                    new long[] {
                        op | SEQUENCE.of(c.sequence),
                        VPEID.of(c.vpeid) | ITS_LIST.of(c.itsList),
                        RDBASE.of(c.rdbase),
                        0
                    };
            case Vsync c -> new long[] {op, VPEID.of(c.vpeid), 0, 0};
            case Vmapp c ->
                    new long[] {
                        op,
                        VPEID.of(c.vpeid),
                        VALID.of(c.valid ? 1 : 0) | RDBASE.of(c.rdbase),
                        VPT_ADDR.inPlace(c.vptAddr) | SIZE.of(c.vptSize)
                    };
            case Vmapti c ->
                    event(
                            op,
                            c.deviceId,
                            c.eventId,
                            c.vpeid,
                            DOORBELL.of(c.doorbell) | VINTID.of(c.vIntid));
            case Vmapi c -> event(op, c.deviceId, c.eventId, c.vpeid, DOORBELL.of(c.doorbell));
            case Vinvall c -> new long[] {op, VPEID.of(c.vpeid), 0, 0};
            case Unknown c -> new long[] {c.dw0, c.dw1, c.dw2, c.dw3};
        };
    }

    private static long[] event(long op, int device, int event, int high, long dw2) {
        return new long[] {op | DEVICE_ID.of(device), EVENT_ID.of(event) | PINTID.of(high), dw2, 0};
    }
}
