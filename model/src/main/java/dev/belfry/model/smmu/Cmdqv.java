package dev.belfry.model.smmu;

import dev.belfry.model.bits.Field;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.smmu.spec.CmdqvLayout;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister.Cmdq;
import java.util.Arrays;

/// NVIDIA's Tegra241 CMDQ-V beside a physical SMMU: command queues in virtual interfaces.
///
/// A queue of an interface that the hypervisor does not own takes TLBI_NH_ASID, TLBI_NH_VA, ATC_INV
/// and CMD_SYNC only; the interface's VMID and its table of StreamIDs replace what the guest wrote.
/// Anything else stops the queue with CERROR_ILL. Queues are read by physical address.
///
/// Facts from Linux's driver; that a StreamID without a match is illegal is an assumption.
public final class Cmdqv implements MmioDevice {

    private static final Field OPCODE = Field.bits(7, 0);
    private static final Field TLBI_VMID = Field.bits(47, 32);
    private static final Field STREAM_ID = Field.bits(63, 32);

    private static final int TLBI_NH_ASID = 0x11;
    private static final int TLBI_NH_VA = 0x12;
    private static final int ATC_INV = 0x40;
    private static final int CMD_SYNC = 0x46;

    /// What its PARAM register says.
    ///
    /// @param log2Vintfs virtual interfaces
    /// @param log2Vcmdqs queues in all
    /// @param log2Sids StreamIDs an interface can replace
    public record Parameters(int version, int log2Vintfs, int log2Vcmdqs, int log2Sids) {

        /// As on Grace: 64 interfaces of 2 queues each, 16 StreamIDs.
        public static final Parameters GRACE = new Parameters(1, 6, 7, 4);

        /// Queues of an interface.
        public int queuesPerVintf() {
            return 1 << (log2Vcmdqs - log2Vintfs);
        }
    }

    private final Smmu smmu;
    private final Parameters parameters;
    private final Runnable error;
    private final CmdqvQueue[] queues;
    private final int[] vintfConfig;
    private final int[][] match;
    private final int[][] replace;
    private final long[] commands;
    private final int[] intMask = new int[2];
    private boolean enabled;

    /// @param smmu whose caches its commands reach
    /// @param error the interrupt line, pulsed at an error
    public Cmdqv(Smmu smmu, Parameters parameters, Runnable error) {
        this.smmu = smmu;
        this.parameters = parameters;
        this.error = error;
        int vintfs = 1 << parameters.log2Vintfs;
        queues = new CmdqvQueue[1 << parameters.log2Vcmdqs];
        for (int i = 0; i < queues.length; i++) {
            int index = i;
            queues[i] =
                    new CmdqvQueue(
                            smmu.setup().memory(), (w0, w1) -> execute(queues[index], w0, w1));
        }
        vintfConfig = new int[vintfs];
        commands = new long[vintfs];
        match = new int[vintfs][1 << parameters.log2Sids];
        replace = new int[vintfs][1 << parameters.log2Sids];
    }

    /// How many commands the queues of an interface had since it was enabled, CMD_SYNC included; 0
    /// for an interface that there is not.
    public long commands(int vintf) {
        return vintf >= 0 && vintf < commands.length ? commands[vintf] : 0;
    }

    private int execute(CmdqvQueue queue, long w0, long w1) {
        int vintf = vintfOf(queue);
        int error = execute(vintf, w0, w1);
        commands[vintf] += error == Cmdq.CERROR_NONE ? 1 : 0;
        return error;
    }

    private int execute(int vintf, long w0, long w1) {
        int config = vintfConfig[vintf];
        if (CmdqvLayout.HYP_OWN.isSet(config)) {
            return smmu.carryOut(Command.decode(w0, w1));
        }
        return switch (OPCODE.getInt(w0)) {
            case TLBI_NH_ASID, TLBI_NH_VA ->
                    smmu.carryOut(
                            Command.decode(TLBI_VMID.set(w0, CmdqvLayout.VMID.get(config)), w1));
            case ATC_INV -> {
                int sid = replaced(vintf, STREAM_ID.get(w0));
                yield sid < 0
                        ? Cmdq.CERROR_ILL
                        : smmu.carryOut(Command.decode(STREAM_ID.set(w0, sid), w1));
            }
            // Without a signal: software polls CONS.
            case CMD_SYNC -> smmu.carryOut(Command.decode(CMD_SYNC, 0));
            default -> Cmdq.CERROR_ILL;
        };
    }

