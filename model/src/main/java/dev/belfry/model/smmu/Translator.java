package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Hex;
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
import dev.belfry.model.smmu.spec.Ste;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The way of a transaction: SMMUEN and GBPA, configuration, TLB, walk (IHI 0070 chapter 15).
///
/// What becomes of a fault (recorded, stalled) is not decided here.
final class Translator {

    private static final long PA = 0x000f_ffff_ffff_f000L;
    private static final long LEVEL = 0x3;
    private static final long CLEAN = 0x10;

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
    private final Findings findings;
    private final Attributes.Known known = new Attributes.Known();
    private long walks;

    Translator(
            SmmuIdentity id,
            RegisterFile registers,
            PhysicalMemory memory,
            CacheMode mode,
            Findings findings) {
        this.findings = findings;
        this.id = id;
        this.registers = registers;
        this.walker = new Walker(memory, id);
        this.configCache = new ConfigCache(mode);
        this.tlb = new Tlb(mode instanceof CacheMode.Sized(int entries) ? Math.max(1, entries) : 0);
        this.overrides = Idr1.ATTR_TYPES_OVR.isSet(id.idr1());
        this.caching = !(mode instanceof CacheMode.None);
        this.adversarial = mode instanceof CacheMode.Adversarial;
        this.looksForStale = adversarial && findings.strict();
        this.configuration =
                new Configuration(id, registers, memory, walker, configCache, tlb, adversarial);
    }

    /// How a transaction ended.
    sealed interface Outcome {
        record Passed(Translation.Mapped mapped) implements Outcome {}

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
        StreamConfig stream = route.stream();
        if (stream.kind() == StreamConfig.Kind.BYPASS) {
            return Bits.fits(address, id.oas()) ? address : -1;
        }
        ContextConfig cd = route.cd();
        long va = cd == null ? address : Walker.canonical(stream.world(), cd, address);
        int slot = slot(route, va);
        if (slot < 0) {
            return -1;
        }
        int need = route.need(access);
        if (looksForStale) {
            lookForStale(route, slot, va, need);
        }
        long first = tlb.first(slot);
        return ((int) first & (int) (first >>> 6) & need) == 0
                ? -1
                : (first & PA) | (va & Bits.lowMask(tlb.blockBits(slot)));
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
        return route.stream().kind() == StreamConfig.Kind.BYPASS
                ? bypass(route, address, probe)
                : walk(route, address, access, useCaches);
    }

    /// Sends an IPA through stage 2 alone.
    Outcome stage2Only(StreamConfig stream, long ipa, Access access, boolean update) {
        walker.begin(Probe.NONE, update);
        int need =
                Permissions.need(access.isWrite(), access.isPrivileged(), access.isInstruction());
        if (!walker.walk(stream, null, ipa, need)) {
            return new Outcome.Failed(walker.fault(), null, stream);
        }
        return passed(
                walker.pa,
                Math.min(walker.blockBits, 52),
                (walker.perms2 & Permissions.ANY_WRITE) != 0,
                attributes(stream, null));
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
                : passed(address, id.oas(), true, global(gbpa));
    }

