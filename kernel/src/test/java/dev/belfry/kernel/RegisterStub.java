package dev.belfry.kernel;

import dev.belfry.model.memory.MmioDevice;
import java.util.HashMap;
import java.util.Map;

/// Registers that keep what is written, with hooks: for drivers whose hardware is not of interest.
public class RegisterStub implements MmioDevice {

    private final long size;
    private final Map<Long, Long> values = new HashMap<>();

    public RegisterStub(long size) {
        this.size = size;
    }

    public final void set(long offset, long value) {
        values.put(offset, value);
    }

    public final long get(long offset) {
        return values.getOrDefault(offset, 0L);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public long read(long offset, int width) {
        return get(offset);
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        set(offset, value);
    }
}
