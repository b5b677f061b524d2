package dev.belfry.vmm.iommu;

import java.util.OptionalLong;
import java.util.function.LongFunction;

/// What a device's addresses mean to the VMM. Identity matters: the MSI route fixup asks whether a
/// device's address space *is* the system's, and an alias of the whole of it is not.
public sealed interface AddressSpace {

    /// As `belfry run` names it.
    String name();

    /// Where a write at `address` would go in system memory; empty when no region answers or the
    /// vIOMMU faults.
    OptionalLong translate(long address);

    /// The system's own address space: no vIOMMU.
    record SystemMemory() implements AddressSpace {
        @Override
        public String name() {
            return "system memory";
        }

        @Override
        public OptionalLong translate(long address) {
            return OptionalLong.of(address);
        }
    }

    /// A root container with an alias of system memory at 0, one a VM, made by the first
    /// accelerated SMMU: VFIO sees plain RAM and builds stage 2 from it, all vSMMUs share one IOAS,
    /// and it is not [SystemMemory].
    record SharedAsSystemMemory() implements AddressSpace {
        @Override
        public String name() {
            return "shared alias of system memory";
        }

        @Override
        public OptionalLong translate(long address) {
            return OptionalLong.of(address);
        }
    }

    /// Translated in software by a vIOMMU.
    ///
    /// @param iommu the vIOMMU's name
    /// @param walk address to guest-physical address
    record Translated(String iommu, LongFunction<OptionalLong> walk) implements AddressSpace {
        @Override
        public String name() {
            return "translated by " + iommu;
        }

        @Override
        public OptionalLong translate(long address) {
            return walk.apply(address);
        }
    }
}
