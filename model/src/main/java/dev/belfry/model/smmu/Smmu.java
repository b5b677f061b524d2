package dev.belfry.model.smmu;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.SmmuRegister;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// An SMMUv3: 128 KiB of registers, and the way of transactions through it.
///
/// One instance belongs to one thread.
public final class Smmu implements MmioDevice {

    /// What an SMMU is made of.
    ///
    /// @param name for traces and reports
    /// @param identity what it advertises
    /// @param memory where tables, queues and MSI targets are
    /// @param interrupts its wired lines
    /// @param caches how it caches
    /// @param probe who watches
    /// @param msiDeviceId DeviceID of the MSIs that the SMMU itself sends
    /// @param strict whether [#findings] are collected
    public record Setup(
            String name,
            SmmuIdentity identity,
            PhysicalMemory memory,
            SmmuInterrupts interrupts,
            CacheMode caches,
            Probe probe,
            int msiDeviceId,
            boolean strict) {

        /// Not strict, and MSIs without a DeviceID of their own.
        public Setup(
                String name,
                SmmuIdentity identity,
                PhysicalMemory memory,
                SmmuInterrupts interrupts,
                CacheMode caches,
                Probe probe) {
            this(name, identity, memory, interrupts, caches, probe, PhysicalMemory.CPU, false);
        }
    }

    /// Who is told how a stalled transaction ended.
    @FunctionalInterface
    public interface StallListener {
        /// Nobody.
        StallListener NONE = (stag, result) -> {};

        /// The transaction that [Translation.Stalled] announced has ended.
        ///
        /// @param result as if it had arrived now; [Translation.Stalled] when it stalled again
        void ended(int stag, Translation result);
    }

    /// No substream: SSV = 0.
    public static final int NO_SUBSTREAM = -1;

    private final Setup setup;
    private final SmmuIdentity id;
    private final RegisterFile registers;
    private final Findings findings;
    private final Signals signals;
    private final EventQueue events;
    private final Stalls stalls;
    private final Translator translator;
    private final Settlement settlement;
    private final AtsPort ats;
    private final Atos atos;
    private final SoftwareCommands software;
    private final CommandQueue commands;
    private final RegisterWrites writes;
    private final @Nullable AcceleratedSink sink;
    private StallListener stallListener = StallListener.NONE;

    public Smmu(Setup setup) {
        this(setup, null);
    }

    private Smmu(Setup setup, @Nullable AcceleratedSink sink) {
        this.setup = setup;
        this.id = setup.identity();
        this.sink = sink;
        PhysicalMemory memory = setup.memory();
        registers = new RegisterFile(id);
        findings = new Findings(setup.strict());
        signals = new Signals(id, registers, memory, setup.interrupts(), setup.msiDeviceId());
        events = new EventQueue(id, registers, memory, signals, this::retryStalled);
        stalls = new Stalls(id);
        translator = new Translator(id, registers, memory, setup.caches(), findings);
        settlement = new Settlement(id, registers, events, stalls);
        ats = new AtsPort(id, registers, memory, translator, settlement, events, signals);
        atos = new Atos(id, registers, translator);
        Invalidator invalidator = new Invalidator(id, registers, translator.tlb(), setup.caches());
        software =
                new SoftwareCommands(
                        id,
                        translator.configCache(),
                        invalidator,
                        translator.configuration().table(),
                        signals,
                        new Beyond(),
                        findings);
        CommandQueue.Executor executor =
                sink == null ? software : new AcceleratedCommands(id, software, sink, this::policy);
        commands = new CommandQueue(id, registers, memory, signals, executor);
        writes = new RegisterWrites(registers, findings, new Consequences());
    }

    /// An SMMU whose streams are translated elsewhere.
    public static Smmu accelerated(Setup setup, AcceleratedSink sink) {
        return new Smmu(setup, sink);
    }

    /// An SMMU as it was found somewhere else, to be looked at with [#inspect], [#policy] and
    /// [#stages] only. It is never written to, and never writes.
    ///
    /// @param register the 4-byte register at an offset; empty where it could not be read
    /// @param memory memory as far as it can be read
    public static Smmu over(
            String name, LongFunction<OptionalLong> register, PhysicalMemory memory) {
        int[] idr = new int[8];
        for (int i = 0; i < idr.length; i++) {
            idr[i] = (int) register.apply(4L * i).orElse(0);
        }
        SmmuIdentity id =
                new SmmuIdentity(
                        name, idr[0], idr[1], idr[2], idr[3], idr[4], idr[5], idr[6], idr[7]);
        Smmu smmu =
                new Smmu(
                        new Setup(
                                name,
                                id,
                                new ReadOnlyMemory(memory),
                                SmmuInterrupts.NONE,
                                new CacheMode.None(),
                                Probe.NONE));
        for (SmmuRegister r : SmmuRegister.values()) {
            long low = register.apply(r.offset()).orElse(0);
            long high = r.width() == 8 ? register.apply(r.offset() + 4L).orElse(0) : 0;
            smmu.registers.set(r, high << 32 | (low & 0xffff_ffffL));
        }
        return smmu;
    }

    /// What it was made of.
    public Setup setup() {
        return setup;
    }

    /// What it has done so far.
    ///
    /// @param commands carried out
    /// @param walks of page tables, for transactions that the TLB did not know
    public record Work(long commands, long walks) {}

    /// What it has done so far.
    public Work work() {
        return new Work(commands.consumed(), translator.walks());
    }

    /// Who is told how stalled transactions end.
    public void onStallEnd(StallListener listener) {
        stallListener = listener;
    }

