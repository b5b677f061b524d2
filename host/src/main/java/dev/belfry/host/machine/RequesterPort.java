package dev.belfry.host.machine;

import dev.belfry.model.pci.DmaPort;
import java.util.HashMap;
import java.util.Map;

/// A root bus's way to memory: each requester has its own, since functions of one bus may be behind
/// different SMMUs. When a transaction is done, the CPUs see the interrupts that it led to.
final class RequesterPort implements DmaPort {

    private final InterruptSignal signal;
    private final Map<Integer, DmaPort> ways = new HashMap<>();

    RequesterPort(InterruptSignal signal) {
        this.signal = signal;
    }

    void put(int requester, DmaPort way) {
        ways.put(requester, way);
    }

    @Override
    public boolean read(int requester, long address, byte[] into) {
        DmaPort way = ways.get(requester);
        boolean done = way != null && way.read(requester, address, into);
        signal.deliver();
        return done;
    }

    @Override
    public boolean write(int requester, long address, byte[] from) {
        DmaPort way = ways.get(requester);
        boolean done = way != null && way.write(requester, address, from);
        signal.deliver();
        return done;
    }
}
