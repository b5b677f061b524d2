package dev.belfry.host.smmu;

import dev.belfry.host.iommu.HardwareQueues;
import dev.belfry.host.memory.PhysicalFrame;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.smmu.spec.CmdqvLayout;
import dev.belfry.model.smmu.spec.Command;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/// A virtual interface (VINTF) of a CMDQ-V that belongs to a guest: its queues, and its StreamIDs.
final class CmdqvInterface implements HardwareQueues {

    /// `IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV`.
    private static final int TYPE_TEGRA241_CMDQV = 1;

    /// `IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV`.
    private static final int VEVENTQ_TEGRA241_CMDQV = 2;

    private static final long LEAST_QUEUE_BYTES = 32;
    private static final int CMD_SYNC = 0x46;

    private final HostCmdqv cmdqv;
    private final int index;
    private final SmmuViommu viommu;
    private final BitSet queues = new BitSet();
    private final Map<Long, Integer> slots = new HashMap<>();

    CmdqvInterface(HostCmdqv cmdqv, int index, SmmuViommu viommu, int vmid) {
        this.cmdqv = cmdqv;
        this.index = index;
        this.viommu = viommu;
        long config = CmdqvLayout.VMID.of(vmid);
        cmdqv.write(at(CmdqvLayout.VINTF_CONFIG), config);
        cmdqv.write(at(CmdqvLayout.VINTF_CONFIG), config | CmdqvLayout.EN.of(1));
    }

    private long at(int register) {
        return CmdqvLayout.vintf(index) + register;
    }

    @Override
    public MmioDevice page() {
        return new PhysicalFrame(cmdqv.machine(), pageAddress().value(), CmdqvLayout.PAGE);
    }

    @Override
    public Hpa pageAddress() {
        return new Hpa(cmdqv.base() + CmdqvLayout.vintfPage0(index));
    }

    @Override
    public boolean supports(int type) {
        return type == TYPE_TEGRA241_CMDQV;
    }

    /// Queues are mapped in ascending order, as the hardware wants it.
    @Override
    public Result<Queue> allocate(int lidx, Hpa base, long length) {
        if (lidx < 0 || lidx >= cmdqv.queuesPerVintf()) {
            return Result.err(
                    Errno.EINVAL, "an interface has " + cmdqv.queuesPerVintf() + " queues");
        }
        if (queues.get(lidx)) {
            return Result.err(Errno.EEXIST, "queue " + lidx + " is allocated already");
        }
        if (lidx > 0 && !queues.get(lidx - 1)) {
            return Result.err(Errno.EIO, "queue " + (lidx - 1) + " comes first");
        }
        boolean bad =
                Long.bitCount(length) != 1
                        || length < LEAST_QUEUE_BYTES
                        || Long.compareUnsigned(length, cmdqv.maxQueueBytes()) > 0;
        if (bad) {
            return Result.err(
                    Errno.EINVAL,
                    "a queue has a power of two of bytes, 32 to " + cmdqv.maxQueueBytes());
        }
        boolean misaligned =
                (base.value() & ~CmdqvLayout.ADDR.mask()) != 0
                        || (base.value() & (length - 1)) != 0;
        if (misaligned) {
            return Result.err(
                    Errno.EINVAL,
                    "the queue lies at " + base + " physically, not a multiple of its length");
        }
        map(lidx, base, Long.numberOfTrailingZeros(length / Command.BYTES));
        return Result.ok(new LogicalQueue(this, lidx));
    }

    private record LogicalQueue(CmdqvInterface vintf, int lidx) implements Queue {
        @Override
        public OptionalInt dependsOn() {
            return lidx == 0 ? OptionalInt.empty() : OptionalInt.of(lidx - 1);
        }

        @Override
        public void free() {
            vintf.unmap(lidx);
        }
    }

    private long allocRegister(int lidx) {
        return CmdqvLayout.CMDQ_ALLOC + 4L * (index * cmdqv.queuesPerVintf() + lidx);
    }

    private long page0(int lidx) {
        return CmdqvLayout.vintfPage0(index) + (long) CmdqvLayout.VCMDQ_STRIDE * lidx;
    }

    private void map(int lidx, Hpa base, int log2Size) {
        long alloc = cmdqv.read(allocRegister(lidx));
        cmdqv.write(allocRegister(lidx), alloc | CmdqvLayout.ALLOCATED.of(1));
        setBase(lidx, base.value() | CmdqvLayout.LOG2SIZE.of(log2Size));
        queues.set(lidx);
    }

    private void setBase(int lidx, long value) {
        long at = page0(lidx) + CmdqvLayout.PAGE + CmdqvLayout.VCMDQ_BASE;
        cmdqv.write(at, value);
        cmdqv.write(at + 4, value >>> 32);
    }

    /// Off, flushed of an ATC timeout that its guest did not wait for, reset, unmapped.
    private void unmap(int lidx) {
        long at = page0(lidx);
        cmdqv.write(at + CmdqvLayout.VCMDQ_CONFIG, 0);
        viommu.smmu().issue(CMD_SYNC);
        cmdqv.write(at + CmdqvLayout.VCMDQ_PROD, 0);
        cmdqv.write(at + CmdqvLayout.VCMDQ_CONS, 0);
        setBase(lidx, 0);
        cmdqv.write(at + CmdqvLayout.VCMDQ_GERRORN, cmdqv.read(at + CmdqvLayout.VCMDQ_GERROR));
        long alloc = cmdqv.read(allocRegister(lidx));
        cmdqv.write(allocRegister(lidx), alloc & ~CmdqvLayout.ALLOCATED.mask());
        queues.clear(lidx);
    }

    /// The interface learns a StreamID of its guest.
    ///
    /// @return `EINVAL` for an id of more than 32 bits, `ENOSPC` when the table is full
    Result<Done> addStream(long vsid, int sid) {
        if (vsid >>> 32 != 0) {
            return Result.err(Errno.EINVAL, "virtual StreamID " + Hex.of(vsid) + " is too large");
        }
        int slot = 0;
        while (slots.containsValue(slot)) {
            slot++;
        }
        if (slot >= 1 << cmdqv.info().log2Vsids()) {
            return Result.err(Errno.ENOSPC, "the interface replaces no more StreamIDs");
        }
        slots.put(vsid, slot);
        cmdqv.write(at(CmdqvLayout.SID_REPLACE) + 4L * slot, sid);
        cmdqv.write(at(CmdqvLayout.SID_MATCH) + 4L * slot, vsid << 1 | 1);
        return Result.done();
    }

    void removeStream(long vsid) {
        Integer slot = slots.remove(vsid);
        if (slot != null) {
            cmdqv.write(at(CmdqvLayout.SID_MATCH) + 4L * slot, 0);
            cmdqv.write(at(CmdqvLayout.SID_REPLACE) + 4L * slot, 0);
        }
    }

    /// Which queues have an error, to the guest's vEVENTQ.
    void reportErrors() {
        long[] map = new long[2];
        for (int word = 0; word < 4; word++) {
            long value = cmdqv.read(at(CmdqvLayout.LVCMDQ_ERR_MAP) + 4L * word) & 0xffff_ffffL;
            map[word / 2] |= value << (32 * (word % 2));
        }
        viommu.report(VEVENTQ_TEGRA241_CMDQV, map);
    }

    void free() {
        cmdqv.write(at(CmdqvLayout.VINTF_CONFIG), 0);
        cmdqv.release(index);
    }
}