    /// What software did wrong, as far as it was noticed; empty unless strict.
    public List<Finding> findings() {
        return findings.list();
    }

    /// The value of a register, without the effects that a read may have.
    public long register(SmmuRegister register) {
        return registers.visible(register);
    }

    /// Sends a transaction through. Faults are recorded in the Event queue.
    ///
    /// @param streamId StreamID, unsigned 32-bit
    /// @param substreamId SubstreamID (PASID), or [#NO_SUBSTREAM]
    /// @param address input address
    public Translation translate(int streamId, int substreamId, long address, Access access) {
        return settlement.settle(
                translator.translate(
                        streamId, substreamId, address, access, true, true, setup.probe()),
                streamId,
                substreamId,
                address,
                access);
    }

    /// The output address of a transaction whose translation is cached; nothing is allocated.
    ///
    /// @return a physical address, or -1 when [#translate] must find out
    public long translateCached(int streamId, int substreamId, long address, Access access) {
        return setup.probe().on() ? -1 : translator.hit(streamId, substreamId, address, access);
    }

    /// As [#translate], but only looks: no cache is used or filled, no event is recorded, no
    /// descriptor is written; the hops go to `probe`.
    public Translation inspect(
            int streamId, int substreamId, long address, Access access, Probe probe) {
        return settlement.describe(
                translator.translate(streamId, substreamId, address, access, false, false, probe),
                streamId,
                substreamId,
                address,
                access);
    }

    /// Where a Root Complex's ATS and PRI messages come in.
    public AtsPort ats() {
        return ats;
    }

    /// The stream's fate as its STE and the identity say.
    public StreamPolicy policy(int streamId) {
        return StreamPolicies.of(translator.configuration().stream(streamId), id);
    }

    /// Which stages translate a stream, as its STE and the identity say.
    public StreamStages stages(int streamId) {
        return StreamStages.of(translator.configuration().stream(streamId));
    }

    /// Puts a record into the Event queue, as hardware does for faults: events of the physical SMMU
    /// that the host forwards.
    public void deliverEvent(EventRecord event) {
        if (event.stall()) {
            events.recordStall(event);
        } else {
            events.record(event);
        }
    }

    /// Carries out a command of a queue beside the Command queue.
    ///
    /// @return one of [SmmuRegister.Cmdq]'s CERROR codes
    int carryOut(Command command) {
        return software.execute(command, 0);
    }

    /// Hardware reset.
    public void reset() {
        registers.reset();
        translator.reset();
        events.reset();
        stalls.reset();
        if (sink != null) {
            sink.globalBypass(false);
        }
    }

    @Override
    public long size() {
        return 0x20000;
    }

    @Override
    public long read(long offset, int width) {
        return writes.read(offset, width);
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        writes.write(offset, width, value);
    }

    /// What register writes cause.
    private final class Consequences implements RegisterWrites.Consequences {
        @Override
        public void commandsWaiting() {
            commands.run();
        }

        @Override
        public void atosRequested() {
            atos.run();
        }

        @Override
        public void eventsConsumed() {
            events.flush();
        }

        @Override
        public void enabled(boolean on) {
            if (!on) {
                stalls.terminate(null, events, stallListener::ended);
            }
            if (sink != null) {
                tellSink(sink, on);
            }
        }

        @Override
        public void bypassChanged() {
            if (sink != null && !registers.smmuEnabled()) {
                tellSink(sink, false);
            }
        }

        @Override
        public void eventQueueEnabled() {
            events.flush();
            if (sink != null) {
                sink.eventQueueEnabled(events.log2Size());
            }
        }
    }

    private void tellSink(AcceleratedSink to, boolean on) {
        if (!on) {
            to.globalBypass(SmmuRegister.Gbpa.ABORT.isSet(registers.get(SmmuRegister.GBPA)));
            return;
        }
        for (int sid : to.boundStreams()) {
            to.install(sid, policy(sid));
        }
    }

    /// What it advertises.
    public SmmuIdentity identity() {
        return id;
    }

    /// How many commands of its Command queue were carried out.
    public long commandsConsumed() {
        return commands.consumed();
    }

    private void retryStalled(int streamId, int stag) {
        Stalls.Transaction t = stalls.release(streamId, stag);
        if (t != null) {
            stallListener.ended(stag, again(t));
        }
    }

    private Translation again(Stalls.Transaction t) {
        return translate(t.streamId(), t.substreamId(), t.address(), t.access());
    }

    /// What commands cause beyond the caches.
    private final class Beyond implements SoftwareCommands.Effects {
        @Override
        public void resume(Command.Resume c) {
            Stalls.Transaction t = stalls.release(c.streamId(), c.stag());
            if (t == null) {
                return;
            }
            events.forgetStall(c.streamId(), c.stag());
            // Ab is IGNORED, and taken as 1, with TERM_MODEL = 1 (4.7.1).
            boolean abort = c.abort() || id.has0(SmmuRegister.Idr0.TERM_MODEL);
            Translation end =
                    c.retry() ? again(t) : new Translation.Faulted(Optional.empty(), false, abort);
            stallListener.ended(c.stag(), end);
        }

        @Override
        public void synchronised() {
            events.synchronised();
        }

        @Override
        public void stallTerminate(int streamId) {
            stalls.terminate(streamId, events, stallListener::ended);
        }

        @Override
        public boolean atcInvalidate(Command.AtcInv command) {
            return ats.invalidate(command);
        }

        @Override
        public void pageResponse(Command.PriResp command) {
            ats.respond(command);
        }
    }
}
