package dev.belfry.host.machine;

import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;

/// An ITS's frames; a device's write to them raises the wire to the CPUs.
///
/// @param its the ITS
/// @param signal the wire
record SignallingFrame(MmioDevice its, InterruptSignal signal) implements MmioDevice {

    @Override
    public long size() {
        return its.size();
    }

    @Override
    public boolean accepts(long offset, int width) {
        return its.accepts(offset, width);
    }

    @Override
    public long read(long offset, int width) {
        return its.read(offset, width);
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        its.write(offset, width, value, requester);
        if (PhysicalMemory.cpuOf(requester) < 0) {
            signal.raise();
        }
    }
}