    private int replaced(int vintf, long vsid) {
        int[] table = match[vintf];
        for (int i = 0; i < table.length; i++) {
            if (Integer.toUnsignedLong(table[i]) == (vsid << 1 | 1)) {
                return replace[vintf][i];
            }
        }
        return -1;
    }

    @Override
    public long size() {
        return CmdqvLayout.frameSize(vintfConfig.length);
    }

    @Override
    public boolean accepts(long offset, int width) {
        return (width == 4 || width == 8) && offset % width == 0;
    }

    @Override
    public long read(long offset, int width) {
        long low = read32(offset) & 0xffff_ffffL;
        return width == 8 ? read32(offset + 4) << 32 | low : low;
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        write32(offset, value & 0xffff_ffffL);
        if (width == 8) {
            write32(offset + 4, value >>> 32);
        }
    }

    private long read32(long offset) {
        long page = offset / CmdqvLayout.PAGE;
        int at = (int) (offset % CmdqvLayout.PAGE);
        if (page == 0) {
            return readConfiguration(at);
        }
        CmdqvQueue queue = queueAt(page, at);
        int register = at % CmdqvLayout.VCMDQ_STRIDE;
        return queue == null
                ? 0
                : secondPage(page) ? queue.readPage1(register) : queue.readPage0(register);
    }

    private void write32(long offset, long value) {
        long page = offset / CmdqvLayout.PAGE;
        int at = (int) (offset % CmdqvLayout.PAGE);
        if (page == 0) {
            writeConfiguration(at, (int) value);
            return;
        }
        CmdqvQueue queue = queueAt(page, at);
        int register = at % CmdqvLayout.VCMDQ_STRIDE;
        if (queue == null) {
            return;
        }
        if (secondPage(page)) {
            queue.writePage1(register, value);
        } else if (queue.writePage0(register, value, mayRun(queue))) {
            error.run();
        }
    }

    private boolean mayRun(CmdqvQueue queue) {
        return enabled && CmdqvLayout.EN.isSet(vintfConfig[vintfOf(queue)]);
    }

    private int vintfOf(CmdqvQueue queue) {
        return CmdqvLayout.ALLOC_VINTF.getInt(queue.alloc()) % vintfConfig.length;
    }

    /// Pages 1 and 2 are of the global queues; then two for each interface.
    private static boolean secondPage(long page) {
        return page % 2 == 0;
    }

    /// The queue whose registers lie there; null where none is, or one that is not allocated.
    private @org.jspecify.annotations.Nullable CmdqvQueue queueAt(long page, int at) {
        int index = at / CmdqvLayout.VCMDQ_STRIDE;
        if (page < CmdqvLayout.VINTF_PAGES / CmdqvLayout.PAGE) {
            return index < queues.length ? queues[index] : null;
        }
        int vintf =
                (int) ((page * CmdqvLayout.PAGE - CmdqvLayout.VINTF_PAGES) / CmdqvLayout.PAGE / 2);
        return Arrays.stream(queues)
                .filter(CmdqvQueue::allocated)
                .filter(q -> CmdqvLayout.ALLOC_VINTF.getInt(q.alloc()) == vintf)
                .filter(q -> CmdqvLayout.ALLOC_LVCMDQ.getInt(q.alloc()) == index)
                .findFirst()
                .orElse(null);
    }

