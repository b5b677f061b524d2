package dev.belfry.model.pci;

import dev.belfry.model.pci.spec.BridgeWindow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The addresses that are answered on one bus, sorted. Where software made two of them overlap, the
/// one that begins nearest below an address gets it.
final class BusClaims {

    /// A range of addresses and what answers there: a BAR, or a bridge to the bus below.
    record Claim(long base, long limit, @Nullable BarFrame bar, @Nullable PciBus below) {
        boolean contains(long address) {
            return Long.compareUnsigned(base, address) <= 0
                    && Long.compareUnsigned(address, limit) <= 0;
        }
    }

    private final Claim[] sorted;

    /// The highest limit of the claims up to here, so that looking back for overlaps ends.
    private final long[] highest;

    private final boolean overlaps;

    private BusClaims(Claim[] sorted) {
        this.sorted = sorted;
        this.highest = new long[sorted.length];
        boolean found = false;
        long top = 0;
        for (int i = 0; i < sorted.length; i++) {
            found |= i > 0 && Long.compareUnsigned(sorted[i].base, top) <= 0;
            top = Long.compareUnsigned(sorted[i].limit, top) > 0 ? sorted[i].limit : top;
            highest[i] = top;
        }
        this.overlaps = found;
    }

    /// Whether any two claims overlap.
    boolean overlaps() {
        return overlaps;
    }

    /// Who answers at `address`.
    @Nullable Claim find(long address) {
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
            int mid = (low + high) >>> 1;
            if (Long.compareUnsigned(sorted[mid].base, address) <= 0) {
                low = mid + 1;
            } else {
                high = mid - 1;
            }
        }
        for (int i = high; i >= 0 && Long.compareUnsigned(highest[i], address) >= 0; i--) {
            if (sorted[i].contains(address)) {
                return sorted[i];
            }
        }
        return null;
    }

    /// Collects claims.
    static final class Builder {
        private final List<Claim> claims = new ArrayList<>();

        /// A BAR at `base`, unless it would wrap around the end of its address space.
        void add(long base, BarFrame bar) {
            long limit = base + bar.size() - 1;
            if (Long.compareUnsigned(base, limit) < 0) {
                claims.add(new Claim(base, limit, bar, null));
            }
        }

        /// A bridge's window, unless closed.
        void add(BridgeWindow window, PciBus below) {
            if (window.isOpen()) {
                claims.add(new Claim(window.base(), window.limit(), null, below));
            }
        }

        BusClaims build() {
            claims.sort(Comparator.comparing(Claim::base, Long::compareUnsigned));
            return new BusClaims(claims.toArray(Claim[]::new));
        }
    }
}
