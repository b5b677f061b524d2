package dev.belfry.kernel.smmu;

import dev.belfry.kernel.smmu.Domain.Ats;
import dev.belfry.kernel.smmu.Domain.Attachment;
import dev.belfry.model.smmu.spec.Ste;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A device behind an SMMU as Linux from 6.9 on drives it (`struct arm_smmu_master`): it has a
/// table of context descriptors of its own, and moves from one address space to the next without an
/// abort in between wherever [EntryWriter] finds a way.
///
/// The order of a move is `arm_smmu_attach_prepare`, the entry, `arm_smmu_attach_commit`: the next
/// address space sends its invalidations before the entry leads there, the previous one until after
/// it no longer does; ATS is off at the device before the entry forbids it, and on after.
public final class Master {

    /// ATS at the device itself (`pci_enable_ats`, `pci_disable_ats`).
    public interface AtsSwitch {
        /// Nothing to switch.
        AtsSwitch NONE = on -> {};

        /// Turns ATS on or off.
        void set(boolean on);
    }

    private static final int ATC_ALL = 52;
    private static final int DSS_TERMINATE = 0;
    private static final int DSS_BYPASS = 1;

    /// An address space of one PASID.
    private record Pasid(Stage1Domain domain, Attachment attachment) {
        void leave() {
            domain.detached(attachment);
        }
    }

    private final SmmuDriver driver;
    private final int streamId;
    private final int ssidBits;
    private final AtsSwitch atsSwitch;
    private final Map<Integer, Pasid> pasids = new HashMap<>();
    private Optional<CdTable> contexts = Optional.empty();
    private Optional<Domain> whole = Optional.empty();
    private Attachment attachment;
    private StreamEntry idle = StreamEntry.abort();
    private boolean tableInSte;
    private boolean ats;

    Master(SmmuDriver driver, int streamId, int ssidBits, AtsSwitch atsSwitch) {
        this.driver = driver;
        this.streamId = streamId;
        this.ssidBits = ssidBits;
        this.atsSwitch = atsSwitch;
        this.attachment = Attachment.of(streamId, Ats.OFF);
    }

    /// Whether ATS is on.
    public boolean ats() {
        return ats;
    }

    /// Whether a PASID has an address space of its own.
    public boolean pasidsInUse() {
        return !pasids.isEmpty();
    }

    /// Whether the entry leads to context descriptors of this kernel's, so that PASIDs can be added
    /// (`cd_table.in_ste`).
    public boolean hasContexts() {
        return tableInSte;
    }

    /// Terminates what has no PASID.
    ///
    /// @param atsForPasids ATS is on as long as PASIDs have address spaces
    public void block(boolean atsForPasids) {
        rest(StreamEntry.abort(), DSS_TERMINATE, atsForPasids);
    }

    /// Lets pass what has no PASID.
    public void bypass(boolean atsForPasids) {
        rest(StreamEntry.bypass(), DSS_BYPASS, atsForPasids);
    }

    /// `arm_smmu_attach_dev_ste`.
    private void rest(StreamEntry entry, int dss, boolean atsForPasids) {
        idle = entry;
        if (pasidsInUse()) {
            StreamEntry table = tableEntry(atsForPasids).withoutSubstream(dss);
            move(Optional.empty(), Ats.OFF, atsForPasids, () -> write(table));
        } else {
            move(Optional.empty(), Ats.OFF, false, () -> write(entry));
            tableInSte = false;
        }
        contexts.ifPresent(c -> c.clear(0));
    }

    /// Gives the device a stage 1 of this kernel's. Its context descriptor changes in place; from
    /// one stage 1 to the next that takes a moment in which it is invalid, as two words change.
    public void attach(Stage1Domain domain, boolean nextAts) {
        move(
                Optional.of(domain),
                nextAts ? Ats.ON : Ats.OFF,
                nextAts,
                () -> {
                    writeContext(0, domain);
                    write(tableEntry(nextAts));
                });
    }

    /// Gives the device a stage 2.
    public void attach(Stage2Domain domain, boolean nextAts) {
        Ats kind = nextAts ? Ats.ON : Ats.OFF;
        move(Optional.of(domain), kind, nextAts, () -> write(domain.entry(nextAts)));
        leaveContexts();
    }

