package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.kernel.iopgtable.IoPageTable;
import dev.belfry.kernel.iopgtable.IoPageTable.Stage;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.kernel.smmu.Domain.Attachment;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Drives one SMMUv3.
public final class SmmuDriver {

    /// What probing said.
    public sealed interface Probe {
        /// It can be driven.
        record Usable(SmmuFeatures features) implements Probe {}

        /// It cannot (`ENXIO`).
        record Refused(String reason) implements Probe {}
    }

    /// How a kernel wants it.
    ///
    /// @param pageSize the kernel's page size
    /// @param inputBits size of virtual addresses of a stage 1 domain, 48 usually
    /// @param vhe the kernel runs at EL2 with VHE, and so do its streams where IDR0.HYP
    /// @param msiPolling CMD_SYNC completion by a write where IDR0.MSI and the SMMU is coherent
    public record Options(Granule pageSize, int inputBits, boolean vhe, boolean msiPolling) {
        /// A kernel of 4 KiB pages at EL1.
        public static final Options DEFAULT = new Options(Granule.G4K, 48, false, true);
    }

    /// Where a stream is.
    private record Attached(Domain domain, Attachment attachment) {}

    private static final int STALL_ONLY = 2;
    private static final int TERMINATE_ONLY = 1;

    private final Machine machine;
    private final PageAllocator pages;
    private final Registers registers;
    private final SmmuFeatures features;
    private final Options options;
    private final CommandQueue commandQueue;
    private final EventQueue eventQueue;
    private final StreamTable streamTable;
    private final SteWriter steWriter;
    private final Map<Integer, Attached> attachments = new HashMap<>();
    private final Set<Integer> asids = new LinkedHashSet<>();
    private final Set<Integer> vmids = new LinkedHashSet<>();
    private Optional<Tegra241Cmdqv> cmdqv = Optional.empty();

    /// Reads the ID registers.
    ///
    /// @param base its registers
    /// @param coherent firmware says that it is coherent
    public static Probe probe(Machine machine, long base, boolean coherent) {
        Registers registers = new Registers(machine, base);
        int idr0 = (int) registers.read(SmmuRegister.IDR0);
        int idr1 = (int) registers.read(SmmuRegister.IDR1);
        int idr3 = (int) registers.read(SmmuRegister.IDR3);
        int idr5 = (int) registers.read(SmmuRegister.IDR5);
        registers.read(SmmuRegister.IIDR);
        Optional<String> refusal = SmmuFeatures.refusal(idr0, idr1, idr5);
        return refusal.isPresent()
                ? new Probe.Refused(refusal.get())
                : new Probe.Usable(SmmuFeatures.of(idr0, idr1, idr3, idr5, coherent));
    }

    /// Allocates queues and stream table; no register is touched.
    public SmmuDriver(
            Machine machine,
            PageAllocator pages,
            long base,
            SmmuFeatures features,
            Options options) {
        this.machine = machine;
        this.pages = pages;
        this.registers = new Registers(machine, base);
        this.features = features;
        this.options = options;
        boolean msi = options.msiPolling && features.msi() && features.coherent();
        this.commandQueue =
                new CommandQueue(
                        machine,
                        pages,
                        new QueuePort.OfSmmu(registers),
                        features.commandQueueLog2(),
                        msi ? CommandQueue.Completion.MESSAGE : CommandQueue.Completion.EVENT);
        this.eventQueue = new EventQueue(machine, pages, registers, features.eventQueueLog2());
        this.streamTable = new StreamTable(machine, pages, features);
        this.steWriter = new SteWriter(machine, commandQueue);
    }

    /// What the ID registers said.
    public SmmuFeatures features() {
        return features;
    }

    /// Its Command queue: for whoever has commands of its own, a host that passes on a guest's
    /// invalidations.
    public CommandQueue commandQueue() {
        return commandQueue;
    }

    /// Its stream table.
    public StreamTable streamTable() {
        return streamTable;
    }

    /// Whether streams belong to EL2.
    public boolean el2() {
        return options.vhe && features.hyp();
    }

