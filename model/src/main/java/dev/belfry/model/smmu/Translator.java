package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.Descriptor;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Gbpa;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import org.jspecify.annotations.Nullable;

/// The way of a transaction: SMMUEN and GBPA, configuration, TLB, walk (IHI 0070 chapter 15).
///
/// What becomes of a fault (recorded, stalled) is not decided here.
final class Translator {

    private final SmmuIdentity id;
    private final RegisterFile registers;
    private final Walker walker;
    private final Configuration configuration;
    private final ConfigCache configCache;
    private final Tlb tlb;
    private final boolean caching;
    private final boolean adversarial;
    private final boolean overrides;
    private final boolean looksForStale;
    private final StaleLook stale;
    private final Attributes.Known known = new Attributes.Known();
    private long walks;

    Translator(
            SmmuIdentity id,
            RegisterFile registers,
            PhysicalMemory memory,
            CacheMode mode,
            Findings findings) {
        this.id = id;
        this.registers = registers;
        this.walker = new Walker(memory, id);
        this.configCache = new ConfigCache(mode);
        this.overrides = Idr1.ATTR_TYPES_OVR.isSet(id.idr1());
        this.caching = !(mode instanceof CacheMode.None);
        this.adversarial = mode instanceof CacheMode.Adversarial;
        int size = mode instanceof CacheMode.Sized(int entries) ? Math.max(1, entries) : 0;
        this.tlb = new Tlb(size, adversarial);
        this.looksForStale = adversarial && findings.strict();
        this.configuration =
                new Configuration(id, registers, memory, walker, configCache, tlb, adversarial);
        this.stale = new StaleLook(configuration, walker, tlb, findings);
    }

    /// How a transaction ended.
    sealed interface Outcome {
        /// @param permissions what the tables of all enabled stages allow now
        record Passed(Translation.Mapped mapped, int permissions) implements Outcome {}

        /// Terminated with an abort, without an event.
        record Silent(String rule) implements Outcome {}

        /// @param route null when the configuration was at fault
        record Failed(Fault fault, @Nullable Route route, @Nullable StreamConfig stream)
                implements Outcome {}
    }

    Configuration configuration() {
        return configuration;
    }

    ConfigCache configCache() {
        return configCache;
    }

    Tlb tlb() {
        return tlb;
    }

    /// Drops all cached state: hardware reset.
    void reset() {
        configCache.clear();
        tlb.clear();
    }

    /// The output address when the TLB knows that the access passes; -1 when it does not know.
    long hit(int sid, int ssid, long address, Access access) {
        Route route = configCache.route(sid, ssid);
        if (route == null || !registers.smmuEnabled()) {
            return -1;
        }
        if (route.bypass()) {
            return Bits.fits(address, id.oas()) ? address : -1;
        }
        long va = route.canonical(address);
        int slot = slot(route, va);
        if (slot < 0) {
            return -1;
        }
        int need = route.need(access);
        if (looksForStale) {
            stale.look(route, slot, va, need);
        }
        long first = tlb.first(slot);
        return (TlbEntry.permissions(first) & need) == 0
                ? -1
                : TlbEntry.address(first, va, tlb.blockBits(slot));
    }

    private int slot(Route route, long va) {
        int slot = tlb.find(route.own(), va);
        return slot < 0 && route.shared() != route.own() ? tlb.find(route.shared(), va) : slot;
    }

    /// Sends a transaction through.
    ///
    /// @param cached whether caches are used and filled
    /// @param update whether access flags and dirty state may be written
    Outcome translate(
            int sid,
            int ssid,
            long address,
            Access access,
            boolean cached,
            boolean update,
            Probe probe) {
        if (!registers.smmuEnabled()) {
            return disabled(address, probe);
        }
        if (probe.on()) {
            probe.observe(
                    Observation.of(HopKind.SMMU)
                            .field("SMMUEN", true)
                            .ok(
                                    "CR0.SMMUEN = 1: streams follow the Stream table (IHI 0070"
                                            + " 6.3.9)"));
        }
        boolean useCaches = cached && caching && !probe.on();
        walker.begin(probe, update);
        Route route = useCaches ? configCache.route(sid, ssid) : null;
        if (route == null) {
            Configuration.Result found = configuration.find(sid, ssid, useCaches, probe);
            Fault fault = found.fault();
            if (fault != null) {
                return new Outcome.Failed(fault, null, found.stream());
            }
            route = found.route();
            if (route == null) {
                return new Outcome.Silent("STE.Config = 0b0xx (IHI 0070 5.2)");
            }
        }
        return route.bypass()
                ? bypass(route, address, probe)
                : walk(route, address, route.need(access), useCaches);
    }