    /// Gives the device an entry of the caller's making, a nesting host's.
    ///
    /// @param domain the stage 2 that the entry uses
    public void attachNested(Stage2Domain domain, StreamEntry entry, boolean nextAts) {
        Ats kind = nextAts ? Ats.NESTED : Ats.OFF;
        move(Optional.of(domain), kind, nextAts, () -> write(entry));
        leaveContexts();
    }

    private void leaveContexts() {
        tableInSte = false;
        contexts.ifPresent(c -> c.clear(0));
    }

    private void move(Optional<Domain> next, Ats kind, boolean nextAts, Runnable install) {
        Attachment incoming = Attachment.of(streamId, kind);
        next.ifPresent(d -> d.attached(incoming));
        switchOff(nextAts);
        install.run();
        commitAts(nextAts);
        whole.ifPresent(d -> d.detached(attachment));
        whole = next;
        attachment = incoming;
    }

    private void switchOff(boolean nextAts) {
        if (ats && !nextAts) {
            atsSwitch.set(false);
        }
    }

    /// What the ATC holds is of the previous address space; turning ATS on starts with an empty
    /// one.
    private void commitAts(boolean nextAts) {
        if (ats || nextAts) {
            driver.commandQueue().issueSync(Command.atcInvalidate(streamId, 0, ATC_ALL));
        }
        if (nextAts && !ats) {
            atsSwitch.set(true);
        }
        ats = nextAts;
    }

    /// Gives a PASID its address space (`arm_smmu_set_pasid`).
    public void setPasid(int pasid, Stage1Domain domain, boolean nextAts) {
        Attachment incoming = new Attachment(streamId, pasid, nextAts ? Ats.ON : Ats.OFF);
        domain.attached(incoming);
        Pasid old = pasids.put(pasid, new Pasid(domain, incoming));
        switchOff(nextAts);
        writeContext(pasid, domain);
        if (!tableInSte || nextAts != ats) {
            write(whole.isPresent() ? tableEntry(nextAts) : idleTable(nextAts));
        }
        commitAts(nextAts);
        if (old != null) {
            old.leave();
        }
    }

    /// Takes it away. With the last one, a device without an address space needs no table.
    public void clearPasid(int pasid) {
        Pasid old = pasids.remove(pasid);
        if (old == null) {
            return;
        }
        contexts.orElseThrow().clear(pasid);
        if (ats) {
            driver.commandQueue().issueSync(Command.atcInvalidate(streamId, pasid, 0, ATC_ALL));
        }
        old.leave();
        if (pasids.isEmpty() && whole.isEmpty()) {
            move(Optional.empty(), Ats.OFF, false, () -> write(idle));
            tableInSte = false;
        }
    }

    private void writeContext(int ssid, Stage1Domain domain) {
        if (contexts.isEmpty()) {
            CdTable table = driver.newContexts(ssidBits);
            table.attached(streamId);
            contexts = Optional.of(table);
        }
        contexts.get().write(ssid, domain.table(), domain.asid(), driver.stallsOnly());
    }

    private StreamEntry tableEntry(boolean nextAts) {
        tableInSte = true;
        return StreamEntry.stage1(contexts.orElseThrow(), driver.stage1Options(nextAts));
    }

    private StreamEntry idleTable(boolean nextAts) {
        boolean passes = idle.equals(StreamEntry.bypass());
        return tableEntry(nextAts).withoutSubstream(passes ? DSS_BYPASS : DSS_TERMINATE);
    }

    private void write(StreamEntry entry) {
        long shareability = driver.features().attributeOverrides() ? Ste.SHCFG.of(1) : 0;
        new EntryWriter(driver.machine(), UsedBits.STE)
                .replace(
                        driver.streamTable().entry(streamId),
                        entry.withShareability(shareability).onlyUsed(),
                        () -> driver.commandQueue().issueSync(Command.cfgiSte(streamId, true)));
        driver.commandQueue().issue(Command.prefetchConfig(streamId));
    }
}
