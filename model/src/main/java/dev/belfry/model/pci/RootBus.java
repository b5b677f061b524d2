package dev.belfry.model.pci;

import org.jspecify.annotations.Nullable;

/// A root bus: the root complex's side of a hierarchy. Its number is the platform's; all DMA of the
/// hierarchy leaves through its port.
public final class RootBus extends PciBus {

    private static final DmaPort ABORTS =
            new DmaPort() {
                @Override
                public boolean read(int requester, long address, byte[] into) {
                    return false;
                }

                @Override
                public boolean write(int requester, long address, byte[] from) {
                    return false;
                }
            };

    private final PciSegment segment;
    private final int number;
    private DmaPort dma = ABORTS;

    RootBus(PciSegment segment, String name, int number) {
        super(name);
        this.segment = segment;
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public RootBus root() {
        return this;
    }

    @Override
    boolean hasPower() {
        return true;
    }

    @Override
    @Nullable Bridge parent() {
        return null;
    }

    @Override
    public PciSegment segment() {
        return segment;
    }

    /// Where DMA goes: to the IOMMU, or straight to memory. Until set, everything is aborted.
    public void setDma(DmaPort port) {
        dma = port;
    }

    /// Where DMA goes.
    public DmaPort dma() {
        return dma;
    }
}
