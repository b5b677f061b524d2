package dev.belfry.kernel.firmware;

/// Opcodes of ACPI Machine Language (ACPI 6.5, 20.3); those after the extension prefix 0x5b have it
/// as their high byte.
final class AmlOp {

    static final int ZERO = 0x00;
    static final int ONE = 0x01;
    static final int ALIAS = 0x06;
    static final int NAME = 0x08;
    static final int BYTE = 0x0a;
    static final int WORD = 0x0b;
    static final int DWORD = 0x0c;
    static final int STRING = 0x0d;
    static final int QWORD = 0x0e;
    static final int SCOPE = 0x10;
    static final int BUFFER = 0x11;
    static final int PACKAGE = 0x12;
    static final int VAR_PACKAGE = 0x13;
    static final int METHOD = 0x14;
    static final int EXTERNAL = 0x15;
    static final int DUAL_NAME = 0x2e;
    static final int MULTI_NAME = 0x2f;
    static final int EXTENDED = 0x5b;
    static final int ROOT = '\\';
    static final int PARENT = '^';
    static final int LOCAL0 = 0x60;
    static final int ARG0 = 0x68;
    static final int STORE = 0x70;
    static final int ADD = 0x72;
    static final int SUBTRACT = 0x74;
    static final int INCREMENT = 0x75;
    static final int DECREMENT = 0x76;
    static final int MULTIPLY = 0x77;
    static final int SHIFT_LEFT = 0x79;
    static final int SHIFT_RIGHT = 0x7a;
    static final int AND = 0x7b;
    static final int OR = 0x7d;
    static final int XOR = 0x7f;
    static final int SIZE_OF = 0x87;
    static final int LAND = 0x90;
    static final int LOR = 0x91;
    static final int LNOT = 0x92;
    static final int LEQUAL = 0x93;
    static final int LGREATER = 0x94;
    static final int LLESS = 0x95;
    static final int TO_BUFFER = 0x96;
    static final int TO_INTEGER = 0x99;
    static final int CONTINUE = 0x9f;
    static final int IF = 0xa0;
    static final int ELSE = 0xa1;
    static final int WHILE = 0xa2;
    static final int NOOP = 0xa3;
    static final int RETURN = 0xa4;
    static final int BREAK = 0xa5;
    static final int ONES = 0xff;

    static final int MUTEX = 0x5b01;
    static final int EVENT = 0x5b02;
    static final int REGION = 0x5b80;
    static final int FIELD = 0x5b81;
    static final int DEVICE = 0x5b82;
    static final int PROCESSOR = 0x5b83;
    static final int POWER_RESOURCE = 0x5b84;
    static final int THERMAL_ZONE = 0x5b85;
    static final int INDEX_FIELD = 0x5b86;
    static final int BANK_FIELD = 0x5b87;

    private AmlOp() {}
}