    private long readConfiguration(int at) {
        if (at >= CmdqvLayout.VINTF) {
            int vintf = (at - CmdqvLayout.VINTF) / CmdqvLayout.VINTF_STRIDE;
            return vintf < vintfConfig.length ? readVintf(vintf, at % CmdqvLayout.VINTF_STRIDE) : 0;
        }
        int queue = (at - CmdqvLayout.CMDQ_ALLOC) / 4;
        if (at >= CmdqvLayout.CMDQ_ALLOC) {
            return queue < queues.length ? queues[queue].alloc() : 0;
        }
        return switch (at) {
            case CmdqvLayout.CONFIG, CmdqvLayout.STATUS -> enabled ? 1 : 0;
            case CmdqvLayout.PARAM ->
                    CmdqvLayout.NUM_SID_PER_VM_LOG2.of(parameters.log2Sids)
                            | CmdqvLayout.NUM_VINTF_LOG2.of(parameters.log2Vintfs)
                            | CmdqvLayout.NUM_VCMDQ_LOG2.of(parameters.log2Vcmdqs)
                            | CmdqvLayout.VER.of(parameters.version);
            case CmdqvLayout.VINTF_ERR_MAP, CmdqvLayout.VINTF_ERR_MAP + 4 ->
                    errors(CmdqvLayout.ALLOC_VINTF, -1, (at - CmdqvLayout.VINTF_ERR_MAP) / 4);
            case CmdqvLayout.VINTF_INT_MASK -> intMask[0];
            case CmdqvLayout.VINTF_INT_MASK + 4 -> intMask[1];
            default -> 0;
        };
    }

    private long readVintf(int vintf, int at) {
        int sids = match[vintf].length;
        if (at >= CmdqvLayout.LVCMDQ_ERR_MAP && at < CmdqvLayout.LVCMDQ_ERR_MAP + 16) {
            return errors(CmdqvLayout.ALLOC_LVCMDQ, vintf, (at - CmdqvLayout.LVCMDQ_ERR_MAP) / 4);
        }
        if (at >= CmdqvLayout.SID_REPLACE && (at - CmdqvLayout.SID_REPLACE) / 4 < sids) {
            return replace[vintf][(at - CmdqvLayout.SID_REPLACE) / 4];
        }
        if (at >= CmdqvLayout.SID_MATCH && (at - CmdqvLayout.SID_MATCH) / 4 < sids) {
            return match[vintf][(at - CmdqvLayout.SID_MATCH) / 4];
        }
        return switch (at) {
            case CmdqvLayout.VINTF_CONFIG -> vintfConfig[vintf];
            case CmdqvLayout.VINTF_STATUS -> vintfConfig[vintf] & 1;
            default -> 0;
        };
    }

    /// Word `word` of a map of the queues with an error, by `number` of their allocation.
    private long errors(Field number, int onlyVintf, int word) {
        long map = 0;
        for (CmdqvQueue q : queues) {
            int n = number.getInt(q.alloc());
            boolean meant = onlyVintf < 0 || CmdqvLayout.ALLOC_VINTF.getInt(q.alloc()) == onlyVintf;
            if (q.inError() && meant && n / 32 == word) {
                map |= 1L << (n % 32);
            }
        }
        return map;
    }

    private void writeConfiguration(int at, int value) {
        if (at >= CmdqvLayout.VINTF) {
            int vintf = (at - CmdqvLayout.VINTF) / CmdqvLayout.VINTF_STRIDE;
            if (vintf < vintfConfig.length) {
                writeVintf(vintf, at % CmdqvLayout.VINTF_STRIDE, value);
            }
            return;
        }
        int queue = (at - CmdqvLayout.CMDQ_ALLOC) / 4;
        if (at >= CmdqvLayout.CMDQ_ALLOC && queue < queues.length) {
            queues[queue].setAlloc(value);
        } else if (at == CmdqvLayout.CONFIG) {
            enabled = (value & 1) != 0;
        } else if (at == CmdqvLayout.VINTF_INT_MASK || at == CmdqvLayout.VINTF_INT_MASK + 4) {
            intMask[(at - CmdqvLayout.VINTF_INT_MASK) / 4] = value;
        }
    }

    private void writeVintf(int vintf, int at, int value) {
        int sids = match[vintf].length;
        int slot = at - CmdqvLayout.SID_MATCH;
        if (at == CmdqvLayout.VINTF_CONFIG) {
            if (!CmdqvLayout.EN.isSet(vintfConfig[vintf])) {
                commands[vintf] = 0;
            }
            vintfConfig[vintf] = value;
        } else if (slot >= 0 && slot / 4 < sids) {
            match[vintf][slot / 4] = value;
        } else if (at >= CmdqvLayout.SID_REPLACE && (at - CmdqvLayout.SID_REPLACE) / 4 < sids) {
            replace[vintf][(at - CmdqvLayout.SID_REPLACE) / 4] = value;
        }
    }
}
