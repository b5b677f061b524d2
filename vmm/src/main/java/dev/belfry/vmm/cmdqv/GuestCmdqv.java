package dev.belfry.vmm.cmdqv;

import dev.belfry.host.iommufd.RegisterMapping;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.smmu.spec.CmdqvLayout;
import dev.belfry.vmm.iommu.HostIommuDevice;
import dev.belfry.vmm.iommu.VeventReader;
import dev.belfry.vmm.iommu.ViommuOps;
import dev.belfry.vmm.machine.PlatformRoom;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The CMDQ-V of a guest, as the VMM emulates it: one virtual interface of two queues.
///
/// A queue gets hardware when its base is set, it is allocated to the interface, and CMDQ-V and
/// interface are enabled, in whatever order; before that, and when the host refuses, its registers
/// are a cache. The direct aperture (pages 1 and 2) and page 1 of the interface always come here.
public final class GuestCmdqv implements MmioDevice, ViommuOps {

    static final int QUEUES = 1 << CmdqvProbe.LOG2_QUEUES;

    /// EN, 16 bytes a command, batches of 8 clocks and 32 commands.
    private static final int CONFIG_RESET = 0x0002_0083;

    private static final int SIDS = 1 << CmdqvProbe.LOG2_SIDS;
    private static final int ERROR_WORDS = 4;
    private static final long LOW = 0xffff_ffffL;

    /// Page numbers of the frame.
    private static final int CONFIGURATION = 0;

    private static final int DIRECT_PAGE0 = 1;
    private static final int DIRECT_PAGE1 = 2;
    private static final int VINTF_PAGE0 = 3;
    private static final int VINTF_PAGE1 = 4;

    private final String name;
    private final Runnable interrupt;
    private final RefusalLog log;
    private final VcmdqCache[] caches = {new VcmdqCache(), new VcmdqCache()};
    private final long[] allocMap = new long[QUEUES];
    private final long[] sidMatch = new long[SIDS];
    private final long[] sidReplace = new long[SIDS];
    private final long[] errorMap = new long[ERROR_WORDS];
    private final long[] vintfIntMask = new long[2];
    private long vintfErrors;
    private long config = CONFIG_RESET;
    private long vintfConfig;
    private Optional<HostQueues> host = Optional.empty();
    private boolean page0Shown;

    /// @param name its SMMU's
    /// @param interrupt its line, pulsed at an error of a queue
    /// @param log where refusals of the host go
    public GuestCmdqv(String name, Runnable interrupt, RefusalLog log) {
        this.name = name;
        this.interrupt = interrupt;
        this.log = log;
    }

    // ---- the host's side

    @Override
    public Result<Integer> allocate(HostIommuDevice first) {
        VeventReader reader = new VeventReader(name + ", errors of its queues", log, this::errors);
        return HostQueues.allocate(name, first, reader)
                .map(made -> {
                    host = Optional.of(made);
                    page0Shown = vintfEnabled();
                    setUpAll();
                    return made.viommu();
                });
    }

    /// The guest's queues are those of its SMMU's host.
    @Override
    public boolean keepsFirstDevice() {
        return true;
    }

    @Override
    public void release() {
        freeQueues();
        page0Shown = false;
        host.ifPresent(HostQueues::release);
        host = Optional.empty();
    }

    /// Page 0 of the interface, as long as the guest is shown the hardware's.
    Optional<RegisterMapping> shown() {
        return page0Shown ? host.map(HostQueues::page) : Optional.empty();
    }

    /// An event without any error changes nothing.
    private void errors(Bytes map) {
        if (IntStream.range(0, map.length()).allMatch(at -> map.at(at) == 0)) {
            return;
        }
        for (int word = 0; word < ERROR_WORDS; word++) {
            long value = 0;
            for (int i = 3; i >= 0; i--) {
                int at = 4 * word + i;
                value = value << 8 | (at < map.length() ? map.at(at) : 0);
            }
            errorMap[word] = value;
        }
        vintfErrors |= 1;
        if ((vintfIntMask[0] & 1) == 0) {
            interrupt.run();
        }
    }

    /// As at power-on; hardware queues are given back.
    public void reset() {
        freeQueues();
        Stream.of(caches).forEach(VcmdqCache::reset);
        Arrays.fill(allocMap, 0);
        Arrays.fill(errorMap, 0);
        Arrays.fill(vintfIntMask, 0);
        vintfErrors = 0;
        config = CONFIG_RESET;
        vintfConfig = 0;
        page0Shown = false;
    }