    /// Sends an ATS Translation Request through. It may be answered out of the TLB, and fills it
    /// (3.9.1).
    ///
    /// @param cached whether caches are used and filled
    Outcome request(AtsPort.Request r, boolean cached) {
        walker.begin(Probe.NONE, true);
        boolean useCaches = cached && caching;
        Configuration.Result found =
                configuration.find(r.streamId(), r.substreamId(), useCaches, Probe.NONE);
        Fault fault = found.fault();
        if (fault != null) {
            return new Outcome.Failed(fault, null, found.stream());
        }
        Route route = found.route();
        if (route == null) {
            return new Outcome.Silent("STE.Config = 0b0xx (IHI 0070 5.2)");
        }
        return route.bypass()
                ? bypass(route, r.address(), Probe.NONE)
                : walk(route, r.address(), r.need(route.overrides()), useCaches);
    }

    /// Sends an IPA through stage 2 alone.
    ///
    /// @param need the permission bit that it needs
    Outcome stage2Only(StreamConfig stream, long ipa, int need, boolean update) {
        walker.begin(Probe.NONE, update);
        if (!walker.walk(stream, null, ipa, need)) {
            return new Outcome.Failed(walker.fault(), null, stream);
        }
        return passed(
                walker.pa,
                Math.min(walker.blockBits, 52),
                walker.perms2,
                need,
                outgoing(stream, null, Route.input(stream, id), leaves(stream, null)));
    }

    /// Walks for an address translation operation: no cache is used or filled.
    Outcome operate(Route route, long address, Access access) {
        return walk(route, address, route.need(access), false);
    }

    /// Begins what [#operate] ends with: the configuration may be fetched through stage 2.
    ///
    /// @param update whether access flags and dirty state may be written
    void beginOperation(boolean update) {
        walker.begin(Probe.NONE, update);
    }

    /// What the tables of the last walk say, without the STE's overrides (6.3.40).
    ///
    /// @param stage1 whether stage 1's count; they did translate then
    /// @param stage2 whether stage 2's count
    Attributes lastAttributes(boolean stage1, boolean stage2) {
        Attributes first =
                stage1
                        ? Attributes.stage1(walker.mair, new Descriptor(walker.leaf1))
                        : Attributes.DEFAULT;
        return (stage2 ? first.combine(new Descriptor(walker.leaf2), walker.forceWriteBack) : first)
                .consistent();
    }

    /// Stage 1's output in the last walk.
    long lastIpa() {
        return walker.ipa;
    }

    /// log2 of stage 1's block in the last walk.
    int lastIpaBits() {
        return walker.blockBits1;
    }

    private Outcome disabled(long address, Probe probe) {
        long gbpa = registers.get(SmmuRegister.GBPA);
        boolean abort = Gbpa.ABORT.isSet(gbpa);
        boolean tooBig = !Bits.fits(address, id.oas());
        String rule =
                abort
                        ? "CR0.SMMUEN = 0, GBPA.ABORT = 1: terminated without an event (IHI 0070"
                                + " 6.3.14)"
                        : tooBig
                                ? "CR0.SMMUEN = 0, address beyond the OAS: terminated without an"
                                        + " event (IHI 0070 3.4)"
                                : "CR0.SMMUEN = 0, GBPA.ABORT = 0: bypass (IHI 0070 6.3.14)";
        if (probe.on()) {
            Observation.Builder hop =
                    Observation.of(HopKind.SMMU).field("SMMUEN", false).field("GBPA.ABORT", abort);
            probe.observe(abort || tooBig ? hop.broken(rule) : hop.ok(rule));
        }
        return abort || tooBig
                ? new Outcome.Silent(rule)
                : passed(address, id.oas(), Permissions.ALL, Permissions.UR, global(gbpa));
    }

    private Outcome bypass(Route route, long address, Probe probe) {
        if (Bits.fits(address, id.oas())) {
            walker.bypass(address);
            return passed(address, id.oas(), Permissions.ALL, Permissions.UR, route.input());
        }
        String rule =
                "Bypass, address beyond the OAS of "
                        + id.oas()
                        + " bits: F_ADDR_SIZE (IHI 0070 3.4)";
        if (probe.on()) {
            probe.observe(Observation.of(HopKind.STAGE1).address(address).broken(rule));
        }
        return new Outcome.Failed(
                Fault.configuration(EventType.F_ADDR_SIZE, 0, rule), route, route.stream());
    }

    /// @param need what the access needed: its privilege's write permission is told as well
    private static Outcome passed(long pa, int bits, int perms, int need, Attributes attributes) {
        boolean writable = (perms & Permissions.writeOf(need)) != 0;
        return new Outcome.Passed(new Translation.Mapped(pa, bits, writable, attributes), perms);
    }

