package dev.belfry.kernel.its;

import static dev.belfry.model.gic.spec.Gits.GITS_BASER;
import static dev.belfry.model.gic.spec.Gits.GITS_CTLR;
import static dev.belfry.model.gic.spec.Gits.GITS_IIDR;
import static dev.belfry.model.gic.spec.Gits.GITS_TRANSLATER;
import static dev.belfry.model.gic.spec.Gits.GITS_TYPER;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.GitsCtlr;
import dev.belfry.model.gic.spec.GitsTyper;
import dev.belfry.model.gic.spec.ItsCommand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Drives one ITS: collections, devices with their interrupt translation tables, events.
public final class ItsDriver implements MsiDomain {

    private static final int ITT_ALIGNMENT = 256;
    private static final int POLLS = 1000;

    private final PageAllocator pages;
    private final Frame its;
    private final LpiTables lpis;
    private final ItsQueue queue;
    private final List<Long> collections = new ArrayList<>();
    private final Map<Long, Device> devices = new HashMap<>();
    private Optional<ItsTables> tables = Optional.empty();
    private GitsTyper typer = new GitsTyper(0);

    /// A DeviceID's ITT and LPIs, shared by all functions that have this DeviceID.
    private static final class Device {
        private final long itt;
        private final int eventIdBits;
        private final int firstLpi;
        private final int lpis;
        private final int[] icids;
        private final IntIdAllocator events;
        private int users;

        Device(long itt, int eventIdBits, int firstLpi, int lpis) {
            this.itt = itt;
            this.eventIdBits = eventIdBits;
            this.firstLpi = firstLpi;
            this.lpis = lpis;
            this.icids = new int[lpis];
            this.events = new IntIdAllocator(0, lpis);
        }
    }

    /// @param base its first frame
    /// @param lpis tables that all redistributors share
    public ItsDriver(Machine machine, PageAllocator pages, long base, LpiTables lpis) {
        this.pages = pages;
        this.its = new Frame(machine, base);
        this.lpis = lpis;
        this.queue = new ItsQueue(its, pages);
    }

    /// Resets the ITS, gives it tables and a queue, and enables it.
    ///
    /// @return false when it cannot be used (`ENXIO`, `EBUSY`)
    public boolean initialise() {
        if (!quiesce()) {
            return false;
        }
        for (int n = 0; n < GITS_BASER.count(); n++) {
            its.write(GITS_BASER, n, 0);
        }
        if (!quiesce()) {
            return false;
        }
        typer = new GitsTyper(its.read(GITS_TYPER));
        its.read(GITS_IIDR);
        tables = Optional.of(new ItsTables(its, pages, typer.deviceIdBits()));
        if (!tables.get().allocate()) {
            return false;
        }
        queue.start();
        its.write(GITS_CTLR, its.read(GITS_CTLR) | GitsCtlr.ENABLED.mask());
        return true;
    }

    /// Makes sure that the ITS is one and does nothing.
    private boolean quiesce() {
        its.read32(Gits.PIDR2);
        long ctlr = its.read(GITS_CTLR);
        if (GitsCtlr.QUIESCENT.isSet(ctlr) && !GitsCtlr.ENABLED.isSet(ctlr)) {
            return true;
        }
        its.write(GITS_CTLR, ctlr & ~GitsCtlr.ENABLED.mask());
        for (int poll = 0; poll < POLLS; poll++) {
            if (GitsCtlr.QUIESCENT.isSet(its.read(GITS_CTLR))) {
                return true;
            }
        }
        return false;
    }

    /// Adds a CPU as the next collection.
    public void addCpu(GicV3.Redistributor redistributor) {
        boolean physicalAddress = new GitsTyper(its.read(GITS_TYPER)).pta();
        long rdbase =
                physicalAddress
                        ? redistributor.base() >>> 16
                        : redistributor.typer().processorNumber();
        int icid = collections.size();
        collections.add(rdbase);
        queue.issue(new ItsCommand.Mapc(icid, rdbase, true), new ItsCommand.Sync(rdbase));
        queue.issue(new ItsCommand.Invall(icid), new ItsCommand.Sync(rdbase));
    }

    /// Physical address of its command queue.
    public long queueBase() {
        return queue.base();
    }

    /// How often the ITS did not get on with its queue.
    public int queueTimeouts() {
        return queue.timeouts();
    }

