package dev.belfry.vmm.firmware;

import java.util.UUID;

/// Terms of ACPI Machine Language, as bytes (ACPI 6.5, chapter 20). A term is made of finished
/// terms, so a whole table reads like the ASL that a disassembler shows.
final class Aml {

    private static final int ZERO = 0x00;
    private static final int ONE = 0x01;
    private static final int NAME = 0x08;
    private static final int BYTE = 0x0a;
    private static final int WORD = 0x0b;
    private static final int DWORD = 0x0c;
    private static final int STRING = 0x0d;
    private static final int QWORD = 0x0e;
    private static final int SCOPE = 0x10;
    private static final int BUFFER = 0x11;
    private static final int PACKAGE = 0x12;
    private static final int METHOD = 0x14;
    private static final int EXTENDED = 0x5b;
    private static final int ARG0 = 0x68;
    private static final int DEVICE = 0x82;
    private static final int LEQUAL = 0x93;
    private static final int IF = 0xa0;
    private static final int RETURN = 0xa4;

    private Aml() {}

    static byte[] join(byte[]... terms) {
        TableBytes out = new TableBytes();
        for (byte[] term : terms) {
            out.bytes(term);
        }
        return out.toArray();
    }

    /// An integer in its shortest form.
    static byte[] integer(long value) {
        TableBytes out = new TableBytes();
        if (value == 0 || value == 1) {
            return out.u8(value == 0 ? ZERO : ONE).toArray();
        }
        int log2 = value >>> 8 == 0 ? 0 : value >>> 16 == 0 ? 1 : value >>> 32 == 0 ? 2 : 3;
        int[] prefixes = {BYTE, WORD, DWORD, QWORD};
        return out.u8(prefixes[log2]).put(value, 1 << log2).toArray();
    }

    static byte[] string(String text) {
        return new TableBytes().u8(STRING).text(text).u8(0).toArray();
    }

    static byte[] buffer(byte... bytes) {
        return sized(BUFFER, integer(bytes.length), bytes);
    }

    /// A package of at most 255 elements.
    static byte[] packageOf(byte[]... elements) {
        return sized(PACKAGE, new byte[] {(byte) elements.length}, join(elements));
    }

    /// `Name (name, value)`.
    static byte[] name(String name, byte[] value) {
        return new TableBytes().u8(NAME).text(segment(name)).bytes(value).toArray();
    }

    /// `Scope (\name) {…}`
    static byte[] scope(String name, byte[]... terms) {
        return sized(SCOPE, new TableBytes().text("\\" + segment(name)).toArray(), join(terms));
    }

    static byte[] device(String name, byte[]... terms) {
        byte[] sized = sized(DEVICE, new TableBytes().text(segment(name)).toArray(), join(terms));
        return new TableBytes().u8(EXTENDED).bytes(sized).toArray();
    }

    /// `Method (name, arguments, NotSerialized) {…}`
    static byte[] method(String name, int arguments, byte[]... terms) {
        TableBytes head = new TableBytes().text(segment(name)).u8(arguments);
        return sized(METHOD, head.toArray(), join(terms));
    }

    static byte[] when(byte[] predicate, byte[]... terms) {
        return sized(IF, predicate, join(terms));
    }

    static byte[] equal(byte[] a, byte[] b) {
        return new TableBytes().u8(LEQUAL).bytes(a).bytes(b).toArray();
    }

    static byte[] argument(int n) {
        return new byte[] {(byte) (ARG0 + n)};
    }

    static byte[] giveBack(byte[] value) {
        return new TableBytes().u8(RETURN).bytes(value).toArray();
    }

    /// `ToUUID (…)`: the first three groups are little-endian (ACPI 6.5, 19.6.142).
    static byte[] uuid(String text) {
        UUID uuid = UUID.fromString(text);
        long high = uuid.getMostSignificantBits();
        TableBytes out = new TableBytes().u32(high >>> 32).u16(high >>> 16).u16(high);
        return buffer(out.u64(Long.reverseBytes(uuid.getLeastSignificantBits())).toArray());
    }

    /// Names are four characters, filled up with underscores.
    private static String segment(String name) {
        return name + "_".repeat(4 - name.length());
    }

    private static byte[] sized(int opcode, byte[] head, byte[] body) {
        byte[] length = packageLength(head.length + body.length);
        return join(new byte[] {(byte) opcode}, length, head, body);
    }

    /// PkgLength (20.2.4) counts itself. One byte holds up to 63; beyond, the first byte has the
    /// number of bytes that follow in `[7:6]` and the lowest 4 bits of the length in `[3:0]`.
    private static byte[] packageLength(int content) {
        if (content + 1 < 64) {
            return new byte[] {(byte) (content + 1)};
        }
        int following = content + 2 < 1 << 12 ? 1 : content + 3 < 1 << 20 ? 2 : 3;
        int length = content + 1 + following;
        return new TableBytes()
                .u8(following << 6 | (length & 0xf))
                .put(length >>> 4, following)
                .toArray();
    }
}
