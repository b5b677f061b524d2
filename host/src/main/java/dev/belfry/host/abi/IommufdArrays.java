package dev.belfry.host.abi;

import dev.belfry.host.iommu.DeviceInfo;
import dev.belfry.host.iommu.ViommuBackend;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.iommufd.IovaRange;
import dev.belfry.host.iommufd.IovaRanges;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// The ioctls of an iommufd that read or write arrays beside their structure.
record IommufdArrays(Iommufd fd, UserBytes memory) {

    /// `kcalloc` gives no more than 4 MiB: so many commands of 16 bytes.
    private static final int MOST_COMMANDS = 1 << 18;

    /// Ranges of which a list is kept; more want more memory than the kernel spends.
    private static final int MOST_RANGES = 1 << 16;

    /// A page of a bitmap.
    private static final long BITS_AT_ONCE = 4096L * 8;

    private static final int RANGE = AbiStruct.IOMMU_IOVA_RANGE.size();
    private static final int COMMAND = AbiStruct.IOMMU_VIOMMU_ARM_SMMUV3_INVALIDATE.size();

    Answer iovaRanges(IommufdDoor.Call c) {
        Result<IovaRanges> result =
                fd.ioasIovaRanges(c.cmd().getInt("ioas_id"), c.cmd().getInt("num_iovas"));
        if (!(result instanceof Result.Ok<IovaRanges>(IovaRanges ranges))) {
            return Answer.of(result);
        }
        long at = c.cmd().get("allowed_iovas");
        for (IovaRange r : ranges.ranges()) {
            if (!memory.write(at, Bytes.ofWords(r.start(), r.last()).toArray())) {
                return Answer.fault();
            }
            at += RANGE;
        }
        c.cmd().set("num_iovas", ranges.needed()).set("out_iova_alignment", ranges.alignment());
        if (!c.respond()) {
            return Answer.fault();
        }
        return ranges.errno()
                .map(e -> Answer.err(e, "there are " + ranges.needed() + " ranges"))
                .orElse(Answer.ZERO);
    }

    Answer allowIovas(IommufdDoor.Call c) {
        int id = c.cmd().getInt("ioas_id");
        Result<IovaRanges> known = fd.ioasIovaRanges(id, 0);
        if (!known.isOk()) {
            return Answer.of(known);
        }
        int n = c.cmd().getInt("num_iovas");
        List<IovaRange> ranges = new ArrayList<>();
        NavigableMap<Long, IovaRange> byStart = new TreeMap<>(Long::compareUnsigned);
        for (int i = 0; i != n; i++) {
            if (i == MOST_RANGES) {
                return Answer.err(Errno.ENOMEM, "too many ranges");
            }
            Optional<byte[]> bytes =
                    memory.read(c.cmd().get("allowed_iovas") + (long) i * RANGE, RANGE);
            if (bytes.isEmpty()) {
                return Answer.fault();
            }
            IovaRange range =
                    new IovaRange(
                            StructReader.value(bytes.get(), 0, 8),
                            StructReader.value(bytes.get(), 8, 8));
            Map.Entry<Long, IovaRange> below = byStart.floorEntry(range.last());
            boolean overlaps =
                    below != null && below.getValue().intersects(range.start(), range.last());
            if (Long.compareUnsigned(range.start(), range.last()) >= 0 || overlaps) {
                return Answer.err(Errno.EINVAL, "a range is empty, or overlaps another");
            }
            byStart.put(range.start(), range);
            ranges.add(range);
        }
        return Answer.of(fd.ioasAllowIovas(id, ranges));
    }

    /// As much as there is room for; what room is left is zeroed.
    Answer hwInfo(IommufdDoor.Call c) {
        Result<DeviceInfo> result =
                fd.getHwInfo(
                        c.cmd().getInt("flags"),
                        c.cmd().getInt("dev_id"),
                        c.cmd().getInt("in_data_type"));
        if (!(result instanceof Result.Ok<DeviceInfo>(DeviceInfo info))) {
            return Answer.of(result);
        }
        byte[] data = info.data().toArray();
        long room = c.cmd().get("data_len");
        long at = c.cmd().get("data_uptr");
        if (!memory.write(at, Arrays.copyOf(data, (int) Math.min(room, data.length)))) {
            return Answer.fault();
        }
        for (long done = data.length; done < room; done += 1 << 16) {
            if (!memory.write(at + done, new byte[(int) Math.min(1 << 16, room - done)])) {
                return Answer.fault();
            }
        }
        c.cmd()
                .set("data_len", data.length)
                .set("out_data_type", info.type())
                .set("out_max_pasid_log2", info.maxPasidLog2())
                .set("out_capabilities", info.capabilities());
        return c.respondOr(() -> {});
    }

