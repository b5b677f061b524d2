package dev.belfry.host.memory;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Gpa;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// A process's address space: anonymous mappings backed by host pages.
///
/// A mapping costs an address per piece, not per byte: 256 GiB are 256 pieces of 1 GiB. The bytes
/// themselves lie in host memory, which costs what is touched.
public final class UserMemory {

    /// A physically contiguous part of a pinned range.
    ///
    /// @param hpa where it is
    /// @param length bytes
    public record Run(Hpa hpa, long length) {}

    /// Mappings start here and go up, each aligned to the largest piece.
    private static final long FIRST = 0x7f00_0000_0000L;

    /// At most so many pieces of one size, so that a mapping stays cheap to make and to walk.
    private static final long MANY = 16384;

    private static final Segment NOTHING = new Segment(new UserVa(0), 0, new long[0], false);

    private final HostPages pages;
    private final PhysicalMemory host;
    private final TreeMap<Long, Segment> segments = new TreeMap<>();
    private final Map<Long, Long> mappings = new TreeMap<>();
    private long next = FIRST;
    private Segment last = NOTHING;
    private final LockedMemory ofProcess = new LockedMemory();
    private final LockedMemory ofUser;
    private Limits limits = Limits.NONE;

    /// What a process may do.
    ///
    /// @param lockedBytes `RLIMIT_MEMLOCK`: how much it may have pinned
    /// @param ipcLock it has `CAP_IPC_LOCK`: what it maps is not counted
    /// @param sysResource it has `CAP_SYS_RESOURCE`
    public record Limits(long lockedBytes, boolean ipcLock, boolean sysResource) {
        /// A process that may have all memory pinned.
        public static final Limits NONE = new Limits(Long.MAX_VALUE, false, true);
    }

    /// Where pinned memory is counted (`account_mode` of `struct iopt_pages`).
    public enum Accounting {
        /// Nowhere: the process had `CAP_IPC_LOCK`.
        NONE,
        /// Together with that of the user's other processes, as io_uring does.
        USER,
        /// With the process, as VFIO's containers do.
        PROCESS
    }

    /// @param pages where pages come from
    /// @param host the host's physical memory
    public UserMemory(HostPages pages, PhysicalMemory host) {
        this(pages, host, new LockedMemory());
    }

    private UserMemory(HostPages pages, PhysicalMemory host, LockedMemory ofUser) {
        this.pages = pages;
        this.host = host;
        this.ofUser = ofUser;
    }

    /// Another process of the same user.
    public UserMemory another() {
        return new UserMemory(pages, host, ofUser);
    }

    /// The process runs within limits from now on.
    public void limit(Limits now) {
        limits = now;
    }

    /// Its limits.
    public Limits limits() {
        return limits;
    }

    /// Counts pages that the kernel pins for devices.
    ///
    /// @return `ENOMEM` beyond `RLIMIT_MEMLOCK`
    public Result<Done> lock(Accounting where, long bytes) {
        return switch (where) {
            case NONE -> Result.done();
            case USER -> ofUser.add(bytes, limits.lockedBytes);
            case PROCESS -> ofProcess.add(bytes, limits.lockedBytes);
        };
    }

    /// They are no longer pinned.
    public void unlock(Accounting where, long bytes) {
        switch (where) {
            case NONE -> {}
            case USER -> ofUser.subtract(bytes);
            case PROCESS -> ofProcess.subtract(bytes);
        }
    }

    /// `mmap` of `size` bytes of anonymous memory that will be shown to a guest at `shownAt`: no
    /// piece of it lies at the physical address that the guest will call it by.
    ///
    /// @return `EINVAL` when `size` is not a multiple of the page size, `ENOMEM` when the host has
    ///   not enough memory
    public Result<UserVa> mapForGuest(long size, Gpa shownAt) {
        return map(size, OptionalLong.of(shownAt.value()), true);
    }

    /// `mmap` of `size` bytes of anonymous memory.
    public Result<UserVa> map(long size) {
        return map(size, OptionalLong.empty(), true);
    }

    /// As [#map(long)], but read-only.
    public Result<UserVa> mapReadOnly(long size) {
        return map(size, OptionalLong.empty(), false);
    }