    @Override
    public long doorbell() {
        return its.base() + GITS_TRANSLATER.offset();
    }

    /// Room for `vectors` events is prepared when a DeviceID is first seen; functions that share it
    /// later get what is left.
    @Override
    public Optional<Vectors> allocate(long deviceId, int count) {
        Device device = devices.get(deviceId);
        if (device == null) {
            // DeviceID 0 is what devices without an id of their own end up with.
            Optional<Device> created = create(deviceId, Math.max(count, deviceId == 0 ? 32 : 1));
            if (created.isEmpty()) {
                return Optional.empty();
            }
            device = created.get();
        }
        int block = powerOfTwo(count);
        OptionalInt event = device.events.allocate(block, block);
        if (event.isEmpty()) {
            forgetIfUnused(deviceId, device);
            return Optional.empty();
        }
        device.users++;
        int first = event.getAsInt();
        return Optional.of(new Vectors(deviceId, device.firstLpi + first, first, count));
    }

    private static int powerOfTwo(int count) {
        return Integer.highestOneBit(Math.max(1, 2 * count - 1));
    }

    private Optional<Device> create(long deviceId, int wanted) {
        int count = powerOfTwo(wanted);
        int events = Math.max(2, count);
        int eventIdBits = Integer.numberOfTrailingZeros(events);
        if (deviceId >>> typer.deviceIdBits() != 0 || eventIdBits > typer.eventIdBits()) {
            return Optional.empty();
        }
        if (!tables.map(t -> t.cover(deviceId)).orElse(false)) {
            return Optional.empty();
        }
        OptionalInt firstLpi = lpis.allocate(count);
        if (firstLpi.isEmpty()) {
            return Optional.empty();
        }
        long itt = pages.allocate((long) events * typer.ittEntrySize(), ITT_ALIGNMENT);
        Device device = new Device(itt, eventIdBits, firstLpi.getAsInt(), count);
        devices.put(deviceId, device);
        queue.issue(new ItsCommand.Mapd((int) deviceId, eventIdBits - 1, itt, true));
        return Optional.of(device);
    }

    private Device device(Vectors vectors) {
        Device device = devices.get(vectors.deviceId());
        if (device == null) {
            throw new IllegalStateException("no such device: " + vectors);
        }
        return device;
    }

    private ItsCommand sync(int icid) {
        return new ItsCommand.Sync(collections.get(icid));
    }

    @Override
    public void activate(Vectors vectors, int index, int cpu) {
        int event = vectors.data(index);
        device(vectors).icids[event] = cpu;
        queue.issue(
                new ItsCommand.Mapti((int) vectors.deviceId(), event, vectors.intId(index), cpu),
                sync(cpu));
    }

    @Override
    public void unmask(Vectors vectors, int index) {
        configure(vectors, index, true);
    }

    @Override
    public void mask(Vectors vectors, int index) {
        configure(vectors, index, false);
    }

    private void configure(Vectors vectors, int index, boolean enabled) {
        int event = vectors.data(index);
        lpis.configure(vectors.intId(index), enabled);
        queue.issue(
                new ItsCommand.Inv((int) vectors.deviceId(), event),
                sync(device(vectors).icids[event]));
    }

    @Override
    public void setAffinity(Vectors vectors, int index, int cpu) {
        int event = vectors.data(index);
        Device device = device(vectors);
        if (device.icids[event] != cpu) {
            device.icids[event] = cpu;
            queue.issue(new ItsCommand.Movi((int) vectors.deviceId(), event, cpu), sync(cpu));
        }
    }

    @Override
    public void deactivate(Vectors vectors, int index) {
        int event = vectors.data(index);
        queue.issue(
                new ItsCommand.Discard((int) vectors.deviceId(), event),
                sync(device(vectors).icids[event]));
    }

    @Override
    public void release(Vectors vectors) {
        Device device = device(vectors);
        device.events.release(vectors.firstData(), powerOfTwo(vectors.count()));
        device.users--;
        forgetIfUnused(vectors.deviceId(), device);
    }

    private void forgetIfUnused(long deviceId, Device device) {
        if (device.users == 0) {
            devices.remove(deviceId);
            lpis.release(device.firstLpi, device.lpis);
            queue.issue(
                    new ItsCommand.Mapd((int) deviceId, device.eventIdBits - 1, device.itt, false));
            pages.free(device.itt);
        }
    }
}
