package dev.belfry.vmm.version;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A version of QEMU, or of its `virt` board, as far as behaviour goes by it: a stable release
/// changes nothing that is told apart here.
///
/// @param major the number before the first dot
/// @param minor after it
public record QemuVersion(int major, int minor) implements Comparable<QemuVersion> {

    /// `arm-smmuv3` as a device.
    public static final QemuVersion V10_2 = new QemuVersion(10, 2);

    /// `accel=on`, vEVENTQ, `msi=`.
    public static final QemuVersion V11_0 = new QemuVersion(11, 0);

    /// `auto` properties, Tegra241 CMDQV.
    public static final QemuVersion V11_1 = new QemuVersion(11, 1);

    /// The newest that Belfry knows.
    public static final QemuVersion NEWEST = V11_1;

    /// Those whose refusals Belfry knows, oldest first.
    public static final List<QemuVersion> CHECKED = List.of(V10_2, V11_0, V11_1);

    private static final Pattern TEXT =
            Pattern.compile("(?s)(\\d{1,4})(?:\\.(\\d{1,4}))?(?:\\D.*)?");

    /// Of text that starts like `7.2`: `7.2.22 (Debian …)`, or `8`.
    public static Optional<QemuVersion> of(String text) {
        Matcher m = TEXT.matcher(text.strip());
        if (!m.matches()) {
            return Optional.empty();
        }
        String minor = m.group(2);
        return Optional.of(
                new QemuVersion(
                        Integer.parseInt(m.group(1)), minor == null ? 0 : Integer.parseInt(minor)));
    }

    /// Whether this is `first` or newer, and so has what came with it.
    public boolean isAtLeast(QemuVersion first) {
        return compareTo(first) >= 0;
    }

    /// Whether this is version `wantedMajor.wantedMinor` or newer.
    public boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return isAtLeast(new QemuVersion(wantedMajor, wantedMinor));
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