    /// Sets bits in the caller's bitmap; bits that are set stay so.
    Answer dirtyBitmap(IommufdDoor.Call c) {
        long base = c.cmd().get("iova");
        long page = Math.max(1, Long.lowestOneBit(c.cmd().get("page_size")));
        long bitmap = c.cmd().get("data");
        boolean[] fault = new boolean[1];
        Result<?> done =
                fd.hwptGetDirtyBitmap(
                        c.cmd().getInt("flags"),
                        c.cmd().getInt("hwpt_id"),
                        new Iova(base),
                        c.cmd().get("length"),
                        c.cmd().get("page_size"),
                        (iova, size) ->
                                fault[0] |=
                                        !setBits(
                                                bitmap,
                                                (iova.value() - base) / page,
                                                (iova.value() + size - 1 - base) / page));
        return fault[0] ? Answer.fault() : Answer.of(done);
    }

    private boolean setBits(long bitmap, long first, long last) {
        long bit = first;
        while (bit <= last) {
            long end = Math.min(last, (bit & -BITS_AT_ONCE) + BITS_AT_ONCE - 1);
            int bytes = (int) (end / 8 - bit / 8) + 1;
            Optional<byte[]> old = memory.read(bitmap + bit / 8, bytes);
            if (old.isEmpty()) {
                return false;
            }
            java.util.BitSet set = java.util.BitSet.valueOf(old.get());
            set.set((int) (bit % 8), (int) (bit % 8 + end - bit + 1));
            if (!memory.write(bitmap + bit / 8, Arrays.copyOf(set.toByteArray(), bytes))) {
                return false;
            }
            bit = end + 1;
        }
        return true;
    }

    /// `entry_num` goes back whatever happens.
    Answer invalidate(IommufdDoor.Call c) {
        Invalidation done = invalidateEntries(c);
        c.cmd().set("entry_num", done.handled);
        return c.respond() ? done.answer : Answer.fault();
    }

    private record Invalidation(int handled, Answer answer) {
        static Invalidation failed(Errno errno, String why) {
            return new Invalidation(0, Answer.err(errno, why));
        }
    }

    private Invalidation invalidateEntries(IommufdDoor.Call c) {
        int n = c.cmd().getInt("entry_num");
        int length = c.cmd().getInt("entry_len");
        long at = c.cmd().get("data_uptr");
        int target = c.cmd().getInt("hwpt_id");
        int type = c.cmd().getInt("data_type");
        if (c.reserved("__reserved")) {
            return new Invalidation(0, IommufdDoor.RESERVED);
        }
        if (n != 0 && (at == 0 || length == 0)) {
            return Invalidation.failed(Errno.EINVAL, "entries without an address or a length");
        }
        if (!fd.invalidationBounds().allow(n, length)) {
            return Invalidation.failed(Errno.EINVAL, "too many entries, or too long ones");
        }
        ViommuBackend.Invalidated probe = fd.hwptInvalidate(target, type, length, List.of());
        if (probe.errno().isPresent()) {
            return done(probe);
        }
        if (n == 0) {
            return Invalidation.failed(Errno.EINVAL, "no entries");
        }
        if (Integer.compareUnsigned(n, MOST_COMMANDS) > 0) {
            // The driver gives up before it counts.
            return new Invalidation(n, Answer.err(Errno.ENOMEM, "too many entries"));
        }
        List<long[]> commands = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            long entry = at + Integer.toUnsignedLong(length) * i;
            Result<byte[]> copied = StructReader.copy(memory, entry, length, COMMAND);
            if (!(copied instanceof Result.Ok<byte[]>(byte[] bytes))) {
                return new Invalidation(0, Answer.of(copied));
            }
            commands.add(
                    new long[] {StructReader.value(bytes, 0, 8), StructReader.value(bytes, 8, 8)});
        }
        return done(fd.hwptInvalidate(target, type, length, commands));
    }

    private static Invalidation done(ViommuBackend.Invalidated d) {
        return new Invalidation(
                d.handled(), d.errno().map(e -> Answer.err(e, d.why())).orElse(Answer.ZERO));
    }
}
