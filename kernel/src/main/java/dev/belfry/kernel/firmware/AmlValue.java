package dev.belfry.kernel.firmware;

import java.util.List;

/// What a name of the namespace holds, or an expression yields.
sealed interface AmlValue {

    /// An integer, 64 bits.
    record Int(long value) implements AmlValue {}

    /// A string.
    record Str(String text) implements AmlValue {}

    /// A buffer.
    record Buf(Table bytes) implements AmlValue {}

    /// A package.
    record Pack(List<AmlValue> elements) implements AmlValue {
        public Pack {
            elements = List.copyOf(elements);
        }
    }

    /// A control method.
    ///
    /// @param scope its own path
    /// @param arguments how many, 0..7
    /// @param body its terms
    record Method(String scope, int arguments, AmlCursor body) implements AmlValue {}

    /// Something that this interpreter does not need to know.
    record Opaque() implements AmlValue {}

    /// As an operand (ACPI 6.5, 19.3.5): buffers count as little-endian numbers.
    default long toInteger() {
        return switch (this) {
            case Int it -> it.value();
            case Buf it -> it.bytes().number(0, Math.min(it.bytes().length(), 8));
            case Str _, Pack _, Method _, Opaque _ ->
                    throw new FirmwareError("AML: not a number: " + this);
        };
    }
}
