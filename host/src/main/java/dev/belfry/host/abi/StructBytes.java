package dev.belfry.host.abi;

import java.util.Arrays;

/// A structure's bytes, field by field.
public final class StructBytes {

    private final AbiStruct layout;
    private final byte[] bytes;

    private StructBytes(AbiStruct layout, byte[] bytes) {
        this.layout = layout;
        this.bytes = bytes;
    }

    /// All zero, but for the first field: the size that the kernel asks for, where the structure
    /// begins with one.
    public static StructBytes of(AbiStruct layout) {
        StructBytes made = new StructBytes(layout, new byte[layout.size()]);
        String first = layout.slots().keySet().iterator().next();
        return first.equals("size") || first.equals("argsz")
                ? made.set(first, layout.size())
                : made;
    }

    /// From what user space gave: what is missing is zero, what is too much is cut off.
    static StructBytes from(AbiStruct layout, byte[] given) {
        return new StructBytes(layout, Arrays.copyOf(given, layout.size()));
    }

    /// The bytes themselves.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// A field's value, zero-extended.
    public long get(String field) {
        AbiStruct.Slot slot = layout.slot(field);
        long value = 0;
        for (int i = Math.min(8, slot.width()) - 1; i >= 0; i--) {
            value = value << 8 | Byte.toUnsignedLong(bytes[slot.offset() + i]);
        }
        return value;
    }

    /// A field of 32 bits or fewer.
    public int getInt(String field) {
        return (int) get(field);
    }

    /// Changes a field.
    public StructBytes set(String field, long value) {
        AbiStruct.Slot slot = layout.slot(field);
        for (int i = 0; i < Math.min(8, slot.width()); i++) {
            bytes[slot.offset() + i] = (byte) (value >>> (8 * i));
        }
        return this;
    }
}
