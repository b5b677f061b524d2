package dev.belfry.model.gic;

import dev.belfry.model.gic.TranslationCache.Route;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.gic.spec.ItsCommandError;
import dev.belfry.model.gic.spec.ItsTableFormat;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.SystemView;
import java.util.List;
import java.util.Optional;

/// An Interrupt Translation Service (IHI 0069 chapter 5, GITS_*): 128 KiB, the control frame and
/// the translation frame. Its tables and its command queue are in memory; commands are done by the
/// time the write that queued them returns.
///
/// Not modelled: GICv4.1, collections that an ITS has room for without memory (HCC), SEIs.
public final class Its extends WordFrame {

    /// What an ITS is made of.
    ///
    /// @param name for reports
    /// @param base physical address of its frames, for reports
    /// @param identity what it advertises
    /// @param gic whose Redistributors it sends LPIs to
    /// @param redistributorBase physical address of the first Redistributor; needed when
    ///   GITS_TYPER.PTA is 1, otherwise only reported; 0 when unknown
    /// @param memory where its tables and its queue are; RAM, since hardware tables in MMIO are
    ///   nobody's intention
    /// @param probe who watches
    public record Setup(
            String name,
            long base,
            ItsIdentity identity,
            GicV3 gic,
            long redistributorBase,
            PhysicalMemory memory,
            Probe probe) {}

    /// A command that failed.
    ///
    /// @param address where it lay
    /// @param command what it was; SYNC and so on never fail
    /// @param error why
    public record FailedCommand(long address, ItsCommand command, ItsCommandError error) {}

    private static final long[] NOTHING = {};

    private final Setup setup;
    private final Probe probe;
    private final boolean snoops;
    private final ItsRegisters registers;
    private final SystemView.Frame frame;
    private final HeldMappings held = new HeldMappings();
    private final TranslationCache cache = new TranslationCache();
    private final ItsQueue queue;
    private ItsLookup look;
    // An ITS whose tables lie over its own registers writes to itself; it must not run again then.
    private boolean busy;

    public Its(Setup setup) {
        ItsIdentity identity = setup.identity();
        this.setup = setup;
        this.probe = setup.probe();
        this.snoops = identity.has(ItsChoice.SNOOPS);
        this.registers = new ItsRegisters(identity);
        this.frame = new SystemView.Frame(setup.name(), setup.base(), registers);
        ItsCommands commands = new ItsCommands(identity, setup.gic(), setup.redistributorBase());
        this.queue = new ItsQueue(identity, setup.memory(), commands, cache);
        this.look = newLookup();
        setup.gic().attach(this);
    }

    /// An ITS of another system, alive or captured, to look at.
    ///
    /// @param frame its registers
    /// @param memory that system's physical memory
    /// @param format how its implementation lays tables out
    /// @param redistributors one a CPU, in CPU order
    public static ItsView over(
            SystemView.Frame frame,
            PhysicalMemory memory,
            ItsTableFormat format,
            List<SystemView.Frame> redistributors) {
        return new ItsView(frame, memory, format, redistributors);
    }

    /// Hardware reset.
    public void reset() {
        registers.reset();
        held.forgetDevices();
        held.collections().clear();
        queue.forget();
        look = newLookup();
        cache.invalidate();
    }

    /// Its registers, to look at.
    public SystemView.Frame frame() {
        return frame;
    }

    /// The last commands that failed, at most 64, oldest first.
    public List<FailedCommand> failedCommands() {
        return queue.failed();
    }

    /// Translates a message and makes its LPI pending: what a write to GITS_TRANSLATER does.
    ///
    /// @param deviceId DeviceID, unsigned 32-bit
    /// @param eventId EventID, unsigned 32-bit
    public MsiResult translate(int deviceId, int eventId) {
        Route route = cache.find(deviceId, eventId);
        if (route != null
                && !probe.on()
                && (!snoops || route.isCurrent(look.tables()))
                && route.target.pend(route.delivered.intid()) == Redistributor.Pended.READY) {
            return route.delivered;
        }
        MsiResult result = walk(true, probe).run(deviceId, eventId);
        switch (result) {
            case MsiResult.Delivered d -> remember(deviceId, eventId, d);
            case MsiResult.Held h ->
                    remember(deviceId, eventId, new MsiResult.Delivered(h.intid(), h.cpu()));
            case MsiResult.Virtual _, MsiResult.Dropped _, MsiResult.Unknown _ -> {}
        }
        return result;
    }

    /// Whether a message's translation is remembered and its Redistributor takes LPIs: then it goes
    /// in without looking at any table.
    ///
    /// @param deviceId DeviceID, unsigned 32-bit
    /// @param eventId EventID, unsigned 32-bit
    public boolean remembers(int deviceId, int eventId) {
        Route route = cache.find(deviceId, eventId);
        return route != null && route.target.lpis().accepts(route.delivered.intid());
    }

