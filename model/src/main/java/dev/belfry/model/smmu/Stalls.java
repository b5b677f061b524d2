package dev.belfry.model.smmu;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Stalled transactions, by their tags (IHI 0070 3.12.2).
final class Stalls {

    /// Who is told how a stalled transaction ended.
    @FunctionalInterface
    interface Listener {
        void ended(int stag, Translation result);
    }

    /// A transaction as it arrived.
    record Transaction(int streamId, int substreamId, long address, Access access) {}

    private final int capacity;
    private final Map<Integer, Transaction> waiting = new LinkedHashMap<>();
    private int next;

    Stalls(SmmuIdentity id) {
        int most = id.idr5() >>> 16;
        capacity = id.stallModel() == 1 ? 0 : Math.max(1, most);
    }

    /// Holds a transaction.
    ///
    /// @return its tag, 0..65535, or -1 when there is no room
    int hold(Transaction t) {
        if (waiting.size() >= capacity) {
            return -1;
        }
        while (waiting.containsKey(next)) {
            next = next + 1 & 0xffff;
        }
        int stag = next;
        next = next + 1 & 0xffff;
        waiting.put(stag, t);
        return stag;
    }

    /// Takes out the transaction of a tag and StreamID; null when there is none.
    @Nullable Transaction release(int streamId, int stag) {
        Transaction t = waiting.get(stag);
        if (t == null || t.streamId() != streamId) {
            return null;
        }
        waiting.remove(stag);
        return t;
    }

    /// Ends all transactions of a StreamID, or all there are, with an abort.
    void terminate(@Nullable Integer streamId, EventQueue events, Listener listener) {
        Iterator<Map.Entry<Integer, Transaction>> it = waiting.entrySet().iterator();
        Map<Integer, Transaction> ended = new LinkedHashMap<>();
        while (it.hasNext()) {
            Map.Entry<Integer, Transaction> e = it.next();
            if (streamId == null || e.getValue().streamId() == streamId) {
                ended.put(e.getKey(), e.getValue());
                it.remove();
            }
        }
        ended.forEach((stag, t) -> {
            events.forgetStall(t.streamId(), stag);
            listener.ended(stag, new Translation.Faulted(Optional.empty(), false));
        });
    }

    int size() {
        return waiting.size();
    }

    void reset() {
        waiting.clear();
        next = 0;
    }
}
