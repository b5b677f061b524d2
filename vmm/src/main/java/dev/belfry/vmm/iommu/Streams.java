package dev.belfry.vmm.iommu;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The devices that are bound to one accelerated SMMU, the newest first.
final class Streams {

    private final List<Stream> streams = new ArrayList<>();

    void add(Stream stream) {
        streams.addFirst(stream);
    }

    void remove(Stream stream) {
        streams.remove(stream);
    }

    boolean isEmpty() {
        return streams.isEmpty();
    }

    List<Stream> all() {
        return List.copyOf(streams);
    }

    @Nullable Stream of(PciDevice device) {
        for (Stream s : streams) {
            if (s.device().equals(device)) {
                return s;
            }
        }
        return null;
    }

    /// The bound device with this StreamID now; bus numbers are the guest's to change.
    @Nullable Stream of(int streamId) {
        for (Stream s : streams) {
            if (s.device().requesterId() == streamId) {
                return s;
            }
        }
        return null;
    }
}
