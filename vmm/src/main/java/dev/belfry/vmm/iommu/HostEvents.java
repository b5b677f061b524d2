package dev.belfry.vmm.iommu;

import dev.belfry.host.iommufd.Veventq;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Brings the host's events of one vSMMU to the guest's Event queue: fetched from when the guest
/// has a queue and the host has a vIOMMU, whichever comes last.
final class HostEvents {

    private final String name;
    private final RefusalLog log;
    private final VeventReader reader;
    private OptionalInt log2Size = OptionalInt.empty();
    private Optional<Veventq> queue = Optional.empty();

    /// @param name the vSMMU's
    /// @param guest takes the records
    HostEvents(String name, RefusalLog log, Consumer<EventRecord> guest) {
        this.name = name;
        this.log = log;
        this.reader = new VeventReader(name, log, e -> guest.accept(event(e)));
    }

    /// The guest has an Event queue of that size; the host's queue keeps the size that it was first
    /// made with.
    void guestHasQueue(int size, Optional<HostObjects> objects) {
        log2Size = OptionalInt.of(size);
        objects.ifPresent(this::start);
    }

    /// The host has a vIOMMU.
    void start(HostObjects objects) {
        if (log2Size.isEmpty() || queue.isPresent()) {
            return;
        }
        Result<Veventq> made = objects.events(log2Size.getAsInt());
        if (log.passed(name + ": fetching the host's events", made)) {
            Veventq q = made.orThrow();
            queue = Optional.of(q);
            reader.follow(q);
        }
    }

    /// The vIOMMU is about to go.
    void stop(HostObjects objects) {
        queue.ifPresent(q -> {
            q.close();
            objects.discards().discard("the vEVENTQ of " + name, q.objectId());
        });
        queue = Optional.empty();
    }

    private static EventRecord event(Bytes bytes) {
        long[] words = new long[4];
        for (int i = 0; i < 32; i++) {
            words[i / 8] |= (long) bytes.at(i) << (8 * (i % 8));
        }
        return new EventRecord(words[0], words[1], words[2], words[3]);
    }
}
