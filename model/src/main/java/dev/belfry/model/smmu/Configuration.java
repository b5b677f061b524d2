package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.StreamConfig.Kind;
import dev.belfry.model.smmu.StreamConfig.World;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr2;
import org.jspecify.annotations.Nullable;

/// From StreamID and SubstreamID to a [Route]: the configuration lookup of IHI 0070 3.3.3, with or
/// without caches.
final class Configuration {

    private static final int NO_CD = -1;

    private final SmmuIdentity id;
    private final RegisterFile registers;
    private final StreamTable table;
    private final ContextTable contexts;
    private final ConfigCache cache;
    private final Tlb tlb;
    private final boolean keepIllegal;

    Configuration(
            SmmuIdentity id,
            RegisterFile registers,
            PhysicalMemory memory,
            Walker walker,
            ConfigCache cache,
            Tlb tlb,
            boolean keepIllegal) {
        this.id = id;
        this.registers = registers;
        this.table = new StreamTable(id, registers, memory);
        this.contexts = new ContextTable(id, memory, walker);
        this.cache = cache;
        this.tlb = tlb;
        this.keepIllegal = keepIllegal;
    }

    /// A route, or what stopped the transaction.
    ///
    /// @param stream the STE's meaning, as far as it was found
    record Result(@Nullable Route route, @Nullable StreamConfig stream, @Nullable Fault fault) {}

    StreamTable table() {
        return table;
    }

    /// The STE's meaning, read afresh; null when there is none.
    @Nullable StreamConfig stream(int sid) {
        return table.read(sid, StreamTable.Level1Cache.NONE, Probe.NONE)
                        instanceof StreamTable.Result.Found found
                ? decode(found)
                : null;
    }

    /// The STE's meaning as the caches have it, read when they have none; null when there is none.
    @Nullable StreamConfig cachedStream(int sid) {
        ConfigCache.Stream known = cache.stream(sid);
        return known == null ? stream(sid) : known.config;
    }

    private StreamConfig decode(StreamTable.Result.Found found) {
        return SteDecoder.decode(found.ste(), id, Cr2.E2H.isSet(registers.get(SmmuRegister.CR2)));
    }

    /// Looks the configuration up.
    ///
    /// @param cached whether caches are used and filled
    Result find(int sid, int ssid, boolean cached, Probe probe) {
        ConfigCache.Stream entry = cached ? cache.stream(sid) : null;
        if (entry == null) {
            StreamTable.Level1Cache l1 = cached ? cache.level1() : StreamTable.Level1Cache.NONE;
            StreamConfig config;
            switch (table.read(sid, l1, probe)) {
                case StreamTable.Result.Missing(Fault fault) -> {
                    return new Result(null, null, fault);
                }
                case StreamTable.Result.Found found -> {
                    config = decode(found);
                    observe(found, config, probe);
                }
            }
            boolean keep = cached && (keepIllegal || config.kind() != Kind.ILLEGAL);
            entry = keep ? cache.put(sid, config) : new ConfigCache.Stream(config, 0, false);
        }
        StreamConfig config = entry.config;
        return switch (config.kind()) {
            case ILLEGAL ->
                    stop(config, Fault.configuration(EventType.C_BAD_STE, 0, config.rule()));
            case ABORT -> new Result(null, config, null);
            case BYPASS, TRANSLATE -> substream(entry, sid, ssid, cached, probe);
        };
    }

    private Result substream(
            ConfigCache.Stream entry, int sid, int ssid, boolean cached, Probe probe) {
        StreamConfig config = entry.config;
        int index = NO_CD;
        if (ssid >= 0) {
            String bad =
                    !config.stage1()
                            ? "A SubstreamID, but stage 1 is disabled: C_BAD_SUBSTREAMID (IHI 0070"
                                    + " 7.3.9)"
                            : config.cdMax() == 0
                                    ? "A SubstreamID, but substreams are disabled: C_BAD_SUBSTREAMID"
                                            + " (IHI 0070 7.3.9)"
                                    : Bits.fits(ssid, config.cdMax())
                                            ? ""
                                            : "SubstreamID >= 2^S1CDMax: C_BAD_SUBSTREAMID (IHI 0070"
                                                    + " 7.3.9)";
            if (!bad.isEmpty()) {
                return stop(
                        config, Fault.configuration(EventType.C_BAD_SUBSTREAMID, ssid, bad), probe);
            }
            if (ssid == 0 && config.dss() == 2) {
                return stop(config, disabled("SubstreamID 0 under STE.S1DSS = 0b10"), probe);
            }
            index = ssid;
        } else if (config.stage1() && config.cdMax() == 0) {
            index = 0;
        } else if (config.stage1() && config.dss() == 0) {
            return stop(config, disabled("No SubstreamID under STE.S1DSS = 0b00"), probe);
        } else if (config.stage1() && config.dss() == 2) {
            index = 0;
        }
        if (index == NO_CD) {
            if (probe.on() && config.stage1()) {
                probe.observe(
                        Observation.of(HopKind.CD)
                                .skipped(
                                        "No SubstreamID under STE.S1DSS = 0b01: stage 1 is bypassed"
                                                + " (IHI 0070 5.2)"));
            }
            return route(sid, ssid, config, null, cached);
        }
        return context(entry, sid, ssid, index, cached, probe);
    }

