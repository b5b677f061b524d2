package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.smmu.spec.Command;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The configuration caches: L1STDs, STEs, L1CDs and CDs (IHI 0070 3.21.3, 4.3).
///
/// [Route]s, ready to use, are kept beside them in a small direct-mapped table; each invalidation
/// empties it.
final class ConfigCache implements StreamTable.Level1Cache {

    private static final int ROUTES = 256;

    /// What is cached below one STE.
    static final class Stream implements StreamTable.Level1Cache {
        final StreamConfig config;
        private final boolean keep;
        private final Map<Integer, ContextConfig> contexts = new HashMap<>();
        private final Map<Integer, Long> level1 = new HashMap<>();

        Stream(StreamConfig config, boolean keep) {
            this.config = config;
            this.keep = keep;
        }

        @Nullable ContextConfig context(int index) {
            return contexts.get(index);
        }

        void put(int index, ContextConfig cd) {
            if (keep) {
                contexts.put(index, cd);
            }
        }

        @Override
        public long level1(int index) {
            return level1.getOrDefault(index, 0L);
        }

        @Override
        public void putLevel1(int index, long word) {
            if (keep) {
                level1.put(index, word);
            }
        }
    }

    private final boolean enabled;
    private final boolean adversarial;
    private final int limit;
    private final Map<Integer, Stream> streams = new HashMap<>();
    private final Map<Integer, Long> level1 = new HashMap<>();
    private final @Nullable Route[] routes = new Route[ROUTES];
    // A full Command queue asks tens of thousands of times.
    private boolean anyRoutes;

    ConfigCache(CacheMode mode) {
        enabled = !(mode instanceof CacheMode.None);
        adversarial = mode instanceof CacheMode.Adversarial;
        limit = mode instanceof CacheMode.Sized(int entries) ? Math.max(1, entries) : 1 << 20;
    }

    private static int slot(int sid, int ssid) {
        return (sid ^ sid >>> 8 ^ ssid * 31) & ROUTES - 1;
    }

    @Nullable Route route(int sid, int ssid) {
        Route r = routes[slot(sid, ssid)];
        return r != null && r.streamId() == sid && r.substreamId() == ssid ? r : null;
    }

    void put(Route r) {
        if (enabled) {
            routes[slot(r.streamId(), r.substreamId())] = r;
            anyRoutes = true;
        }
    }

    @Nullable Stream stream(int sid) {
        return streams.get(sid);
    }

    Stream put(int sid, StreamConfig config) {
        Stream s = new Stream(config, enabled);
        if (enabled) {
            if (streams.size() >= limit) {
                clear();
            }
            streams.put(sid, s);
        }
        return s;
    }

    @Override
    public long level1(int index) {
        return level1.getOrDefault(index, 0L);
    }

    @Override
    public void putLevel1(int index, long word) {
        if (enabled) {
            level1.put(index, word);
        }
    }

    /// Drops everything.
    void clear() {
        streams.clear();
        level1.clear();
        dropRoutes();
    }

    /// Drops the ready routes: their TLB tags are no longer good.
    void dropRoutes() {
        if (anyRoutes) {
            Arrays.fill(routes, null);
            anyRoutes = false;
        }
    }

    /// CMD_CFGI_STE.
    ///
    /// @param split StreamID bits of the second level
    void invalidate(Command.CfgiSte c, int split) {
        dropRoutes();
        streams.remove(c.streamId());
        if (!c.leaf() || !adversarial) {
            level1.remove(c.streamId() >>> split);
        }
    }

    /// CMD_CFGI_STE_RANGE and CMD_CFGI_ALL.
    void invalidate(Command.CfgiSteRange c, int split) {
        if (c.all()) {
            clear();
            return;
        }
        dropRoutes();
        streams.keySet().removeIf(c::contains);
        long first = (c.first() & 0xffff_ffffL) >>> split;
        long last = ((c.first() & 0xffff_ffffL) | Bits.lowMask(c.range() + 1)) >>> split;
        level1.keySet().removeIf(i -> i >= first && i <= last);
    }

    /// CMD_CFGI_CD.
    void invalidate(Command.CfgiCd c) {
        dropRoutes();
        Stream s = streams.get(c.streamId());
        if (s == null) {
            return;
        }
        s.contexts.remove(c.substreamId());
        if (!c.leaf() || !adversarial) {
            s.level1.clear();
        }
    }

    /// CMD_CFGI_CD_ALL.
    void invalidate(Command.CfgiCdAll c) {
        dropRoutes();
        Stream s = streams.get(c.streamId());
        if (s != null) {
            s.contexts.clear();
            s.level1.clear();
        }
    }
}
