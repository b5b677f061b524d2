package dev.belfry.qemu.live;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.system.SystemView.Change;
import dev.belfry.model.system.SystemView.Registers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// Registers of a running machine, each read once and kept.
final class LiveRegisters implements Registers {

    private final Port port;
    private final long base;
    private final long size;
    private final Map<Long, OptionalLong> values = new TreeMap<>();

    LiveRegisters(Port port, long base, long size) {
        this.port = port;
        this.base = base;
        this.size = size;
    }

    @Override
    public OptionalLong read32(long offset) {
        if (offset < 0 || offset > size - 4 || (offset & 3) != 0) {
            return OptionalLong.empty();
        }
        return values.computeIfAbsent(offset, o -> port.read32(base + o));
    }

    /// Reads all of them again and tells which differ.
    List<Change> changes() {
        List<Long> addresses = values.keySet().stream().map(offset -> base + offset).toList();
        List<OptionalLong> before = List.copyOf(values.values());
        List<OptionalLong> after = port.read32(addresses);
        List<Change> out = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            if (!before.get(i).equals(after.get(i))) {
                out.add(new Change(addresses.get(i), bytes(before.get(i)), bytes(after.get(i))));
            }
        }
        return out;
    }

    private static Bytes bytes(OptionalLong value) {
        return value.isPresent() ? Bytes.ofValue(value.getAsLong(), 4) : Bytes.NONE;
    }
}