    private Result<UserVa> map(long size, OptionalLong shownAt, boolean writable) {
        List<Integer> shifts = pages.pieceShifts();
        long page = 1L << shifts.getLast();
        if (size <= 0 || (size & (page - 1)) != 0) {
            return Result.err(Errno.EINVAL, "a mapping is a whole number of pages");
        }
        UserVa start = new UserVa(next);
        long done = 0;
        for (int i = 0; i < shifts.size() && done < size; i++) {
            int shift = shifts.get(i);
            long rest = size - done;
            boolean tooLarge = i < shifts.size() - 1 && rest >>> shifts.get(i + 1) <= MANY / 4;
            long count = tooLarge ? 0 : rest >>> shift;
            if (count == 0) {
                continue;
            }
            OptionalLong avoid =
                    shownAt.isPresent()
                            ? OptionalLong.of(shownAt.getAsLong() + done)
                            : OptionalLong.empty();
            long[] taken = takePieces((int) count, shift, avoid);
            if (taken.length < count) {
                giveBack(taken, shift);
                release(start);
                return Result.err(Errno.ENOMEM, "the host has no more free memory");
            }
            UserVa at = start.plus(done);
            segments.put(at.value(), new Segment(at, shift, taken, writable));
            done += count << shift;
            mappings.put(start.value(), done);
        }
        long large = 1L << shifts.getFirst();
        // A page that nobody has lies between two mappings.
        next = (start.value() + size + large) & -large;
        return Result.ok(start);
    }

    private long[] takePieces(int count, int shift, OptionalLong avoid) {
        long[] taken = new long[count];
        for (int i = 0; i < count; i++) {
            OptionalLong piece = pages.take(shift);
            boolean clash =
                    piece.isPresent()
                            && avoid.isPresent()
                            && piece.getAsLong() == avoid.getAsLong() + ((long) i << shift);
            if (clash) {
                OptionalLong other = pages.take(shift);
                pages.give(piece.getAsLong(), shift);
                piece = other;
            }
            if (piece.isEmpty()) {
                return Arrays.copyOf(taken, i);
            }
            taken[i] = piece.getAsLong();
        }
        return taken;
    }

    private void giveBack(long[] pieces, int shift) {
        for (long piece : pieces) {
            pages.give(piece, shift);
        }
    }

    /// `munmap` of a whole mapping; its pages are free again.
    ///
    /// @return `EINVAL` when no mapping starts at `start`
    public Result<Long> unmap(UserVa start) {
        Long size = mappings.get(start.value());
        if (size == null) {
            return Result.err(Errno.EINVAL, "no mapping starts there");
        }
        release(start);
        return Result.ok(size);
    }

    private void release(UserVa start) {
        Long size = mappings.remove(start.value());
        if (size == null) {
            return;
        }
        Map<Long, Segment> gone = segments.subMap(start.value(), start.value() + size);
        gone.values().forEach(s -> giveBack(s.pieces(), s.pieceShift()));
        gone.clear();
        last = NOTHING;
    }

    /// Pins `[va, va + length)`: where it lies in host memory, as few runs as possible.
    ///
    /// @param write whether it will be written
    /// @return `EFAULT` when a part is not mapped, or is read-only and is to be written
    public Result<List<Run>> pin(UserVa va, long length, boolean write) {
        List<Run> runs = new ArrayList<>();
        long done = 0;
        while (done < length) {
            Segment s = segment(va.value() + done);
            if (s == null || (write && !s.writable())) {
                return Result.err(
                        Errno.EFAULT,
                        (s == null ? "nothing is mapped at " : "memory is read-only at ")
                                + va.plus(done));
            }
            long n = Math.min(length - done, s.leftInPiece(va.value() + done));
            append(runs, s.physical(va.value() + done), n);
            done += n;
        }
        return Result.ok(runs);
    }

    private static void append(List<Run> runs, long physical, long length) {
        if (!runs.isEmpty()) {
            Run before = runs.getLast();
            if (before.hpa().value() + before.length() == physical) {
                runs.set(runs.size() - 1, new Run(before.hpa(), before.length() + length));
                return;
            }
        }
        runs.add(new Run(new Hpa(physical), length));
    }

    /// Physical address of `va`; empty when it is not mapped.
    public OptionalLong physical(UserVa va) {
        Segment s = segment(va.value());
        return s == null ? OptionalLong.empty() : OptionalLong.of(s.physical(va.value()));
    }

    /// The process's memory by virtual address.
    public PhysicalMemory view() {
        return new UserView(this, host);
    }

    @org.jspecify.annotations.Nullable
    Segment segment(long va) {
        if (last.contains(va)) {
            return last;
        }
        Map.Entry<Long, Segment> e = segments.floorEntry(va);
        if (e == null || !e.getValue().contains(va)) {
            return null;
        }
        last = e.getValue();
        return last;
    }
}
