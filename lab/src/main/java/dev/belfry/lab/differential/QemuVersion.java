package dev.belfry.lab.differential;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A QEMU release, as far as its behaviour goes by it.
///
/// @param major before the first dot
/// @param minor after it
public record QemuVersion(int major, int minor) implements Comparable<QemuVersion> {

    private static final Pattern TEXT = Pattern.compile("(\\d{1,4})(?:\\.(\\d{1,4}))?.*");

    /// Of text that starts like `7.2`: `7.2.22 (Debian …)`.
    ///
    /// @throws IllegalArgumentException when it does not
    public static QemuVersion of(String text) {
        Matcher m = TEXT.matcher(text.strip());
        if (!m.matches()) {
            throw new IllegalArgumentException("no QEMU version: " + text);
        }
        String minor = m.group(2);
        return new QemuVersion(
                Integer.parseInt(m.group(1)), minor == null ? 0 : Integer.parseInt(minor));
    }

    @Override
    public int compareTo(QemuVersion other) {
        return major != other.major
                ? Integer.compare(major, other.major)
                : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