    /// How many transactions the TLB did not know.
    long walks() {
        return walks;
    }

    /// @param need the permission bits that are asked for, of one privilege: one of them suffices
    private Outcome walk(Route route, long address, int need, boolean useCaches) {
        StreamConfig stream = route.stream();
        ContextConfig cd = route.cd();
        long va = route.canonical(address);
        if (useCaches) {
            int slot = slot(route, va);
            if (slot >= 0) {
                if (looksForStale) {
                    stale.look(route, slot, va, need);
                }
                int allowed = TlbEntry.permissions(tlb.first(slot)) & need;
                boolean clean = allowed != need && TlbEntry.isClean(tlb.second(slot));
                if (allowed != 0 && !clean) {
                    return fromTlb(route, slot, va, need);
                }
                if (adversarial && !clean) {
                    return new Outcome.Failed(refusal(slot, va, need), route, stream);
                }
            }
        }
        walks++;
        if (!walker.walk(stream, cd, va, need)) {
            return new Outcome.Failed(walker.fault(), route, stream);
        }
        int perms = walker.perms1 & walker.perms2;
        int leaves = leaves(stream, cd);
        if (useCaches) {
            insert(route, va, leaves);
        }
        return passed(
                walker.pa,
                Math.min(walker.blockBits, 52),
                perms,
                need,
                outgoing(stream, cd, route.input(), leaves));
    }

    private Outcome fromTlb(Route route, int slot, long va, int need) {
        long first = tlb.first(slot);
        int bits = tlb.blockBits(slot);
        return passed(
                TlbEntry.address(first, va, bits),
                bits,
                TlbEntry.permissions(first),
                need,
                outgoing(route.stream(), route.cd(), route.input(), TlbEntry.leaves(first)));
    }

    /// A permission fault that a cached entry gives.
    private Fault refusal(int slot, long va, int need) {
        String rule =
                "A cached translation does not allow the access: F_PERMISSION (IHI 0070 7.3.16)";
        if ((TlbEntry.stage1Permissions(tlb.first(slot)) & need) == 0) {
            return Fault.stage1(EventType.F_PERMISSION, rule);
        }
        long ipa = TlbEntry.address(tlb.second(slot), va, tlb.blockBits(slot));
        boolean read = (need & Permissions.ANY_WRITE) == 0;
        return new Fault(EventType.F_PERMISSION, true, Cause.IN, ipa, read, false, rule);
    }

    /// The same for GBPA, while the SMMU is off (6.3.14).
    private Attributes global(long gbpa) {
        return overrides
                ? Attributes.overridden(
                        Gbpa.MTCFG.isSet(gbpa),
                        Gbpa.MEMATTR.getInt(gbpa),
                        Gbpa.ALLOCCFG.getInt(gbpa),
                        Gbpa.SHCFG.getInt(gbpa))
                : Attributes.INCOMING;
    }

    /// What the leaves of the last walk say of attributes, for the TLB: with stage 1 the
    /// attributes, else what stage 2 has to be combined with the transaction's own.
    private int leaves(StreamConfig stream, @Nullable ContextConfig cd) {
        if (cd == null) {
            return Attributes.pack(new Descriptor(walker.leaf2));
        }
        Attributes first = Attributes.stage1(cd.cd().mair(), new Descriptor(walker.leaf1));
        return (stream.stage2()
                        ? first.combine(new Descriptor(walker.leaf2), stream.forceWriteBack())
                        : first)
                .pack();
    }

    /// The attributes with which a transaction goes on. The STE's overrides are not in the TLB: a
    /// change of them needs no TLB invalidation (5.2.1).
    private Attributes outgoing(
            StreamConfig stream, @Nullable ContextConfig cd, Attributes input, int leaves) {
        Attributes all =
                cd == null
                        ? input.combine(Attributes.unpackLeaf(leaves), stream.forceWriteBack())
                        : known.unpack(leaves).withHintsOf(input);
        return known.unpack(all.consistent().pack());
    }

    private void insert(Route route, long va, int leaves) {
        StreamConfig stream = route.stream();
        ContextConfig cd = route.cd();
        boolean global = cd != null && !Descriptor.NG.isSet(walker.leaf1);
        TableConfig table = cd == null ? stream.table() : Walker.half(stream.world(), cd, va);
        int size = walker.blockBits;
        int level = cd == null ? walker.level2 : walker.level1;
        tlb.insert(
                global ? route.shared() : route.own(),
                va,
                size,
                cd == null ? size : walker.blockBits1,
                TlbEntry.first(walker, leaves),
                TlbEntry.second(walker, level, table.granuleBits()));
    }
}