    // ---- queues

    private boolean enabled() {
        return CmdqvLayout.EN.isSet(config);
    }

    private boolean vintfEnabled() {
        return CmdqvLayout.EN.isSet(vintfConfig);
    }

    private boolean ready(int index) {
        return caches[index].hasBase()
                && CmdqvLayout.ALLOCATED.isSet(allocMap[index])
                && enabled()
                && vintfEnabled();
    }

    /// @return false when the host refused a queue
    private boolean setUp(int index) {
        if (!ready(index) || host.isEmpty()) {
            return true;
        }
        HostQueues h = host.get();
        free(index);
        VcmdqCache cache = caches[index];
        String what =
                "%s: VCMDQ %d, %d bytes at %s"
                        .formatted(name, index, cache.bytes(), Hex.of(cache.address()));
        boolean granted = log.passed(what, h.allocate(index, cache.address(), cache.bytes()));
        cache.answered(granted);
        if (granted) {
            for (int register : HARDWARE_WRITES) {
                h.write(index, register, cache.read(register));
            }
        }
        return granted;
    }

    /// What the guest may write to a queue's page 0.
    private static final int[] HARDWARE_WRITES = {
        CmdqvLayout.VCMDQ_CONS,
        CmdqvLayout.VCMDQ_PROD,
        CmdqvLayout.VCMDQ_CONFIG,
        CmdqvLayout.VCMDQ_GERRORN
    };

    private void setUpAll() {
        for (int i = 0; i < QUEUES && setUp(i); i++) {
            // The first refusal ends it.
        }
    }

    private void free(int index) {
        if (hasQueue(index)) {
            host.ifPresent(h -> h.free(index));
            caches[index].clearPage0();
        }
    }

    /// In descending order, as the host wants it.
    private void freeQueues() {
        for (int i = QUEUES - 1; i >= 0; i--) {
            free(i);
        }
    }

    /// Whether hardware is behind a queue.
    public boolean hasQueue(int index) {
        return host.isPresent() && host.get().hasQueue(index);
    }

    // ---- registers

    @Override
    public long size() {
        return PlatformRoom.CMDQV_SIZE;
    }

    @Override
    public boolean accepts(long offset, int width) {
        return (width == 4 || width == 8) && offset % width == 0;
    }

    @Override
    public long read(long offset, int width) {
        int at = (int) (offset % CmdqvLayout.PAGE);
        int index = at / CmdqvLayout.VCMDQ_STRIDE;
        int register = at % CmdqvLayout.VCMDQ_STRIDE;
        long value =
                switch ((int) (offset / CmdqvLayout.PAGE)) {
                    case CONFIGURATION -> readConfiguration(at);
                    case DIRECT_PAGE0, VINTF_PAGE0 ->
                            index < QUEUES ? readPage0(index, register) : 0;
                    case DIRECT_PAGE1, VINTF_PAGE1 ->
                            index < QUEUES ? caches[index].readPage1(register) : 0;
                    default -> 0;
                };
        return width == 8 ? value : value & LOW;
    }

    private long readPage0(int index, int register) {
        return hasQueue(index)
                ? host.orElseThrow().read(index, register)
                : caches[index].read(register);
    }

    /// Of 8 bytes only what is 8 bytes wide is written: page 1.
    @Override
    public void write(long offset, int width, long value, int requester) {
        int at = (int) (offset % CmdqvLayout.PAGE);
        int index = at / CmdqvLayout.VCMDQ_STRIDE;
        int register = at % CmdqvLayout.VCMDQ_STRIDE;
        int page = (int) (offset / CmdqvLayout.PAGE);
        boolean page1 = page == DIRECT_PAGE1 || page == VINTF_PAGE1;
        if (page1 && index < QUEUES) {
            if (caches[index].writePage1(register, width, value)) {
                setUp(index);
            }
        } else if (width == 4 && page == CONFIGURATION) {
            writeConfiguration(at, value & LOW);
        } else if (width == 4 && index < QUEUES) {
            writePage0(index, register, value & LOW);
        }
    }

    private void writePage0(int index, int register, long value) {
        boolean hardware = Arrays.stream(HARDWARE_WRITES).anyMatch(r -> r == register);
        if (hardware && hasQueue(index)) {
            host.orElseThrow().write(index, register, value);
        } else {
            caches[index].write(register, value);
        }
    }

