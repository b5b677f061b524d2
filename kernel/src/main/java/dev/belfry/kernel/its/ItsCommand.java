package dev.belfry.kernel.its;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// An ITS command: four 64-bit words (IHI 0069 5.3).
record ItsCommand(long dw0, long dw1, long dw2, long dw3) {

    private static final Field OPCODE = bits(7, 0);
    private static final Field DEVICE_ID = bits(63, 32);
    private static final Field EVENT_ID = bits(31, 0);
    private static final Field PINTID = bits(63, 32);
    private static final Field MAPD_SIZE = bits(4, 0);
    private static final Field ITT_ADDRESS = bits(51, 8);
    private static final Field ICID = bits(15, 0);
    private static final Field RDBASE = bits(51, 16);
    private static final Field V = bit(63);

    private static ItsCommand of(int opcode, long deviceId, long dw1, long dw2) {
        return new ItsCommand(OPCODE.of(opcode) | DEVICE_ID.of(deviceId), dw1, dw2, 0);
    }

    static ItsCommand movi(long deviceId, int eventId, int icid) {
        return of(0x01, deviceId, EVENT_ID.of(eventId), ICID.of(icid));
    }

    static ItsCommand sync(long rdbase) {
        return of(0x05, 0, 0, RDBASE.of(rdbase));
    }

    static ItsCommand mapd(long deviceId, int eventIdBits, long itt, boolean valid) {
        return of(
                0x08,
                deviceId,
                MAPD_SIZE.of(eventIdBits - 1),
                ITT_ADDRESS.inPlace(itt) | V.of(valid ? 1 : 0));
    }

    static ItsCommand mapc(int icid, long rdbase, boolean valid) {
        return of(0x09, 0, 0, ICID.of(icid) | RDBASE.of(rdbase) | V.of(valid ? 1 : 0));
    }

    static ItsCommand mapti(long deviceId, int eventId, int intId, int icid) {
        return of(0x0a, deviceId, PINTID.of(intId) | EVENT_ID.of(eventId), ICID.of(icid));
    }

    static ItsCommand inv(long deviceId, int eventId) {
        return of(0x0c, deviceId, EVENT_ID.of(eventId), 0);
    }

    static ItsCommand invall(int icid) {
        return of(0x0d, 0, 0, ICID.of(icid));
    }

    static ItsCommand discard(long deviceId, int eventId) {
        return of(0x0f, deviceId, EVENT_ID.of(eventId), 0);
    }
}
