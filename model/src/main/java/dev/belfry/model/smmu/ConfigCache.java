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

    /// However large the cache may be, so many CDs are kept and no more: a device can have 2^20
    /// PASIDs.
    private static final int CONTEXTS = 1 << 17;

    /// Where there are more, a range of StreamIDs drops all: a guest may have half a million such
    /// commands carried out at once.
    private static final int LOOKS = 1 << 12;

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

        /// Whether the cache has it still.
        private boolean kept;

        /// @param limit how much to keep of a kind; 0 for nothing
        Stream(StreamConfig config, int limit, boolean unusable) {
            this.config = config;
            this.limit = limit;
            this.level1 = new Level1(limit, unusable);
        }

        @Nullable ContextConfig context(int index) {
            return contexts.get(index);
        }
    }

    private final boolean adversarial;
    private final int limit;
    private final Map<Integer, Stream> streams = new HashMap<>();
    private final Level1 level1;

    /// How many CDs there are below all streams.
    private int contexts;

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
            s.kept = true;
        }
        return s;
    }

    /// Keeps a CD below a stream that [#put(int, StreamConfig)] gave, while there is room.
    void put(Stream s, int index, ContextConfig cd) {
        if (!s.kept) {
            return;
        }
        if (contexts >= CONTEXTS) {
            clear();
            return;
        }
        if (s.contexts.size() >= s.limit) {
            dropContexts(s);
        }
        contexts += s.contexts.put(index, cd) == null ? 1 : 0;
    }

    private void dropContexts(Stream s) {
        contexts -= s.contexts.size();
        s.contexts.clear();
    }

    private void forget(@Nullable Stream s) {
        if (s != null) {
            dropContexts(s);
            s.kept = false;
        }
    }

    /// How many CDs are kept.
    int contexts() {
        return contexts;
    }

    /// For L1STDs.
    StreamTable.Level1Cache level1() {
        return level1;
    }

    /// Drops everything.
    void clear() {
        streams.values().forEach(this::forget);
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
        forget(streams.remove(c.streamId()));
        if (!c.leaf() || !adversarial) {
            level1.words.remove(c.streamId() >>> split);
        }
    }

    /// CMD_CFGI_STE_RANGE and CMD_CFGI_ALL.
    void invalidate(Command.CfgiSteRange c, int split) {
        if (c.all() || (!adversarial && streams.size() + level1.words.size() > LOOKS)) {
            clear();
            return;
        }
        dropRoutes();
        streams.entrySet()
                .removeIf(e -> {
                    boolean goes = c.contains(e.getKey());
                    if (goes) {
                        dropContexts(e.getValue());
                    }
                    return goes;
                });
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
        contexts -= s.contexts.remove(c.substreamId()) == null ? 0 : 1;
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
            dropContexts(s);
            s.level1.words.clear();
        }
    }
}
