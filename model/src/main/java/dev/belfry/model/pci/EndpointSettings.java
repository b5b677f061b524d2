package dev.belfry.model.pci;

import dev.belfry.model.memory.PhysicalMemory;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What may differ between two endpoints of one model.
///
/// @param onRootBus whether it goes straight onto a root bus: virtio devices are conventional PCI
///   there, and PCI Express below a port
/// @param vectors MSI-X vectors, instead of the model's own number
/// @param dmaMask address bits that DMA reaches, instead of the model's own
/// @param system physical memory, for a model that looks at it behind the IOMMU's back
public record EndpointSettings(
        boolean onRootBus, OptionalInt vectors, OptionalLong dmaMask, PhysicalMemory system) {

    /// Memory that answers nothing.
    private enum Nowhere implements PhysicalMemory {
        INSTANCE;

        @Override
        public boolean accepts(long address, long length) {
            return false;
        }

        @Override
        public long read(long address, int width) {
            return 0;
        }

        @Override
        public boolean write(long address, int width, long value, int requester) {
            return false;
        }
    }

    /// Below a port, and otherwise as the model has it.
    public static final EndpointSettings DEFAULT =
            new EndpointSettings(
                    false, OptionalInt.empty(), OptionalLong.empty(), Nowhere.INSTANCE);

    public EndpointSettings withOnRootBus(boolean value) {
        return new EndpointSettings(value, vectors, dmaMask, system);
    }

    public EndpointSettings withVectors(int value) {
        return new EndpointSettings(onRootBus, OptionalInt.of(value), dmaMask, system);
    }

    public EndpointSettings withDmaMask(OptionalLong value) {
        return new EndpointSettings(onRootBus, vectors, value, system);
    }

    public EndpointSettings withSystem(PhysicalMemory value) {
        return new EndpointSettings(onRootBus, vectors, dmaMask, value);
    }
}
