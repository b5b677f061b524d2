package dev.belfry.lab.compare;

import dev.belfry.model.journey.Hop;
import java.util.List;
import java.util.Locale;

/// What invalidations cost while one device works, in one arrangement of devices and SMMUs.
///
/// @param arrangement where the devices are
/// @param worker which of them works
/// @param copies pages copied each way; each is mapped, used and unmapped
/// @param commands that the VMM took from the guest's command queues
/// @param ioctls `IOMMU_HWPT_INVALIDATE` calls
/// @param hostCommands that the physical SMMU carried out
/// @param vmmWalks page table walks of the VMM
/// @param hostWalks page table walks of the physical SMMU
/// @param staleHits addresses that the guest has unmapped and the VMM's cache still translates
/// @param detail one sentence
/// @param hops the way of the worker's last transfer
public record EndpointCell(
        Arrangement arrangement,
        Worker worker,
        int copies,
        long commands,
        long ioctls,
        long hostCommands,
        long vmmWalks,
        long hostWalks,
        long staleHits,
        String detail,
        List<Hop> hops) {

    public EndpointCell {
        hops = List.copyOf(hops);
    }

    /// Where emulated devices are.
    public enum Arrangement {
        APART("the emulated device has an emulated SMMU of its own"),
        TOGETHER("both are behind the accelerated SMMU, and the VMM keeps its own caches in step"),
        UNSEEN(
                "both are behind the accelerated SMMU, and invalidations pass by the VMM's caches, as"
                        + " from a queue that the guest writes itself");

        private final String text;

        Arrangement(String text) {
            this.text = text;
        }

        /// As the command line has it.
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// What is the case, in words.
        public String text() {
            return text;
        }
    }

    /// Which device works.
    public enum Worker {
        EMULATED,
        PASSED_THROUGH;

        /// As the command line has it: `passed-through`.
        public String key() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /// `together/emulated`.
    public String name() {
        return arrangement.key() + "/" + worker.key();
    }
}
