package dev.belfry.vmm.cmdline;

import java.util.Collection;
import java.util.Optional;

/// Finds what somebody probably meant.
public final class Nearest {

    private static final int LONGEST = 64;
    private static final int MOST = 1000;

    private Nearest() {}

    /// The name closest to `typed`, if any is close.
    public static Optional<String> to(String typed, Collection<String> names) {
        if (typed.length() > LONGEST || names.size() > MOST) {
            return Optional.empty();
        }
        int best = Math.max(2, typed.length() / 3) + 1;
        String found = null;
        for (String name : names) {
            // No fewer changes than the lengths differ by.
            int atLeast = Math.abs(typed.length() - name.length());
            if (atLeast > best || (atLeast == best && found == null)) {
                continue;
            }
            int distance = distance(typed, name);
            boolean tie = distance == best && found != null && name.compareTo(found) < 0;
            if (distance < best || tie) {
                best = distance;
                found = name;
            }
        }
        return Optional.ofNullable(found);
    }

    /// `did you mean X?`, or empty.
    public static String hint(String typed, Collection<String> names, String prefix) {
        return to(typed, names).map(n -> "did you mean " + prefix + n + "?").orElse("");
    }

    /// How many characters must be added, removed or replaced.
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
