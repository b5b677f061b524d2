package dev.belfry.vmm.firmware;

import static dev.belfry.vmm.firmware.Aml.extended;
import static dev.belfry.vmm.firmware.Aml.integer;
import static dev.belfry.vmm.firmware.Aml.join;
import static dev.belfry.vmm.firmware.Aml.path;
import static dev.belfry.vmm.firmware.Aml.sized;

/// What methods are made of (ACPI 6.5, 20.2.5): statements, and expressions whose result may be
/// stored by the way.
final class AmlCode {

    /// For a result that is not stored.
    static final byte[] NOWHERE = {0};

    private static final int LOCAL0 = 0x60;
    private static final int ARG0 = 0x68;
    private static final int STORE = 0x70;
    private static final int ADD = 0x72;
    private static final int SUBTRACT = 0x74;
    private static final int SHIFT_LEFT = 0x79;
    private static final int AND = 0x7b;
    private static final int OR = 0x7d;
    private static final int DEREF_OF = 0x83;
    private static final int NOTIFY = 0x86;
    private static final int INDEX = 0x88;
    private static final int CREATE_DWORD_FIELD = 0x8a;
    private static final int LOR = 0x91;
    private static final int LNOT = 0x92;
    private static final int LEQUAL = 0x93;
    private static final int LLESS = 0x95;
    private static final int TO_INTEGER = 0x99;
    private static final int IF = 0xa0;
    private static final int ELSE = 0xa1;
    private static final int WHILE = 0xa2;
    private static final int RETURN = 0xa4;
    private static final int ACQUIRE = 0x23;
    private static final int RELEASE = 0x27;
    private static final int FOREVER = 0xffff;

    private AmlCode() {}

    private static byte[] operation(int opcode, byte[]... operands) {
        return join(new byte[] {(byte) opcode}, join(operands));
    }

    static byte[] argument(int n) {
        return operation(ARG0 + n);
    }

    static byte[] local(int n) {
        return operation(LOCAL0 + n);
    }

    static byte[] when(byte[] predicate, byte[]... terms) {
        return sized(IF, predicate, join(terms));
    }

    static byte[] otherwise(byte[]... terms) {
        return sized(ELSE, new byte[0], join(terms));
    }

    static byte[] loop(byte[] predicate, byte[]... terms) {
        return sized(WHILE, predicate, join(terms));
    }

    static byte[] giveBack(byte[] value) {
        return operation(RETURN, value);
    }

    static byte[] call(String method, byte[]... arguments) {
        return join(path(method), join(arguments));
    }

    static byte[] store(byte[] value, byte[] target) {
        return operation(STORE, value, target);
    }

    static byte[] add(byte[] a, byte[] b, byte[] target) {
        return operation(ADD, a, b, target);
    }

    static byte[] subtract(byte[] a, byte[] b, byte[] target) {
        return operation(SUBTRACT, a, b, target);
    }

    static byte[] shiftLeft(byte[] a, byte[] count) {
        return operation(SHIFT_LEFT, a, count, NOWHERE);
    }

    static byte[] and(byte[] a, byte[] b, byte[] target) {
        return operation(AND, a, b, target);
    }

    static byte[] or(byte[] a, byte[] b, byte[] target) {
        return operation(OR, a, b, target);
    }

    static byte[] either(byte[] a, byte[] b) {
        return operation(LOR, a, b);
    }

    static byte[] not(byte[] a) {
        return operation(LNOT, a);
    }

    static byte[] equal(byte[] a, byte[] b) {
        return operation(LEQUAL, a, b);
    }

    static byte[] less(byte[] a, byte[] b) {
        return operation(LLESS, a, b);
    }

    static byte[] index(byte[] of, long at) {
        return operation(INDEX, of, integer(at), NOWHERE);
    }

    static byte[] derefOf(byte[] reference) {
        return operation(DEREF_OF, reference);
    }

    static byte[] toInteger(byte[] value) {
        return operation(TO_INTEGER, value, NOWHERE);
    }

    static byte[] notify(String object, byte[] value) {
        return operation(NOTIFY, path(object), value);
    }

    /// `CreateDWordField (buffer, offset, name)`
    static byte[] dwordField(byte[] buffer, int offset, String name) {
        return operation(CREATE_DWORD_FIELD, buffer, integer(offset), path(name));
    }

    static byte[] acquire(String mutex) {
        byte[] timeout = new TableBytes().u16(FOREVER).toArray();
        return extended(operation(ACQUIRE, path(mutex), timeout));
    }

    static byte[] release(String mutex) {
        return extended(operation(RELEASE, path(mutex)));
    }
}
