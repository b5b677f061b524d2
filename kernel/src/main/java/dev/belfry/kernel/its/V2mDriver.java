package dev.belfry.kernel.its;

import dev.belfry.kernel.Machine;
import dev.belfry.model.gic.spec.MsiTyper;
import dev.belfry.model.gic.spec.V2m;
import java.util.Optional;
import java.util.OptionalInt;

/// A GICv2m frame: a write of an SPI's number to MSI_SETSPI_NS raises it.
public final class V2mDriver implements MsiDomain {

    private final SpiController gic;
    private final long base;
    private final int first;
    private final int count;
    private final IntIdAllocator spis;

    /// @param spiBase first INTID when firmware says so, else 0: MSI_TYPER says it
    /// @param spiCount how many when firmware says so, else 0
    public V2mDriver(Machine machine, SpiController gic, long base, int spiBase, int spiCount) {
        Frame frame = new Frame(machine, base);
        this.gic = gic;
        this.base = base;
        if (spiBase != 0 && spiCount != 0) {
            this.first = spiBase;
            this.count = spiCount;
        } else {
            MsiTyper typer = new MsiTyper((int) frame.read(V2m.MSI_TYPER));
            this.first = typer.baseSpi();
            this.count = typer.numSpis();
        }
        frame.read(V2m.MSI_IIDR);
        this.spis = new IntIdAllocator(0, count);
    }

    /// First INTID of the frame.
    public int firstSpi() {
        return first;
    }

    /// How many SPIs the frame can raise.
    public int spiCount() {
        return count;
    }

    @Override
    public long doorbell() {
        return base + V2m.MSI_SETSPI_NS.offset();
    }

    @Override
    public Optional<Vectors> allocate(long deviceId, int wanted) {
        int block = Integer.highestOneBit(Math.max(1, 2 * wanted - 1));
        OptionalInt at = spis.allocate(block, block);
        if (at.isEmpty()) {
            return Optional.empty();
        }
        int intId = first + at.getAsInt();
        return Optional.of(new Vectors(deviceId, intId, intId, wanted));
    }

    @Override
    public void activate(Vectors vectors, int index, int cpu) {
        int intId = vectors.intId(index);
        gic.requestSpi(intId, true, cpu);
        gic.maskSpi(intId);
    }

    @Override
    public void unmask(Vectors vectors, int index) {
        gic.unmaskSpi(vectors.intId(index));
    }

    @Override
    public void mask(Vectors vectors, int index) {
        gic.maskSpi(vectors.intId(index));
    }

    @Override
    public void setAffinity(Vectors vectors, int index, int cpu) {
        gic.routeSpi(vectors.intId(index), cpu);
    }

    @Override
    public void deactivate(Vectors vectors, int index) {
        gic.maskSpi(vectors.intId(index));
    }

    @Override
    public void release(Vectors vectors) {
        int block = Integer.highestOneBit(Math.max(1, 2 * vectors.count() - 1));
        spis.release(vectors.firstIntId() - first, block);
    }
}
