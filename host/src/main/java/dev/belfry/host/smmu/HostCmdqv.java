package dev.belfry.host.smmu;

import dev.belfry.host.iommu.CmdqvInfo;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.Machine;
import dev.belfry.model.smmu.spec.CmdqvLayout;
import java.util.Optional;
import java.util.TreeMap;

/// The driver of a Tegra241 CMDQ-V (`tegra241-cmdqv.c`): hands virtual interfaces to vIOMMUs.
///
/// Interface 0 is the kernel's; this kernel leaves its queues alone and uses the SMMU's own (as
/// with the driver's `bypass_vcmdq`).
public final class HostCmdqv {

    private final Machine machine;
    private final long base;
    private final long maxQueueBytes;
    private final int vintfs;
    private final CmdqvInfo info;
    private final TreeMap<Integer, CmdqvInterface> used = new TreeMap<>();

    /// Probes and enables it.
    ///
    /// @param machine the physical machine
    /// @param base physical address of its frame
    /// @param cmdqs IDR1.CMDQS of its SMMU: no queue may have more entries
    public HostCmdqv(Machine machine, long base, int cmdqs) {
        this.machine = machine;
        this.base = base;
        this.maxQueueBytes = 16L << cmdqs;
        long param = read(CmdqvLayout.PARAM);
        int log2Vintfs = CmdqvLayout.NUM_VINTF_LOG2.getInt(param);
        int log2Queues = CmdqvLayout.NUM_VCMDQ_LOG2.getInt(param) - log2Vintfs;
        this.vintfs = 1 << log2Vintfs;
        this.info =
                new CmdqvInfo(
                        CmdqvLayout.VER.getInt(param),
                        log2Queues,
                        CmdqvLayout.NUM_SID_PER_VM_LOG2.getInt(param));
        write(CmdqvLayout.CONFIG, 1);
        assign(1 << log2Queues);
    }

    /// Every global queue belongs to an interface from the start, but is mapped there only when it
    /// is allocated.
    private void assign(int perVintf) {
        for (int q = 0; q < vintfs * perVintf; q++) {
            write(
                    CmdqvLayout.CMDQ_ALLOC + 4L * q,
                    CmdqvLayout.ALLOC_VINTF.of(q / perVintf)
                            | CmdqvLayout.ALLOC_LVCMDQ.of(q % perVintf));
        }
    }

    CmdqvInfo info() {
        return info;
    }

    Machine machine() {
        return machine;
    }

    long base() {
        return base;
    }

    long maxQueueBytes() {
        return maxQueueBytes;
    }

    int queuesPerVintf() {
        return 1 << info.log2Vcmdqs();
    }

    long read(long offset) {
        return machine.read(base + offset, 4);
    }

    void write(long offset, long value) {
        machine.write(base + offset, 4, value & 0xffff_ffffL);
    }

    /// The lowest free interface.
    ///
    /// @return `ENOSPC` when all are used
    Result<CmdqvInterface> allocate(SmmuViommu viommu, int vmid) {
        int index = 1;
        while (used.containsKey(index)) {
            index++;
        }
        if (index >= vintfs) {
            return Result.err(Errno.ENOSPC, "the CMDQ-V has no virtual interface left");
        }
        CmdqvInterface made = new CmdqvInterface(this, index, viommu, vmid);
        used.put(index, made);
        return Result.ok(made);
    }

    void release(int index) {
        used.remove(index);
    }

    /// The error interrupt: each guest's errors go to its own vEVENTQ.
    public void handleErrors() {
        long map =
                read(CmdqvLayout.VINTF_ERR_MAP + 4) << 32
                        | (read(CmdqvLayout.VINTF_ERR_MAP) & 0xffff_ffffL);
        for (int i = 1; i < vintfs; i++) {
            if ((map >>> i & 1) != 0) {
                Optional.ofNullable(used.get(i)).ifPresent(CmdqvInterface::reportErrors);
            }
        }
    }
}