    private Outcome bypass(Route route, long address, Probe probe) {
        if (Bits.fits(address, id.oas())) {
            return passed(address, id.oas(), true, input(route.stream()));
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

    private static Outcome passed(long pa, int bits, boolean writable, Attributes attributes) {
        return new Outcome.Passed(new Translation.Mapped(pa, bits, writable, attributes));
    }

    /// How many transactions the TLB did not know.
    long walks() {
        return walks;
    }

    private Outcome walk(Route route, long address, Access access, boolean useCaches) {
        StreamConfig stream = route.stream();
        ContextConfig cd = route.cd();
        int need = route.need(access);
        long va = cd == null ? address : Walker.canonical(stream.world(), cd, address);
        if (useCaches) {
            int slot = slot(route, va);
            if (slot >= 0) {
                if (looksForStale) {
                    lookForStale(route, slot, va, need);
                }
                long first = tlb.first(slot);
                if (((int) first & (int) (first >>> 6) & need) != 0) {
                    return fromTlb(route, slot, va, access);
                }
                if (adversarial && (tlb.second(slot) & CLEAN) == 0) {
                    return new Outcome.Failed(refusal(slot, va, need), route, stream);
                }
            }
        }
        walks++;
        if (!walker.walk(stream, cd, va, need)) {
            return new Outcome.Failed(walker.fault(), route, stream);
        }
        int perms = walker.perms1 & walker.perms2;
        int attributes = attributes(stream, cd).pack();
        if (useCaches) {
            insert(route, va, attributes);
        }
        boolean writable = (perms & Permissions.need(true, route.isPrivileged(access), false)) != 0;
        return passed(
                walker.pa, Math.min(walker.blockBits, 52), writable, known.unpack(attributes));
    }

    private Outcome fromTlb(Route route, int slot, long va, Access access) {
        long first = tlb.first(slot);
        int bits = tlb.blockBits(slot);
        int perms = (int) first & (int) (first >>> 6);
        boolean writable = (perms & Permissions.need(true, route.isPrivileged(access), false)) != 0;
        return passed(
                (first & PA) | (va & Bits.lowMask(bits)),
                bits,
                writable,
                known.unpack((int) (tlb.second(slot) >>> 52)));
    }

    /// Whether memory still says what the caches say: if not, software forgot an invalidation.
    private void lookForStale(Route route, int slot, long va, int need) {
        walker.begin(Probe.NONE, false);
        Configuration.Result now =
                configuration.find(route.streamId(), route.substreamId(), false, Probe.NONE);
        Route fresh = now.route();
        if (!route.stream().equals(now.stream())) {
            findings.add(
                    "STALE_STE",
                    "3.21.3",
                    "the STE of StreamID "
                            + Hex.of(route.streamId())
                            + " was used after it changed");
        } else if (fresh == null || !Objects.equals(route.cd(), fresh.cd())) {
            findings.add(
                    "STALE_CD",
                    "3.21.3",
                    "a CD of StreamID " + Hex.of(route.streamId()) + " was used after it changed");
        }
        long cached = (tlb.first(slot) & PA) | (va & Bits.lowMask(tlb.blockBits(slot)));
        walker.begin(Probe.NONE, false);
        boolean passes = walker.walk(route.stream(), route.cd(), va, need);
        boolean passed = ((int) tlb.first(slot) & (int) (tlb.first(slot) >>> 6) & need) != 0;
        if (passes != passed || (passes && walker.pa != cached)) {
            findings.add(
                    "STALE_TRANSLATION",
                    "3.21.1",
                    "a cached translation of " + Hex.of(va) + " was used after its tables changed");
        }
    }

    /// A permission fault that a cached entry gives.
    private Fault refusal(int slot, long va, int need) {
        String rule =
                "A cached translation does not allow the access: F_PERMISSION (IHI 0070 7.3.16)";
        if (((int) tlb.first(slot) & need) == 0) {
            return Fault.stage1(EventType.F_PERMISSION, rule);
        }
        long ipa = (tlb.second(slot) & PA) | (va & Bits.lowMask(tlb.blockBits(slot)));
        boolean read = (need & Permissions.ANY_WRITE) == 0;
        return new Fault(EventType.F_PERMISSION, true, Cause.IN, ipa, read, false, rule);
    }

    /// What the STE makes of the attributes that come in. That it does so for PCIe too is
    /// IMPLEMENTATION DEFINED (13.1.4).
    private Attributes input(StreamConfig stream) {
        if (!overrides) {
            return Attributes.INCOMING;
        }
        long w1 = stream.ste().w1();
        return Attributes.overridden(
                Ste.MTCFG.isSet(w1),
                Ste.MEMATTR.getInt(w1),
                Ste.ALLOCCFG.getInt(w1),
                Ste.SHCFG.getInt(w1));
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

    private Attributes attributes(StreamConfig stream, @Nullable ContextConfig cd) {
        Attributes first =
                cd == null
                        ? input(stream)
                        : Attributes.stage1(cd.cd().mair(), new Descriptor(walker.leaf1));
        return stream.stage2()
                ? first.combine(new Descriptor(walker.leaf2), stream.forceWriteBack())
                : first;
    }

    private void insert(Route route, long va, int attributes) {
        StreamConfig stream = route.stream();
        ContextConfig cd = route.cd();
        boolean global = cd != null && !Descriptor.NG.isSet(walker.leaf1);
        TableConfig table = cd == null ? stream.table() : Walker.half(stream.world(), cd, va);
        int size = Math.min(walker.blockBits, 48);
        long first = Bits.alignDown(walker.pa, size) | walker.perms1 | (long) walker.perms2 << 6;
        long second =
                (Bits.alignDown(walker.ipa, size) & PA)
                        | ((cd == null ? walker.level2 : walker.level1) & LEVEL)
                        | (long) tg(table.granuleBits()) << 2
                        | (walker.clean ? CLEAN : 0)
                        | (long) attributes << 52;
        int whole = cd == null ? size : Math.min(walker.blockBits1, 63);
        tlb.insert(global ? route.shared() : route.own(), va, size, whole, first, second);
    }

    /// TG as CMD_TLBI has it: 1 for 4 KiB, 2 for 16 KiB, 3 for 64 KiB.
    static int tg(int granuleBits) {
        return (granuleBits - 10) / 2;
    }

    /// TG of an entry, from its second word.
    static int tgOf(long second) {
        return (int) (second >>> 2) & 3;
    }

    /// Level of an entry, from its second word.
    static int levelOf(long second) {
        return (int) (second & LEVEL);
    }
}
