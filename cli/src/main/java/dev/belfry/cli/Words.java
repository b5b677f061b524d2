package dev.belfry.cli;

import dev.belfry.lab.InputError;
import dev.belfry.model.pci.spec.Bdf;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the words that commands share: PCI addresses, vectors, addresses.
final class Words {

    private static final Pattern BDF =
            Pattern.compile(
                    "(?:([0-9a-fA-F]{1,4}):)?([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})\\.([0-7])");
    private static final int MOST_PASID = (1 << 20) - 1;
    private static final int MOST_VECTOR = 2047;

    private Words() {}

    static boolean isBdf(String word) {
        return BDF.matcher(word).matches();
    }

    /// `00:02.0` or `0000:00:02.0`.
    static Bdf bdf(String word) throws InputError {
        Matcher m = BDF.matcher(word);
        if (m.matches()) {
            int segment = m.group(1) == null ? 0 : Integer.parseInt(m.group(1), 16);
            int device = Integer.parseInt(m.group(3), 16);
            if (device <= 0x1f) {
                return new Bdf(
                        segment,
                        Integer.parseInt(m.group(2), 16),
                        device,
                        Integer.parseInt(m.group(4)));
            }
        }
        throw new InputError(word + " is not a PCI address", "as in 00:02.0 or 0000:00:02.0");
    }

    static int vector(String word) throws InputError {
        if (word.matches("\\d{1,4}") && Integer.parseInt(word) <= MOST_VECTOR) {
            return Integer.parseInt(word);
        }
        throw new InputError(word + " is not a vector", "a number from 0 to " + MOST_VECTOR);
    }

    /// `0x…` or decimal, up to 20 bits.
    static int pasid(String word) throws InputError {
        if (word.matches("\\d{1,7}|0[xX][0-9a-fA-F]{1,6}")) {
            int value = (int) address(word);
            if (value <= MOST_PASID) {
                return value;
            }
        }
        throw new InputError(word + " is not a PASID", "a number from 0 to " + MOST_PASID);
    }

    /// `0x…` or decimal, up to 64 bits.
    static long address(String word) throws InputError {
        try {
            return word.startsWith("0x") || word.startsWith("0X")
                    ? Long.parseUnsignedLong(word.substring(2), 16)
                    : Long.parseUnsignedLong(word);
        } catch (NumberFormatException e) {
            throw new InputError(word + " is not an address", "as in 0xfffff040");
        }
    }
}