    /// What would become of a message now; nothing changes.
    ///
    /// @param probe is told the hops ITS, DTE, ITE, CTE, LPI and REDISTRIBUTOR up to the first
    ///   broken one
    public MsiResult inspect(int deviceId, int eventId, Probe probe) {
        return walk(false, probe).run(deviceId, eventId);
    }

    private ItsWalk walk(boolean delivers, Probe watching) {
        return new ItsWalk(frame, look, cpu -> redistributor(cpu, delivers), false, watching);
    }

    private RedistributorView redistributor(int cpu, boolean delivers) {
        return new LiveRedistributor(
                setup.gic().redistributor(cpu),
                setup.memory(),
                cpu,
                setup.redistributorBase(),
                delivers);
    }

    private void remember(int deviceId, int eventId, MsiResult.Delivered delivered) {
        if (held.isForwarded(deviceId, eventId)) {
            return;
        }
        long[] addresses = snoops ? look.evidence(deviceId) : NOTHING;
        long[] words = new long[addresses.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = look.tables().word(addresses[i]);
        }
        Redistributor target = setup.gic().redistributor(delivered.cpu());
        cache.put(deviceId, eventId, target, delivered, addresses, words);
    }

    /// Writes mappings that it holds to the tables in memory; an ITS whose mappings are there
    /// anyway has nothing to do.
    ///
    /// @return what is wrong; what was written before stays
    public Optional<TableProblem> saveTables() {
        return transfer().flatMap(ItsTransfer::save);
    }

    /// Reads mappings that it holds from the tables in memory.
    ///
    /// @return what is wrong; what was read before stays
    public Optional<TableProblem> restoreTables() {
        cache.invalidate();
        return transfer().flatMap(ItsTransfer::restore);
    }

    /// Makes the LPI of an event that this ITS holds the affair of a host's GIC (GICv4), or its own
    /// again: then its translation is not remembered, and it cannot be saved.
    ///
    /// @return false when the event is not mapped
    public boolean forward(int deviceId, int eventId, boolean now) {
        cache.invalidate();
        return held.forward(deviceId, eventId, now);
    }

    private Optional<ItsTransfer> transfer() {
        int eventIdBits = setup.identity().typer().eventIdBits();
        return look instanceof HeldLookup h
                ? Optional.of(
                        new ItsTransfer(h.held(), h.tables(), eventIdBits, setup.gic().cpus()))
                : Optional.empty();
    }

    /// Sets GITS_CREADR, which only who restores an ITS may.
    ///
    /// @return false for an offset beyond the queue
    public boolean restoreReader(long offset) {
        return registers.restoreReader(offset);
    }

    /// Whether GITS_CTLR.Enabled is 1.
    public boolean isEnabled() {
        return registers.enabled();
    }

    /// What its commands and its messages walk.
    ItsLookup lookup() {
        return look;
    }

    private ItsLookup newLookup() {
        ItsIdentity identity = setup.identity();
        ItsTables tables =
                new ItsTables(
                        setup.memory(),
                        identity.format(),
                        identity.typer(),
                        registers.baser(0),
                        registers.baser(1),
                        registers.baser(2));
        int cpus = setup.gic().cpus();
        return identity.has(ItsChoice.HOLDS_MAPPINGS)
                ? new HeldLookup(tables, held, cpus)
                : new MemoryLookup(tables, cpus, identity.typer().virtual());
    }

    @Override
    public long size() {
        return Gits.SIZE;
    }

    @Override
    boolean wideAt(long offset) {
        return Gits.of(offset).width() == 8;
    }

    @Override
    int read32(long offset) {
        return registers.value(offset);
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        if (offset != Gits.GITS_TRANSLATER.offset()) {
            super.write(offset, width, value, requester);
        } else if (width == 4) {
            message((int) value, requester);
        } else if (width == 2) {
            message((int) value & 0xffff, requester);
        }
    }

    @Override
    void write32(long offset, int value, int requester) {
        if (busy) {
            return;
        }
        switch (registers.write(offset, value)) {
            case NONE -> {}
            case TABLES -> {
                if (!registers.baser(0).valid()) {
                    held.forgetDevices();
                }
                if (!registers.baser(1).valid()) {
                    List.copyOf(held.collections().keySet()).forEach(held::unmapCollection);
                }
                look = newLookup();
                cache.invalidate();
            }
            case SWITCHED -> {
                cache.invalidate();
                run();
            }
            case RUN -> run();
        }
    }

    private void message(int eventId, int requester) {
        if (busy) {
            return;
        }
        if (PhysicalMemory.cpuOf(requester) < 0) {
            translate(requester, eventId);
        } else if (setup.identity().has(ItsChoice.CPU_IS_DEVICE_0)) {
            translate(0, eventId);
        }
    }

    private void run() {
        if (registers.enabled()) {
            busy = true;
            queue.run(registers, look);
            busy = false;
        }
    }
}
