package dev.belfry.qemu.live;

import dev.belfry.qemu.QemuError;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/// Several ways, the best first: each is used until it fails, and then the next one.
final class PortChain implements Port {

    private final List<Port> ports;
    private final List<String> used = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private int first;

    /// @param ports the best first; at least one
    PortChain(List<Port> ports) {
        this.ports = List.copyOf(ports);
    }

    /// Those that reads went through, joined.
    @Override
    public String name() {
        return used.isEmpty() ? ports.get(first).name() : String.join(", then ", used);
    }

    /// What failed.
    List<String> notes() {
        return notes;
    }

    @Override
    public OptionalLong read32(long address) {
        return through(p -> p.read32(address));
    }

    @Override
    public List<OptionalLong> read32(List<Long> addresses) {
        return through(p -> p.read32(addresses));
    }

    @Override
    public byte[] bytes(long address, int length) {
        return through(p -> p.bytes(address, length));
    }

    @Override
    public List<byte[]> bytes(List<Long> addresses, int length) {
        return through(p -> p.bytes(addresses, length));
    }

    private <T> T through(Function<Port, T> read) {
        while (true) {
            Port port = ports.get(first);
            try {
                T out = read.apply(port);
                if (!used.contains(port.name())) {
                    used.add(port.name());
                }
                return out;
            } catch (QemuError e) {
                if (first == ports.size() - 1) {
                    throw e;
                }
                notes.add("Reading through " + port.name() + " failed: " + e.getMessage() + ".");
                first++;
            }
        }
    }

    /// A way that is bad for reads may still have a monitor, so all are tried in turn.
    @Override
    public String monitor(String line) {
        List<QemuError> failed = new ArrayList<>();
        for (Port port : ports) {
            try {
                return port.monitor(line);
            } catch (QemuError e) {
                failed.add(e);
            }
        }
        throw failed.getLast();
    }
}
