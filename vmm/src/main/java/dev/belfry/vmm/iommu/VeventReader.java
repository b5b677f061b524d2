package dev.belfry.vmm.iommu;

import dev.belfry.host.iommufd.VeventRecord;
import dev.belfry.host.iommufd.Veventq;
import dev.belfry.model.journey.Bytes;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.function.Consumer;

/// Reads the records of one of the host's event queues, and says what is missing
/// (`smmuv3_accel_event_read_validate`).
public final class VeventReader {

    private static final int BUFFER = 1 << 16;

    private final String name;
    private final RefusalLog log;
    private final Consumer<Bytes> events;
    private int nextSequence;

    /// @param name whose queue it is
    /// @param events takes each event
    public VeventReader(String name, RefusalLog log, Consumer<Bytes> events) {
        this.name = name;
        this.log = log;
        this.events = events;
    }

    /// Reads `queue` whenever there is something, from its first record on.
    public void follow(Veventq queue) {
        nextSequence = 0;
        queue.onReadable(() -> read(queue));
    }

    private void read(Veventq from) {
        for (VeventRecord r : from.read(BUFFER, 0).orThrow()) {
            if (r.lostEvents()) {
                log.add(name + ": the host's event queue overflowed");
                nextSequence = r.sequence() + 1;
                continue;
            }
            if (r.sequence() != nextSequence) {
                log.add(name + ": lost " + (r.sequence() - nextSequence) + " events");
            }
            nextSequence = (r.sequence() + 1) & Integer.MAX_VALUE;
            events.accept(r.event());
        }
    }
}