    private long readConfiguration(int at) {
        if (at >= CmdqvLayout.VINTF) {
            return readVintf(at - CmdqvLayout.VINTF);
        }
        if (isIn(at, CmdqvLayout.CMDQ_ALLOC, allocMap)) {
            return allocMap[(at - CmdqvLayout.CMDQ_ALLOC) / 4];
        }
        if (isIn(at, CmdqvLayout.CMDQ_ERR_MAP, errorMap)) {
            return errorMap[(at - CmdqvLayout.CMDQ_ERR_MAP) / 4];
        }
        return switch (at) {
            case CmdqvLayout.CONFIG -> config;
            case CmdqvLayout.PARAM ->
                    CmdqvLayout.NUM_SID_PER_VM_LOG2.of(CmdqvProbe.LOG2_SIDS)
                            | CmdqvLayout.NUM_VCMDQ_LOG2.of(CmdqvProbe.LOG2_QUEUES)
                            | CmdqvLayout.VER.of(CmdqvProbe.VERSION);
            case CmdqvLayout.STATUS -> enabled() ? 1 : 0;
            case CmdqvLayout.VINTF_ERR_MAP -> vintfErrors;
            case CmdqvLayout.VINTF_INT_MASK -> vintfIntMask[0];
            case CmdqvLayout.VINTF_INT_MASK + 4 -> vintfIntMask[1];
            default -> 0;
        };
    }

    private long readVintf(int at) {
        if (isIn(at, CmdqvLayout.SID_MATCH, sidMatch)) {
            return sidMatch[(at - CmdqvLayout.SID_MATCH) / 4];
        }
        if (isIn(at, CmdqvLayout.SID_REPLACE, sidReplace)) {
            return sidReplace[(at - CmdqvLayout.SID_REPLACE) / 4];
        }
        if (isIn(at, CmdqvLayout.LVCMDQ_ERR_MAP, errorMap)) {
            return errorMap[(at - CmdqvLayout.LVCMDQ_ERR_MAP) / 4];
        }
        return switch (at) {
            case CmdqvLayout.VINTF_CONFIG -> vintfConfig;
            case CmdqvLayout.VINTF_STATUS -> vintfEnabled() ? 1 : 0;
            default -> 0;
        };
    }

    private static boolean isIn(int at, int first, long[] registers) {
        return at >= first && (at - first) / 4 < registers.length;
    }

    private void writeConfiguration(int at, long value) {
        if (at >= CmdqvLayout.VINTF) {
            writeVintf(at - CmdqvLayout.VINTF, value);
        } else if (isIn(at, CmdqvLayout.CMDQ_ALLOC, allocMap)) {
            writeAllocMap((at - CmdqvLayout.CMDQ_ALLOC) / 4, value);
        } else if (isIn(at, CmdqvLayout.VINTF_INT_MASK, vintfIntMask)) {
            vintfIntMask[(at - CmdqvLayout.VINTF_INT_MASK) / 4] = value;
        } else if (at == CmdqvLayout.CONFIG) {
            config = value;
            if (enabled()) {
                setUpAll();
            } else {
                freeQueues();
            }
        }
    }

    /// A queue comes or goes only when ALLOC changes.
    private void writeAllocMap(int index, long value) {
        boolean was = CmdqvLayout.ALLOCATED.isSet(allocMap[index]);
        boolean is = CmdqvLayout.ALLOCATED.isSet(value);
        allocMap[index] = value;
        if (is && !was) {
            setUp(index);
        } else if (was && !is) {
            free(index);
        }
    }

    private void writeVintf(int at, long value) {
        if (at == CmdqvLayout.VINTF_CONFIG) {
            // The interface is the guest's, whatever it writes.
            vintfConfig = value & ~CmdqvLayout.HYP_OWN.mask();
            if (vintfEnabled()) {
                setUpAll();
                page0Shown = true;
            } else {
                page0Shown = false;
                freeQueues();
            }
        } else if (isIn(at, CmdqvLayout.SID_MATCH, sidMatch)) {
            sidMatch[(at - CmdqvLayout.SID_MATCH) / 4] = value;
        } else if (isIn(at, CmdqvLayout.SID_REPLACE, sidReplace)) {
            sidReplace[(at - CmdqvLayout.SID_REPLACE) / 4] = value;
        }
    }
}
