package dev.belfry.vmm.machine;

import dev.belfry.model.pci.spec.Bdf;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// PCI addresses as QEMU's options write them.
public final class PciAddress {

    private static final Pattern SLOT =
            Pattern.compile("(?:0[xX])?0*([0-9a-fA-F]{1,2})(?:\\.(?:0[xX])?0*([0-7]))?");
    private static final Pattern HOST =
            Pattern.compile(
                    "(?:([0-9a-fA-F]{1,4}):)?([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})\\.([0-7])");

    private PciAddress() {}

    /// `slot` or `slot.function`, both hexadecimal: device in bits 7:3, function in 2:0.
    public static OptionalInt devfn(String text) {
        Matcher matcher = SLOT.matcher(text);
        if (!matcher.matches()) {
            return OptionalInt.empty();
        }
        int slot = Integer.parseInt(matcher.group(1), 16);
        int function = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2), 16);
        return slot < 32 ? OptionalInt.of(slot << 3 | function) : OptionalInt.empty();
    }

    /// `SSSS:BB:DD.F` or `BB:DD.F`.
    public static Optional<Bdf> host(String text) {
        Matcher matcher = HOST.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int segment = matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1), 16);
        int bus = Integer.parseInt(matcher.group(2), 16);
        int device = Integer.parseInt(matcher.group(3), 16);
        int function = Integer.parseInt(matcher.group(4), 16);
        return device < 32
                ? Optional.of(new Bdf(segment, bus, device, function))
                : Optional.empty();
    }
}
