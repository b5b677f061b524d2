package dev.belfry.host.memory;

import dev.belfry.model.memory.PhysicalMemory;

/// A process's memory, addressed as the process addresses it.
final class UserView implements PhysicalMemory {

    private final UserMemory process;
    private final PhysicalMemory host;

    UserView(UserMemory process, PhysicalMemory host) {
        this.process = process;
        this.host = host;
    }

    @Override
    public boolean accepts(long address, long length) {
        long done = 0;
        while (done < length) {
            Segment s = process.segment(address + done);
            if (s == null) {
                return false;
            }
            done += s.left(address + done);
        }
        return length > 0;
    }

    @Override
    public long read(long address, int width) {
        Segment s = process.segment(address);
        if (s == null) {
            return 0;
        }
        if (s.leftInPiece(address) >= width) {
            return host.read(s.physical(address), width);
        }
        if (!accepts(address, width)) {
            return 0;
        }
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= read(address + i, 1) << (8 * i);
        }
        return value;
    }

    @Override
    public boolean write(long address, int width, long value, int requester) {
        Segment s = process.segment(address);
        if (s == null) {
            return false;
        }
        if (s.leftInPiece(address) >= width) {
            return host.write(s.physical(address), width, value, requester);
        }
        if (!accepts(address, width)) {
            return false;
        }
        for (int i = 0; i < width; i++) {
            write(address + i, 1, value >>> (8 * i), requester);
        }
        return true;
    }

    @Override
    public boolean compareAndSet(long address, long expected, long update) {
        Segment s = process.segment(address);
        return s != null
                && s.leftInPiece(address) >= 8
                && host.compareAndSet(s.physical(address), expected, update);
    }

    @Override
    public boolean readBytes(long address, byte[] into, int offset, int length) {
        int done = 0;
        while (done < length) {
            Segment s = process.segment(address + done);
            if (s == null) {
                return false;
            }
            int n = (int) Math.min(length - done, s.leftInPiece(address + done));
            if (!host.readBytes(s.physical(address + done), into, offset + done, n)) {
                return false;
            }
            done += n;
        }
        return true;
    }

    @Override
    public boolean writeBytes(long address, byte[] from, int offset, int length) {
        int done = 0;
        while (done < length) {
            Segment s = process.segment(address + done);
            if (s == null) {
                return false;
            }
            int n = (int) Math.min(length - done, s.leftInPiece(address + done));
            if (!host.writeBytes(s.physical(address + done), from, offset + done, n)) {
                return false;
            }
            done += n;
        }
        return true;
    }
}
