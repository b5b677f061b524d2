package dev.belfry.model.gic;

import dev.belfry.model.memory.MmioDevice;
import java.util.List;

/// Redistributors one after the other.
///
/// @param all of them
/// @param bytes of one's frames
record RedistributorFrames(List<Redistributor> all, int bytes) implements MmioDevice {

    @Override
    public long size() {
        return (long) bytes * all.size();
    }

    private boolean covers(long offset) {
        return Long.compareUnsigned(offset, size()) < 0;
    }

    private Redistributor at(long offset) {
        return all.get((int) (offset / bytes));
    }

    @Override
    public long read(long offset, int width) {
        return covers(offset) ? at(offset).read(offset % bytes, width) : 0;
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        if (covers(offset)) {
            at(offset).write(offset % bytes, width, value, requester);
        }
    }
}
