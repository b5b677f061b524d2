package dev.belfry.lab.explain;

import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.SystemView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The memory that is looked at. It knows what was asked for in vain, so that what was not captured
/// can be told from what is not there; and it can show single words as they are not, to see what
/// would come after a hop.
final class WatchedMemory implements PhysicalMemory {

    private final PhysicalMemory memory;
    private final List<SystemView.Ram> ram;
    private final Set<Long> missed = new HashSet<>();
    private final Map<Long, Long> instead = new HashMap<>();

    WatchedMemory(SystemView view) {
        this.memory = view.memory();
        this.ram = view.ram();
    }

    /// Whether an address that could not be read may be RAM all the same.
    boolean mayBeRam(long address) {
        return ram.isEmpty() || isRam(address);
    }

    /// Whether an address is known to be RAM.
    boolean isRam(long address) {
        return ram.stream().anyMatch(r -> Long.compareUnsigned(address - r.base(), r.size()) < 0);
    }

    /// Whether this address was asked for and could not be read, although it may be RAM.
    boolean unread(long address) {
        return missed.contains(address) && mayBeRam(address);
    }

    /// Shows another 8-byte word at an address while `action` runs.
    void pretending(long address, long word, Runnable action) {
        instead.put(address, word);
        try {
            action.run();
        } finally {
            instead.remove(address);
        }
    }

    @Override
    public boolean accepts(long address, long length) {
        boolean accepted = memory.accepts(address, length);
        if (!accepted) {
            missed.add(address);
        }
        return accepted;
    }

    @Override
    public long read(long address, int width) {
        if (width == 8 && !instead.isEmpty()) {
            Long word = instead.get(address);
            if (word != null) {
                return word;
            }
        }
        return memory.read(address, width);
    }

    @Override
    public boolean readBytes(long address, byte[] into, int offset, int length) {
        return memory.readBytes(address, into, offset, length);
    }

    /// Looking changes nothing.
    @Override
    public boolean write(long address, int width, long value, int requester) {
        return false;
    }
}
