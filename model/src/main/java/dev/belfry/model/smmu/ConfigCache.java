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
final class ConfigCache {

    private static final int ROUTES = 256;

    /// Level 1 descriptors; only the adversarial cache remembers those that point to nothing.
    static final class Level1 implements StreamTable.Level1Cache {
        private final Map<Integer, Long> words = new HashMap<>();
        private final int limit;
        private final boolean unusable;

        Level1(int limit, boolean unusable) {
            this.limit = limit;
            this.unusable = unusable;
        }

        @Override
        public @Nullable Long level1(int index) {
            return words.get(index);
        }

        @Override
        public void putLevel1(int index, long word, boolean usable) {
            if (limit > 0 && (usable || unusable)) {
                makeRoom(words, limit);
                words.put(index, word);
            }
        }
    }

    private static void makeRoom(Map<Integer, ?> map, int limit) {
        if (map.size() >= limit) {
            map.clear();
        }
    }

    /// What is cached below one STE.
    static final class Stream {
        final StreamConfig config;
        final Level1 level1;
        private final int limit;
        private final Map<Integer, ContextConfig> contexts = new HashMap<>();

        /// @param limit how much to keep of a kind; 0 for nothing
        Stream(StreamConfig config, int limit, boolean unusable) {
            this.config = config;
            this.limit = limit;
            this.level1 = new Level1(limit, unusable);
        }

        @Nullable ContextConfig context(int index) {
            return contexts.get(index);
        }

        void put(int index, ContextConfig cd) {
            if (limit > 0) {
                makeRoom(contexts, limit);
                contexts.put(index, cd);
            }
        }
    }

    private final boolean adversarial;
    private final int limit;
    private final Map<Integer, Stream> streams = new HashMap<>();
    private final Level1 level1;
    private final @Nullable Route[] routes = new Route[ROUTES];
    // A full Command queue asks tens of thousands of times.
    private boolean anyRoutes;

    ConfigCache(CacheMode mode) {
        adversarial = mode instanceof CacheMode.Adversarial;
        limit =
                switch (mode) {
                    case CacheMode.None() -> 0;
                    case CacheMode.Sized(int entries) -> Math.max(1, entries);
                    case CacheMode.Infinite(), CacheMode.Adversarial() -> 1 << 20;
                };
        level1 = new Level1(limit, adversarial);
    }

    private static int slot(int sid, int ssid) {
        return (sid ^ sid >>> 8 ^ ssid * 31) & ROUTES - 1;
    }

    @Nullable Route route(int sid, int ssid) {
        Route r = routes[slot(sid, ssid)];
        return r != null && r.streamId() == sid && r.substreamId() == ssid ? r : null;
    }

    void put(Route r) {
        if (limit > 0) {
            routes[slot(r.streamId(), r.substreamId())] = r;
            anyRoutes = true;
        }
    }

    @Nullable Stream stream(int sid) {
        return streams.get(sid);
    }

    Stream put(int sid, StreamConfig config) {
        Stream s = new Stream(config, limit, adversarial);
        if (limit > 0) {
            if (streams.size() >= limit) {
                clear();
            }
            streams.put(sid, s);
        }
        return s;
    }

    /// For L1STDs.
    StreamTable.Level1Cache level1() {
        return level1;
    }

    /// Drops everything.
    void clear() {
        streams.clear();
        level1.words.clear();
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
            level1.words.remove(c.streamId() >>> split);
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
        level1.words.keySet().removeIf(i -> i >= first && i <= last);
    }

    /// CMD_CFGI_CD.
    void invalidate(Command.CfgiCd c) {
        dropRoutes();
        Stream s = streams.get(c.streamId());
        if (s == null) {
            return;
        }
        s.contexts.remove(c.substreamId());
        if (!adversarial) {
            s.level1.words.clear();
        } else if (!c.leaf()) {
            s.level1.words.remove(c.substreamId() >>> ContextTable.split(s.config));
        }
    }

    /// CMD_CFGI_CD_ALL.
    void invalidate(Command.CfgiCdAll c) {
        dropRoutes();
        Stream s = streams.get(c.streamId());
        if (s != null) {
            s.contexts.clear();
            s.level1.words.clear();
        }
    }
}
