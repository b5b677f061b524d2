package dev.belfry.vmm.firmware;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;

/// Data and named objects of ACPI Machine Language, as bytes (ACPI 6.5, chapter 20). A term is made
/// of finished terms, so a whole table reads like the ASL that a disassembler shows. What methods
/// do is in [AmlCode].
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
    private static final int VAR_PACKAGE = 0x13;
    private static final int METHOD = 0x14;
    private static final int DUAL_NAME = 0x2e;
    private static final int MULTI_NAME = 0x2f;
    private static final int EXTENDED = 0x5b;
    private static final int MUTEX = 0x01;
    private static final int REGION = 0x80;
    private static final int FIELD = 0x81;
    private static final int DEVICE = 0x82;
    private static final int SERIALIZED = 1 << 3;
    private static final int SYSTEM_MEMORY = 0;

    private Aml() {}

    static byte[] join(byte[]... terms) {
        TableBytes out = new TableBytes();
        for (byte[] term : terms) {
            out.bytes(term);
        }
        return out.toArray();
    }

    static byte[] join(List<byte[]> terms) {
        return join(terms.toArray(byte[][]::new));
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

    /// `Unicode (…)`: UTF-16 with a terminator, as a buffer.
    static byte[] unicode(String text) {
        return buffer((text + '\0').getBytes(StandardCharsets.UTF_16LE));
    }

    static byte[] buffer(byte... bytes) {
        return sized(BUFFER, integer(bytes.length), bytes);
    }

    /// A package of at most 255 elements.
    static byte[] packageOf(byte[]... elements) {
        return sized(PACKAGE, new byte[] {(byte) elements.length}, join(elements));
    }

    /// A package whose number of elements is a term.
    static byte[] variablePackage(byte[]... elements) {
        return sized(VAR_PACKAGE, integer(elements.length), join(elements));
    }

    /// `ToUUID (…)`: the first three groups are little-endian (ACPI 6.5, 19.6.142).
    static byte[] uuid(String text) {
        UUID uuid = UUID.fromString(text);
        long high = uuid.getMostSignificantBits();
        TableBytes out = new TableBytes().u32(high >>> 32).u16(high >>> 16).u16(high);
        return buffer(out.u64(Long.reverseBytes(uuid.getLeastSignificantBits())).toArray());
    }

    /// `EisaId (…)`: three letters of 5 bits and four hexadecimal digits, big-endian (19.6.35).
    static byte[] eisaId(String text) {
        int id = Integer.parseInt(text.substring(3), 16);
        for (int i = 0; i < 3; i++) {
            id |= (text.charAt(i) - 0x40) << (26 - 5 * i);
        }
        return new TableBytes().u8(DWORD).u32(Integer.reverseBytes(id)).toArray();
    }

    /// A NameString (20.2.2) written as in ASL: `\_SB.PCI0`, `^S08.PCNT`, `MR64`.
    static byte[] path(String text) {
        int prefix = 0;
        while (prefix < text.length() && "\\^".indexOf(text.charAt(prefix)) >= 0) {
            prefix++;
        }
        TableBytes out = new TableBytes().text(text.substring(0, prefix));
        String[] segments = text.substring(prefix).split("\\.");
        if (segments.length == 2) {
            out.u8(DUAL_NAME);
        } else if (segments.length > 2) {
            out.u8(MULTI_NAME).u8(segments.length);
        }
        for (String segment : segments) {
            // Names are four characters, filled up with underscores.
            out.text(segment + "_".repeat(4 - segment.length()));
        }
        return out.toArray();
    }

    /// `Name (name, value)`.
    static byte[] name(String name, byte[] value) {
        return new TableBytes().u8(NAME).bytes(path(name)).bytes(value).toArray();
    }

    /// `Scope (name) {…}`
    static byte[] scope(String name, List<byte[]> terms) {
        return sized(SCOPE, path(name), join(terms));
    }

    static byte[] device(String name, byte[]... terms) {
        return device(name, List.of(terms));
    }

    static byte[] device(String name, List<byte[]> terms) {
        return extended(sized(DEVICE, path(name), join(terms)));
    }

    /// `Method (name, arguments, NotSerialized) {…}`
    static byte[] method(String name, int arguments, byte[]... terms) {
        return sized(METHOD, join(path(name), new byte[] {(byte) arguments}), join(terms));
    }

    /// `Method (name, arguments, Serialized) {…}`
    static byte[] serialized(String name, int arguments, byte[]... terms) {
        return method(name, arguments | SERIALIZED, terms);
    }

    static byte[] mutex(String name) {
        return extended(new TableBytes().u8(MUTEX).bytes(path(name)).u8(0).toArray());
    }

    /// `OperationRegion (name, SystemMemory, …)`
    static byte[] region(String name, long base, int length) {
        byte[] where = join(integer(base), integer(length));
        return extended(
                new TableBytes()
                        .u8(REGION)
                        .bytes(path(name))
                        .u8(SYSTEM_MEMORY)
                        .bytes(where)
                        .toArray());
    }

    /// How a field is accessed: by bytes or by double words; what is not written is preserved, or
    /// written as zeros (table 20.3, FieldFlags).
    enum Access {
        BYTES_ELSE_ZERO(0x41),
        WORDS_KEPT(0x03),
        WORDS_ELSE_ZERO(0x43);

        private final int flags;

        Access(int flags) {
            this.flags = flags;
        }
    }

    /// `Field (region, …, NoLock, …) {…}`
    static byte[] field(String region, Access access, byte[]... elements) {
        byte[] head = join(path(region), new byte[] {(byte) access.flags});
        return extended(sized(FIELD, head, join(elements)));
    }

    /// Bits of a field with a name.
    static byte[] bits(String name, int count) {
        return join(path(name), packageLength(count, false));
    }

    /// Bits of a field without one.
    static byte[] unnamedBits(int count) {
        return join(new byte[] {0}, packageLength(count, false));
    }

    /// Several terms, one for each number.
    static byte[][] each(int count, IntFunction<byte[]> term) {
        List<byte[]> terms = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            terms.add(term.apply(i));
        }
        return terms.toArray(byte[][]::new);
    }

    static byte[] extended(byte[] term) {
        return join(new byte[] {EXTENDED}, term);
    }

    /// A term that says how long it is.
    static byte[] sized(int opcode, byte[] head, byte[] body) {
        byte[] length = packageLength(head.length + body.length, true);
        return join(new byte[] {(byte) opcode}, length, head, body);
    }

    /// PkgLength (20.2.4) counts itself, except in a field. One byte holds up to 63; beyond, the
    /// first byte has the number of bytes that follow in `[7:6]` and the lowest 4 bits of the
    /// length in `[3:0]`.
    private static byte[] packageLength(int content, boolean countsItself) {
        int own = countsItself ? 1 : 0;
        if (content + own < 64) {
            return new byte[] {(byte) (content + own)};
        }
        int following = content + 2 * own < 1 << 12 ? 1 : content + 3 * own < 1 << 20 ? 2 : 3;
        int length = content + own * (1 + following);
        return new TableBytes()
                .u8(following << 6 | (length & 0xf))
                .put(length >>> 4, following)
                .toArray();
    }
}
