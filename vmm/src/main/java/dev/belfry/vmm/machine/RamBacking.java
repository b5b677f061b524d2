package dev.belfry.vmm.machine;

import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The pages that guest RAM is made of (`qemu_minrampagesize`): the smallest of all backends in
/// use.
///
/// @param huge whether they are huge pages
/// @param size bytes, if the command line says it; else the host's default
public record RamBacking(boolean huge, OptionalLong size) {

    /// Pages as the host's kernel has them.
    public static final RamBacking PLAIN = new RamBacking(false, OptionalLong.empty());

    /// `hugepages-1G`, `hugepages1G`, `hugepages-1048576kB`.
    private static final Pattern MOUNT =
            Pattern.compile("(?i)huge[a-z]*[-_]?(?:(\\d+)([kmg])i?b?)?");

    /// Huge pages.
    ///
    /// @param size as written; what is no power of two counts as left out
    public static RamBacking huge(OptionalLong size) {
        boolean power = size.isPresent() && Long.bitCount(size.getAsLong()) == 1;
        return new RamBacking(true, power ? size : OptionalLong.empty());
    }

    /// What a directory of a file backend stands for: QEMU asks the file system; here a name that
    /// says hugepages counts.
    public static RamBacking ofPath(String path) {
        for (String name : List.of(path.split("/"))) {
            Matcher m = MOUNT.matcher(name);
            if (m.matches()) {
                return huge(sizeIn(m));
            }
        }
        return PLAIN;
    }

    private static OptionalLong sizeIn(Matcher m) {
        if (m.group(1) == null || m.group(1).length() > 9) {
            return OptionalLong.empty();
        }
        int shift =
                switch (m.group(2).toLowerCase(java.util.Locale.ROOT)) {
                    case "k" -> 10;
                    case "m" -> 20;
                    default -> 30;
                };
        return OptionalLong.of(Long.parseLong(m.group(1)) << shift);
    }

    /// Bytes of a page.
    ///
    /// @param hostPage of the host's kernel: 4, 16 or 64 KiB, whose default huge page is what a
    ///   level 2 entry maps
    public long pageSize(long hostPage) {
        long entries = hostPage / 8;
        return huge ? size.orElse(hostPage * entries) : hostPage;
    }

    /// The smaller of two, by what is known without a host.
    public RamBacking or(RamBacking other) {
        if (!huge || !other.huge) {
            return PLAIN;
        }
        return size.isEmpty() || other.size.isEmpty()
                ? new RamBacking(true, OptionalLong.empty())
                : size.getAsLong() <= other.size.getAsLong() ? this : other;
    }
}