    private Result context(
            ConfigCache.Stream entry, int sid, int ssid, int index, boolean cached, Probe probe) {
        ContextConfig cd = cached ? entry.context(index) : null;
        if (cd == null) {
            switch (contexts.read(entry.config, index, entry.level1, probe)) {
                case ContextTable.Result.Missing(Fault fault) -> {
                    return stop(entry.config, fault);
                }
                case ContextTable.Result.Found found -> {
                    cd = CdDecoder.decode(found.cd(), entry.config, id);
                    if (probe.on()) {
                        Observation.Builder hop =
                                Observation.of(HopKind.CD)
                                        .read(found.address(), Bytes.ofWords(found.cd().words()))
                                        .fields(found.cd().fields());
                        probe.observe(cd.legal() ? hop.ok(cd.rule()) : hop.broken(cd.rule()));
                    }
                }
            }
            if (cached && (keepIllegal || cd.legal())) {
                cache.put(entry, index, cd);
            }
        }
        return cd.legal()
                ? route(sid, ssid, entry.config, cd, cached)
                : stop(entry.config, Fault.configuration(EventType.C_BAD_CD, 0, cd.rule()));
    }

    private Result route(
            int sid, int ssid, StreamConfig config, @Nullable ContextConfig cd, boolean cached) {
        if (!cached) {
            return new Result(
                    Route.of(sid, ssid, config, cd, tlb.none(), tlb.none(), id), config, null);
        }
        if (tlb.makeRoomForContexts()) {
            cache.dropRoutes();
        }
        int number = worldNumber(config.world());
        Tlb.Context shared = tlb.context(number, config.vmid(), sharedTag(cd));
        Tlb.Context own =
                cd != null && cd.asid() >= 0
                        ? tlb.context(number, config.vmid(), cd.asid())
                        : shared;
        Route route = Route.of(sid, ssid, config, cd, own, shared, id);
        cache.put(route);
        return new Result(route, config, null);
    }

    /// The tag of entries that no ASID tags. Where there are ASIDs, global entries stay within
    /// their ASID set (3.17.1).
    private static int sharedTag(@Nullable ContextConfig cd) {
        if (cd == null) {
            return Tlb.STAGE2;
        }
        return cd.asid() >= 0 && Cd.ASET.isSet(cd.cd().w0()) ? Tlb.GLOBAL_UNSHARED : Tlb.GLOBAL;
    }

    /// How the TLB names a translation regime.
    static int worldNumber(World world) {
        return switch (world) {
            case EL1 -> 0;
            case EL2 -> 1;
            case EL2_E2H -> 2;
        };
    }

    private static Fault disabled(String why) {
        return Fault.configuration(
                EventType.F_STREAM_DISABLED, 0, why + ": F_STREAM_DISABLED (IHI 0070 7.3.7)");
    }

    private static Result stop(StreamConfig config, Fault fault) {
        return new Result(null, config, fault);
    }

    private static Result stop(StreamConfig config, Fault fault, Probe probe) {
        if (probe.on()) {
            probe.observe(Observation.of(HopKind.CD_TABLE).broken(fault.rule()));
        }
        return stop(config, fault);
    }

    private static void observe(StreamTable.Result.Found found, StreamConfig config, Probe probe) {
        if (!probe.on()) {
            return;
        }
        Observation.Builder hop =
                Observation.of(HopKind.STE)
                        .read(found.address(), Bytes.ofWords(found.ste().words()))
                        .fields(found.ste().fields());
        boolean stops = config.kind() == Kind.ILLEGAL || config.kind() == Kind.ABORT;
        probe.observe(stops ? hop.broken(config.rule()) : hop.ok(config.rule()));
    }
}
