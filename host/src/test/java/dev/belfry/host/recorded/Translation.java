package dev.belfry.host.recorded;

import dev.belfry.host.abi.AbiStruct;
import dev.belfry.host.recorded.Recording.Outcome;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// What a structure holds of the program's own: pointers and descriptors.
///
/// @param memory where pointers lead
/// @param fds the program's descriptors, and ours
record Translation(ProgramMemory memory, Map<Integer, Integer> fds) {

    private static final int SET_IRQS = 0x3b6e;
    private static final int EVENTFDS = 4;

    /// A field by offset in the structures of one ioctl.
    ///
    /// @param pointer 8 bytes; otherwise a descriptor of 4 bytes
    private record Own(AbiStruct struct, String field, boolean pointer) {
        int offset() {
            return struct.slot(field).offset();
        }
    }

    private static final Map<Integer, List<Own>> OWN =
            Map.ofEntries(
                    pointer(0x3b82, AbiStruct.IOMMU_IOAS_ALLOW_IOVAS, "allowed_iovas"),
                    pointer(0x3b84, AbiStruct.IOMMU_IOAS_IOVA_RANGES, "allowed_iovas"),
                    pointer(0x3b85, AbiStruct.IOMMU_IOAS_MAP, "user_va"),
                    pointer(0x3b89, AbiStruct.IOMMU_HWPT_ALLOC, "data_uptr"),
                    pointer(0x3b8a, AbiStruct.IOMMU_HW_INFO, "data_uptr"),
                    pointer(0x3b8c, AbiStruct.IOMMU_HWPT_GET_DIRTY_BITMAP, "data"),
                    pointer(0x3b8d, AbiStruct.IOMMU_HWPT_INVALIDATE, "data_uptr"),
                    pointer(0x3b90, AbiStruct.IOMMU_VIOMMU_ALLOC, "data_uptr"),
                    pointer(
                            0x3b76,
                            AbiStruct.VFIO_DEVICE_BIND_IOMMUFD,
                            "token_uuid_ptr",
                            "iommufd"),
                    descriptor(0x3b8f, AbiStruct.IOMMU_IOAS_MAP_FILE, "fd"));

    /// Descriptors that a call makes.
    private static final Map<Integer, Own> MADE =
            Map.of(
                    0x3b93, new Own(AbiStruct.IOMMU_VEVENTQ_ALLOC, "out_veventq_fd", false),
                    0x3b8e, new Own(AbiStruct.IOMMU_FAULT_ALLOC, "out_fault_fd", false));

    private static Map.Entry<Integer, List<Own>> pointer(int request, AbiStruct s, String field) {
        return Map.entry(request, List.of(new Own(s, field, true)));
    }

    private static Map.Entry<Integer, List<Own>> pointer(
            int request, AbiStruct s, String field, String descriptor) {
        return Map.entry(request, List.of(new Own(s, field, true), new Own(s, descriptor, false)));
    }

    private static Map.Entry<Integer, List<Own>> descriptor(int request, AbiStruct s, String f) {
        return Map.entry(request, List.of(new Own(s, f, false)));
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// The structure as it must be given here.
    byte[] in(int request, byte[] given) {
        byte[] bytes = given.clone();
        ByteBuffer b = buffer(bytes);
        for (Own o : OWN.getOrDefault(request, List.of())) {
            if (o.pointer && o.offset() + 8 <= bytes.length) {
                b.putLong(o.offset(), memory.toModel(b.getLong(o.offset())));
            } else if (!o.pointer && o.offset() + 4 <= bytes.length) {
                translate(b, o.offset());
            }
        }
        if (request == SET_IRQS && bytes.length > 20 && (b.getInt(4) & EVENTFDS) != 0) {
            for (int at = 20; at + 4 <= bytes.length; at += 4) {
                translate(b, at);
            }
        }
        return bytes;
    }

    private void translate(ByteBuffer b, int at) {
        int fd = b.getInt(at);
        b.putInt(at, fds.getOrDefault(fd, fd));
    }

    /// The structure after the call, as the program would have seen it; what the call made is known
    /// from then on by the program's descriptor.
    byte[] out(int request, byte[] given, byte[] after, Outcome real) {
        byte[] bytes = after.clone();
        byte[] before = in(request, given);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = bytes[i] == before[i] ? given[i] : bytes[i];
        }
        Own made = MADE.get(request);
        byte[] theirs = HexFormat.of().parseHex(real.structure());
        if (made != null && made.offset() + 4 <= bytes.length) {
            int here = buffer(after).getInt(made.offset());
            int there = buffer(theirs).getInt(made.offset());
            if (here != buffer(given).getInt(made.offset())
                    && there != buffer(given).getInt(made.offset())) {
                fds.put(there, here);
                buffer(bytes).putInt(made.offset(), there);
            }
        }
        return bytes;
    }
}