    /// Lets a stream pass from the moment the SMMU is enabled: firmware said that its device is at
    /// work (RMR). To be called before [#reset].
    public void bypassFromStart(int streamId) {
        if (streamTable.covers(streamId)) {
            SteWriter.writeQuietly(machine, streamTable.entry(streamId), StreamEntry.bypass());
        }
    }

    /// Brings the SMMU up (`arm_smmu_device_reset`).
    ///
    /// @return false when a register does not acknowledge (`ETIMEDOUT`)
    public boolean reset() {
        return new SmmuReset(pages, registers, features, el2())
                .run(streamTable, commandQueue, eventQueue);
    }

    /// Has the queues of a CMDQ-V take the commands that they know, from now on. The SMMU is up
    /// already: Linux does it last (`device_reset` of `impl_ops`).
    ///
    /// @return false when it does not come up; the SMMU is then off, as Linux gives it up
    public boolean use(Tegra241Cmdqv queues) {
        if (!queues.reset()) {
            registers.write(SmmuRegister.CR0, 0);
            return false;
        }
        cmdqv = Optional.of(queues);
        commandQueue.setSecondary(queues::queueFor);
        return true;
    }

    /// The CMDQ-V beside it.
    public Optional<Tegra241Cmdqv> cmdqv() {
        return cmdqv;
    }

    /// A new stage 1 address space.
    ///
    /// @param ssidBits substreams of the devices that will be attached, 0..20
    public Stage1Domain createStage1(int ssidBits) {
        return createStage1(ssidBits, false);
    }

    /// As [#createStage1(int)].
    ///
    /// @param dirty hardware keeps dirty state; only where [SmmuFeatures#dirty]
    public Stage1Domain createStage1(int ssidBits, boolean dirty) {
        Granule granule = features.granuleFor(options.pageSize);
        int inputBits = Math.min(options.inputBits, features.vax() ? 52 : 48);
        IoPageTable table =
                new IoPageTable(
                        machine,
                        pages,
                        new IoPageTable.Config(
                                Stage.S1, granule, inputBits, features.outputBits(), false, dirty));
        int asid = allocate(asids, features.asidBits());
        Command.Regime regime = el2() ? Command.Regime.EL2 : Command.Regime.NH;
        TlbInvalidation tlb =
                new TlbInvalidation(features.rangeInvalidation(), regime, asid, 0, granule);
        return new Stage1Domain(
                commandQueue,
                table,
                tlb,
                () -> {
                    CdTable cds = newContexts(ssidBits);
                    cds.write(0, table, asid, stallsOnly());
                    return cds;
                },
                asid);
    }

    /// A new stage 2 address space; its input is as wide as the SMMU's output.
    public Stage2Domain createStage2() {
        return createStage2(false);
    }

    /// As [#createStage2()].
    ///
    /// @param nestParent guests' stage 1 will be nested on it
    public Stage2Domain createStage2(boolean nestParent) {
        Granule granule = features.granuleFor(options.pageSize);
        int bits =
                granule == Granule.G64K
                        ? features.outputBits()
                        : Math.min(48, features.outputBits());
        IoPageTable table =
                new IoPageTable(
                        machine,
                        pages,
                        new IoPageTable.Config(
                                Stage.S2,
                                granule,
                                bits,
                                bits,
                                features.fwb() && features.coherent()));
        int vmid = allocate(vmids, features.vmidBits());
        TlbInvalidation tlb =
                new TlbInvalidation(
                        features.rangeInvalidation(), Command.Regime.STAGE2, 0, vmid, granule);
        return new Stage2Domain(commandQueue, table, tlb, vmid, nestParent);
    }

    /// Whether another stage 1 can be made: an ASID is free.
    public boolean hasAsid() {
        return asids.size() < (1 << features.asidBits()) - 1;
    }

    /// Whether another stage 2 can be made: a VMID is free.
    public boolean hasVmid() {
        return vmids.size() < (1 << features.vmidBits()) - 1;
    }

