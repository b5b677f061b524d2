package dev.belfry.vmm.catalog;

import dev.belfry.vmm.catalog.ValueType.Any;
import dev.belfry.vmm.catalog.ValueType.Bool;
import dev.belfry.vmm.catalog.ValueType.Choice;
import dev.belfry.vmm.catalog.ValueType.Form;
import dev.belfry.vmm.catalog.ValueType.Link;
import dev.belfry.vmm.catalog.ValueType.Size;
import dev.belfry.vmm.catalog.ValueType.Struct;
import dev.belfry.vmm.catalog.ValueType.Text;
import dev.belfry.vmm.catalog.ValueType.Whole;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.cmdline.Written;
import java.math.BigInteger;
import java.util.Optional;

/// What QEMU says of values that it does not take: the words depend on who reads them. Facts: runs
/// of QEMU 10.2.1 and 11.1.3; `qapi/qobject-input-visitor.c`, `qapi/opts-visitor.c`.
public enum Refusals {
    /// `-device`, `-machine`, `-accel`, `-cpu`.
    KEYVAL,
    /// `-object`, `-numa`.
    OPTS;

    /// @param owner the type that has the property
    /// @param key the property
    /// @param written how the value is written
    /// @return QEMU's words, or nothing where it takes the value
    public Optional<String> of(
            String owner, String key, String value, Written written, ValueType type) {
        if (written != Written.WORD && !fits(written, type)) {
            return Optional.of(
                    type instanceof Size || (type instanceof Whole w && !w.isSigned())
                            ? expects(key, "uint64")
                            : notOfType(key, json(type)));
        }
        return switch (type) {
            case Bool b ->
                    unless(Quantities.bool(value).isPresent(), expects(key, "'on' or 'off'"));
            case Whole w -> whole(key, value, w);
            case Size s ->
                    unless(isSize(value), expects(key, this == OPTS ? "a size value" : "size"));
            case Choice c ->
                    unless(
                            c.words().contains(value),
                            "Parameter '" + key + "' does not accept value '" + value + "'");
            case Form f ->
                    unless(
                            f.pattern().matcher(value).matches(),
                            "Property '"
                                    + owner
                                    + "."
                                    + key
                                    + "' doesn't take value '"
                                    + value
                                    + "'");
            case Struct s -> unless(written != Written.WORD, notOfType(key, "object"));
            case Text t -> Optional.empty();
            case Any a -> Optional.empty();
            case Link l -> Optional.empty();
        };
    }

    private Optional<String> whole(String key, String value, Whole type) {
        Optional<BigInteger> number = ValueType.number(value);
        if (number.isEmpty()) {
            String c = type.isSigned() ? "an int64 value" : "a uint64 value";
            return Optional.of(expects(key, this == OPTS ? c : "integer"));
        }
        return unless(type.holds(number.get()), expects(key, type.name() + "_t"));
    }

    private static boolean isSize(String value) {
        return Quantities.size(value).isPresent() || Quantities.isHuge(value);
    }

    private static boolean fits(Written written, ValueType type) {
        return switch (type) {
            case Bool b -> written == Written.JSON_BOOLEAN;
            case Whole w -> written == Written.JSON_NUMBER;
            case Size s -> written == Written.JSON_NUMBER;
            case Choice c -> written == Written.JSON_STRING;
            case Link l -> written == Written.JSON_STRING;
            // A function's address may be a number as well.
            case Form f -> written != Written.JSON_BOOLEAN;
            case Text t -> written == Written.JSON_STRING;
            case Any a -> true;
            case Struct s -> true;
        };
    }

    private static String json(ValueType type) {
        return switch (type) {
            case Bool b -> "boolean";
            case Whole w -> "integer";
            default -> "string";
        };
    }

    private static Optional<String> unless(boolean right, String words) {
        return right ? Optional.empty() : Optional.of(words);
    }

    private static String expects(String key, String what) {
        return "Parameter '" + key + "' expects " + what;
    }

    private static String notOfType(String key, String type) {
        return "Invalid parameter type for '" + key + "', expected: " + type;
    }
}
