package dev.belfry.host.abi;

import java.util.LinkedHashMap;
import java.util.Map;

/// The structures of `linux/iommufd.h` and `linux/vfio.h` that cross the system call boundary: each
/// field by its kernel name, with offset and width in bytes; little-endian.
public enum AbiStruct {
    IOMMU_DESTROY(8, "size@0:4 id@4:4"),
    IOMMU_IOAS_ALLOC(12, "size@0:4 flags@4:4 out_ioas_id@8:4"),
    IOMMU_IOVA_RANGE(16, "start@0:8 last@8:8"),
    IOMMU_IOAS_IOVA_RANGES(
            32,
            "size@0:4 ioas_id@4:4 num_iovas@8:4 __reserved@12:4 allowed_iovas@16:8"
                    + " out_iova_alignment@24:8"),
    IOMMU_IOAS_ALLOW_IOVAS(
            24, "size@0:4 ioas_id@4:4 num_iovas@8:4 __reserved@12:4 allowed_iovas@16:8"),
    IOMMU_IOAS_MAP(
            40,
            "size@0:4 flags@4:4 ioas_id@8:4 __reserved@12:4 user_va@16:8 length@24:8 iova@32:8"),
    IOMMU_IOAS_MAP_FILE(
            40, "size@0:4 flags@4:4 ioas_id@8:4 fd@12:4 start@16:8 length@24:8 iova@32:8"),
    IOMMU_IOAS_COPY(
            40,
            "size@0:4 flags@4:4 dst_ioas_id@8:4 src_ioas_id@12:4 length@16:8 dst_iova@24:8"
                    + " src_iova@32:8"),
    IOMMU_IOAS_UNMAP(24, "size@0:4 ioas_id@4:4 iova@8:8 length@16:8"),
    IOMMU_OPTION(24, "size@0:4 option_id@4:4 op@8:2 __reserved@10:2 object_id@12:4 val64@16:8"),
    IOMMU_VFIO_IOAS(12, "size@0:4 ioas_id@4:4 op@8:2 __reserved@10:2"),
    IOMMU_HWPT_ARM_SMMUV3(16, "ste@0:16"),
    IOMMU_HWPT_ALLOC(
            48,
            "size@0:4 flags@4:4 dev_id@8:4 pt_id@12:4 out_hwpt_id@16:4 __reserved@20:4"
                    + " data_type@24:4 data_len@28:4 data_uptr@32:8 fault_id@40:4"
                    + " __reserved2@44:4"),
    IOMMU_HW_INFO_ARM_SMMUV3(40, "flags@0:4 __reserved@4:4 idr@8:24 iidr@32:4 aidr@36:4"),
    IOMMU_HW_INFO_TEGRA241_CMDQV(
            8, "flags@0:4 version@4:1 log2vcmdqs@5:1 log2vsids@6:1 __reserved@7:1"),
    IOMMU_HW_INFO(
            40,
            "size@0:4 flags@4:4 dev_id@8:4 data_len@12:4 data_uptr@16:8 in_data_type@24:4"
                    + " out_data_type@24:4 out_max_pasid_log2@28:1 __reserved@29:3"
                    + " out_capabilities@32:8"),
    IOMMU_HWPT_SET_DIRTY_TRACKING(16, "size@0:4 flags@4:4 hwpt_id@8:4 __reserved@12:4"),
    IOMMU_HWPT_GET_DIRTY_BITMAP(
            48,
            "size@0:4 hwpt_id@4:4 flags@8:4 __reserved@12:4 iova@16:8 length@24:8 page_size@32:8"
                    + " data@40:8"),
    IOMMU_VIOMMU_ARM_SMMUV3_INVALIDATE(16, "cmd@0:16"),
    IOMMU_HWPT_INVALIDATE(
            32,
            "size@0:4 hwpt_id@4:4 data_uptr@8:8 data_type@16:4 entry_len@20:4 entry_num@24:4"
                    + " __reserved@28:4"),
    IOMMU_HWPT_PGFAULT(
            40,
            "flags@0:4 dev_id@4:4 pasid@8:4 grpid@12:4 perm@16:4 __reserved@20:4 addr@24:8"
                    + " length@32:4 cookie@36:4"),
    IOMMU_HWPT_PAGE_RESPONSE(8, "cookie@0:4 code@4:4"),
    IOMMU_FAULT_ALLOC(16, "size@0:4 flags@4:4 out_fault_id@8:4 out_fault_fd@12:4"),
    IOMMU_VIOMMU_TEGRA241_CMDQV(16, "out_vintf_mmap_offset@0:8 out_vintf_mmap_length@8:8"),
    IOMMU_VIOMMU_ALLOC(
            40,
            "size@0:4 flags@4:4 type@8:4 dev_id@12:4 hwpt_id@16:4 out_viommu_id@20:4"
                    + " data_len@24:4 __reserved@28:4 data_uptr@32:8"),
    IOMMU_VDEVICE_ALLOC(24, "size@0:4 viommu_id@4:4 dev_id@8:4 out_vdevice_id@12:4 virt_id@16:8"),
    IOMMU_IOAS_CHANGE_PROCESS(8, "size@0:4 __reserved@4:4"),
    IOMMUFD_VEVENT_HEADER(8, "flags@0:4 sequence@4:4"),
    IOMMU_VEVENT_ARM_SMMUV3(32, "evt@0:32"),
    IOMMU_VEVENT_TEGRA241_CMDQV(16, "lvcmdq_err_map@0:16"),
    IOMMU_VEVENTQ_ALLOC(
            32,
            "size@0:4 flags@4:4 viommu_id@8:4 type@12:4 veventq_depth@16:4 out_veventq_id@20:4"
                    + " out_veventq_fd@24:4 __reserved@28:4"),
    IOMMU_HW_QUEUE_ALLOC(
            40,
            "size@0:4 flags@4:4 viommu_id@8:4 type@12:4 index@16:4 out_hw_queue_id@20:4"
                    + " nesting_parent_iova@24:8 length@32:8"),
    VFIO_DEVICE_INFO(
            24, "argsz@0:4 flags@4:4 num_regions@8:4 num_irqs@12:4 cap_offset@16:4 pad@20:4"),
    VFIO_REGION_INFO(32, "argsz@0:4 flags@4:4 index@8:4 cap_offset@12:4 size@16:8 offset@24:8"),
    VFIO_IRQ_INFO(16, "argsz@0:4 flags@4:4 index@8:4 count@12:4"),
    VFIO_IRQ_SET(20, "argsz@0:4 flags@4:4 index@8:4 start@12:4 count@16:4 data@20:0"),
    VFIO_DEVICE_FEATURE(8, "argsz@0:4 flags@4:4 data@8:0"),
    VFIO_DEVICE_BIND_IOMMUFD(
            24, "argsz@0:4 flags@4:4 iommufd@8:4 out_devid@12:4 token_uuid_ptr@16:8"),
    VFIO_DEVICE_ATTACH_IOMMUFD_PT(16, "argsz@0:4 flags@4:4 pt_id@8:4 pasid@12:4"),
    VFIO_DEVICE_DETACH_IOMMUFD_PT(12, "argsz@0:4 flags@4:4 pasid@8:4");

    /// A field.
    ///
    /// @param offset bytes from the beginning
    /// @param width bytes; 0 for what follows the structure
    public record Slot(int offset, int width) {
        int end() {
            return offset + width;
        }
    }

    private final int size;
    private final Map<String, Slot> slots = new LinkedHashMap<>();

    AbiStruct(int size, String fields) {
        this.size = size;
        for (String f : fields.split(" ")) {
            int at = f.indexOf('@');
            int colon = f.indexOf(':');
            slots.put(
                    f.substring(0, at),
                    new Slot(
                            Integer.parseInt(f, at + 1, colon, 10),
                            Integer.parseInt(f, colon + 1, f.length(), 10)));
        }
    }

    /// `sizeof`.
    public int size() {
        return size;
    }

    /// Its fields by name, in order.
    public Map<String, Slot> slots() {
        return java.util.Collections.unmodifiableMap(slots);
    }

    /// A field.
    ///
    /// @throws IllegalArgumentException when it has none of that name
    public Slot slot(String field) {
        Slot slot = slots.get(field);
        if (slot == null) {
            throw new IllegalArgumentException(name() + " has no field " + field);
        }
        return slot;
    }
}
