package dev.belfry.vmm.reader;

import dev.belfry.vmm.machine.MemoryAttributes;
import dev.belfry.vmm.machine.MemoryAttributes.Locality;
import dev.belfry.vmm.machine.MemoryAttributes.Value;
import java.util.ArrayList;
import java.util.List;

/// Latencies or bandwidths of one kind, and the unit in which all of them fit into 16 bits. As QEMU
/// does, the unit is settled value by value, in the order of the command line.
final class LocalityValues {

    private static final int MOST = 0xffff;
    private static final int BITS = 16;

    private final int hierarchy;
    private final int kind;
    private final boolean latency;
    private final List<Value> values = new ArrayList<>();

    /// Nanoseconds or bytes a second; for a latency -1, the largest, until there is one.
    private long unit;

    /// Of latencies the largest one in units, of bandwidths all that were given, one upon the
    /// other.
    private long range;

    LocalityValues(int hierarchy, int kind) {
        this.hierarchy = hierarchy;
        this.kind = kind;
        latency = kind < MemoryAttributes.FIRST_BANDWIDTH;
        unit = latency ? -1 : 1;
    }

    boolean isLatency() {
        return latency;
    }

    boolean has(int initiator, int target) {
        return values.stream().anyMatch(v -> v.initiator() == initiator && v.target() == target);
    }

    /// @return whether it fits in with the others
    boolean add(Value value) {
        boolean fits =
                value.amount() == 0
                        || (latency ? latency(value.amount()) : bandwidth(value.amount()));
        if (fits) {
            values.add(value);
        }
        return fits;
    }

    private boolean latency(long amount) {
        long tens = 1;
        for (long rest = amount; rest % 10 == 0; rest /= 10) {
            tens *= 10;
        }
        long most = Math.max(range, Long.divideUnsigned(amount, unit));
        if (most >= MOST) {
            return false;
        }
        unit = Long.compareUnsigned(unit, tens) < 0 ? unit : tens;
        range = most;
        return true;
    }

    private boolean bandwidth(long amount) {
        long all = range | amount;
        int first = Long.numberOfTrailingZeros(all);
        int behind = Long.SIZE - Long.numberOfLeadingZeros(all);
        if (behind - first > BITS || amount >>> first >= MOST) {
            return false;
        }
        unit = 1L << first;
        range = all;
        return true;
    }

    Locality locality() {
        return new Locality(hierarchy, kind, unit, values);
    }
}