    /// The lowest that is free; 0 is nobody's.
    private static int allocate(Set<Integer> used, int bits) {
        for (int id = 1; id < 1 << bits; id++) {
            if (used.add(id)) {
                return id;
            }
        }
        throw new IllegalStateException("no id of " + bits + " bits is free");
    }

    /// Ends an address space that nothing is attached to: its TLB entries go, its tables are freed.
    public void destroy(Domain domain) {
        domain.flushAll();
        domain.table().free();
        switch (domain) {
            case Stage1Domain stage1 -> asids.remove(stage1.asid());
            case Stage2Domain stage2 -> vmids.remove(stage2.vmid());
        }
    }

    /// Puts a stream into an address space; it leaves the one it was in first, and is on abort in
    /// between (Linux until 6.8).
    public void attach(int streamId, Domain domain) {
        attach(streamId, domain, false);
    }

    /// As [#attach(int, Domain)], with ATS.
    public void attach(int streamId, Domain domain, boolean ats) {
        if (attachments.containsKey(streamId)) {
            detach(streamId);
        }
        StreamEntry entry = domain.entry(stage1Options(ats));
        Attachment attachment = Attachment.of(streamId, ats ? Domain.Ats.ON : Domain.Ats.OFF);
        attachments.put(streamId, new Attached(domain, attachment));
        domain.attached(attachment);
        steWriter.replace(streamTable.entry(streamId), streamId, entry);
    }

    /// A device behind it, driven as Linux does from 6.9 on. Nobody else attaches its stream then.
    ///
    /// @param ssidBits width of its PASIDs
    public Master master(int streamId, int ssidBits, Master.AtsSwitch ats) {
        return new Master(this, streamId, ssidBits, ats);
    }

    CdTable newContexts(int ssidBits) {
        return new CdTable(machine, pages, commandQueue, ssidBits);
    }

    StreamEntry.Stage1Options stage1Options(boolean ats) {
        return new StreamEntry.Stage1Options(features.stalls() != TERMINATE_ONLY, ats, el2());
    }

    boolean stallsOnly() {
        return features.stalls() == STALL_ONLY;
    }

    Machine machine() {
        return machine;
    }

    /// Lets a stream pass untranslated.
    public void attachBypass(int streamId) {
        forget(streamId);
        steWriter.replace(streamTable.entry(streamId), streamId, StreamEntry.bypass());
    }

    /// Takes a stream out of its address space; its transactions are terminated.
    public void detach(int streamId) {
        forget(streamId);
        steWriter.replace(streamTable.entry(streamId), streamId, StreamEntry.abort());
    }

    private void forget(int streamId) {
        Attached old = attachments.remove(streamId);
        if (old != null) {
            old.domain.detached(old.attachment);
        }
    }

    /// Makes sure that the stream has an entry; it says abort when it is new.
    ///
    /// @return false when the StreamID is beyond the table (`ERANGE`)
    public boolean addStream(int streamId) {
        boolean covered = streamTable.covers(streamId);
        if (covered) {
            streamTable.entry(streamId);
        }
        return covered;
    }

    /// Takes the event records that are waiting.
    public List<EventRecord> takeEvents() {
        return eventQueue.take();
    }

    /// How often records were lost because the Event queue was full.
    public int eventOverflows() {
        return eventQueue.overflows();
    }

    /// Handles the global errors that are active, and acknowledges them.
    ///
    /// @return the active bits of GERROR: 0 CMDQ_ERR, 2 EVENTQ_ABT_ERR, 8 SFM_ERR
    public int handleGlobalErrors() {
        long gerror = registers.read(SmmuRegister.GERROR);
        long active = gerror ^ registers.read(SmmuRegister.GERRORN);
        if (active == 0) {
            return 0;
        }
        if (Gerror.SFM_ERR.isSet(active)) {
            // Service failure mode: the SMMU is switched off.
            registers.write(SmmuRegister.CR0, 0);
        }
        if (Gerror.CMDQ_ERR.isSet(active)) {
            commandQueue.skipError();
        }
        registers.write(SmmuRegister.GERRORN, gerror);
        return (int) active;
    }
}
