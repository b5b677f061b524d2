package dev.belfry.model.gic;

import org.jspecify.annotations.Nullable;

/// Translations that were used: direct-mapped by DeviceID and EventID, forgotten all at once when a
/// command may have changed one.
final class TranslationCache {

    private static final int BITS = 14;

    private final @Nullable Route[] routes = new Route[1 << BITS];
    private int generation;

    /// A translation, and the words in memory that it was made of.
    static final class Route {
        final int deviceId;
        final int eventId;
        final int generation;
        final Redistributor target;
        final MsiResult.Delivered delivered;
        final long[] addresses;
        final long[] words;

        Route(
                int deviceId,
                int eventId,
                int generation,
                Redistributor target,
                MsiResult.Delivered delivered,
                long[] addresses,
                long[] words) {
            this.deviceId = deviceId;
            this.eventId = eventId;
            this.generation = generation;
            this.target = target;
            this.delivered = delivered;
            this.addresses = addresses;
            this.words = words;
        }

        /// Whether memory still holds what the translation was made of.
        boolean isCurrent(ItsTables tables) {
            for (int i = 0; i < addresses.length; i++) {
                if (tables.word(addresses[i]) != words[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    private static int slot(int deviceId, int eventId) {
        return (deviceId * 0x9e3779b1 + eventId * 0x85ebca6b) >>> (32 - BITS);
    }

    @Nullable Route find(int deviceId, int eventId) {
        Route r = routes[slot(deviceId, eventId)];
        return r != null
                        && r.deviceId == deviceId
                        && r.eventId == eventId
                        && r.generation == generation
                ? r
                : null;
    }

    void put(
            int deviceId,
            int eventId,
            Redistributor target,
            MsiResult.Delivered delivered,
            long[] addresses,
            long[] words) {
        routes[slot(deviceId, eventId)] =
                new Route(deviceId, eventId, generation, target, delivered, addresses, words);
    }

    void invalidate() {
        generation++;
    }
}
