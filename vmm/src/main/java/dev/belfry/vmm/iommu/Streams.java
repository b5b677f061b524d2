package dev.belfry.vmm.iommu;

import dev.belfry.host.uapi.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// The devices bound to one accelerated SMMU, and what of the host's objects each of them holds.
final class Streams {

    /// One bound device.
    static final class Stream {
        private final PciDevice device;
        private final HostIommuDevice host;
        private OptionalInt vdevice = OptionalInt.empty();
        private OptionalInt nestedHwpt = OptionalInt.empty();
        private String policy = "none installed: stage 2 only";

        Stream(PciDevice device, HostIommuDevice host) {
            this.device = device;
            this.host = host;
        }

        PciDevice device() {
            return device;
        }

        HostIommuDevice host() {
            return host;
        }

        OptionalInt vdevice() {
            return vdevice;
        }

        void hasVdevice(int id) {
            vdevice = OptionalInt.of(id);
        }

        OptionalInt nestedHwpt() {
            return nestedHwpt;
        }

        String policy() {
            return policy;
        }

        /// Attaches to `hwpt`. On success the nested HWPT of before is freed, for it lives as long
        /// as one STE.
        ///
        /// @param nested whether `hwpt` is the device's own, else one that all devices share
        /// @return why the host refused, or empty
        Optional<String> attach(int hwpt, boolean nested, String named) {
            if (host.attach(hwpt) instanceof Result.Err<?>(var errno, var why)) {
                if (nested) {
                    host.iommufd().destroy(hwpt);
                }
                return Optional.of("attaching " + host.hostName() + ": " + errno + ", " + why);
            }
            nestedHwpt.ifPresent(old -> host.iommufd().destroy(old));
            nestedHwpt = nested ? OptionalInt.of(hwpt) : OptionalInt.empty();
            policy = named;
            return Optional.empty();
        }

        /// Gives back what it holds, in teardown order.
        void release() {
            host.attach(host.parentHwpt());
            nestedHwpt.ifPresent(id -> host.iommufd().destroy(id));
            vdevice.ifPresent(id -> host.iommufd().destroy(id));
            nestedHwpt = OptionalInt.empty();
            vdevice = OptionalInt.empty();
        }
    }

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
            if (s.device.equals(device)) {
                return s;
            }
        }
        return null;
    }

    /// The bound device with this StreamID now; bus numbers are the guest's to change.
    @Nullable Stream of(int streamId) {
        for (Stream s : streams) {
            if (s.device.requesterId() == streamId) {
                return s;
            }
        }
        return null;
    }
}
