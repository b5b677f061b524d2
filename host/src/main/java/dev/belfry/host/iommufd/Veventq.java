package dev.belfry.host.iommufd;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.journey.Bytes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// A queue of events for a guest, and the file that a VMM reads them from.
public final class Veventq extends IommufdObject {

    private final Viommu viommu;
    private final int type;
    private final int depth;
    private final int fd;
    private final Deque<VeventRecord> queue = new ArrayDeque<>();
    private int events;
    private int sequence;
    private boolean open = true;
    private Optional<Runnable> poll = Optional.empty();

    Veventq(Viommu viommu, int type, int depth, int fd) {
        this.viommu = viommu;
        this.type = type;
        this.depth = depth;
        this.fd = fd;
        viommu.addUser();
        viommu.veventqs().put(type, this);
        // The file descriptor holds a reference: EBUSY until it is closed.
        addUser();
    }

    /// The file descriptor's number.
    public int fd() {
        return fd;
    }

    /// The object's id, for `IOMMU_DESTROY`.
    public int objectId() {
        return id();
    }

    /// An event from the driver: stored, or counted as lost when the queue is full.
    void offer(long[] words) {
        if (events == depth) {
            if (!queue.isEmpty() && queue.getLast().lostEvents()) {
                queue.removeLast();
            }
            queue.add(new VeventRecord(VeventRecord.LOST_EVENTS, sequence, Bytes.NONE));
        } else {
            queue.removeIf(VeventRecord::lostEvents);
            queue.add(new VeventRecord(0, sequence, Bytes.ofWords(words)));
            events++;
        }
        sequence = (sequence + 1) & Integer.MAX_VALUE;
        poll.ifPresent(Runnable::run);
    }

    /// `read(2)`: whole records, as many as fit.
    ///
    /// @param count size of the buffer, bytes
    /// @param offset file position
    /// @return `ESPIPE` for an offset other than 0; an empty list when nothing is queued or the
    ///   next record does not fit
    public Result<List<VeventRecord>> read(int count, long offset) {
        if (offset != 0) {
            return Result.err(Errno.ESPIPE, "the queue has no positions");
        }
        List<VeventRecord> out = new ArrayList<>();
        int left = count;
        while (!queue.isEmpty() && queue.getFirst().length() <= left) {
            VeventRecord r = queue.removeFirst();
            left -= r.length();
            events -= r.lostEvents() ? 0 : 1;
            out.add(r);
        }
        return Result.ok(out);
    }

    /// `poll(2)`: whether a read gives something.
    public boolean readable() {
        return !queue.isEmpty();
    }

    /// Calls `action` whenever the file becomes readable.
    public void onReadable(Runnable action) {
        poll = Optional.of(action);
    }

    /// `close(2)`.
    public void close() {
        if (open) {
            open = false;
            removeUser();
        }
    }

    @Override
    String kind() {
        return "a vEVENTQ";
    }

    @Override
    void destroy() {
        viommu.veventqs().remove(type);
        viommu.removeUser();
    }
}
