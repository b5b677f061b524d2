package dev.belfry.model.gic;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.MsiTyper;
import dev.belfry.model.gic.spec.V2m;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;

/// A GICv2m frame (Arm SBSA): 4 KiB; a write of an SPI's INTID to MSI_SETSPI_NS raises it. It
/// cannot tell devices apart.
public final class GicV2m extends WordFrame {

    /// What a frame is made of.
    ///
    /// @param name for reports
    /// @param base physical address of the frame, for reports
    /// @param typer which SPIs it may raise
    /// @param iidr MSI_IIDR
    /// @param gic whose SPIs they are
    /// @param probe who watches
    public record Setup(
            String name,
            long base,
            MsiTyper typer,
            int iidr,
            InterruptController gic,
            Probe probe) {}

    /// MSI_IIDR of QEMU's frame.
    public static final int QEMU_IIDR = 0x51 << 20;

    private static final int SPI_BITS = 0x3ff;

    private final Setup setup;

    public GicV2m(Setup setup) {
        this.setup = setup;
    }

    /// Raises the SPI that a message names: what a write to MSI_SETSPI_NS does.
    ///
    /// @param data what was written; its low 10 bits count
    public MsiResult raise(int data) {
        MsiResult result = inspect(data, setup.probe());
        if (result instanceof MsiResult.Delivered delivered) {
            setup.gic().pulse(delivered.intid());
        }
        return result;
    }

    /// What would become of a message; nothing changes. Which CPU an SPI goes to is the
    /// Distributor's business; the result says 0.
    ///
    /// @param probe is told the hops DOORBELL and SPI
    public MsiResult inspect(int data, Probe probe) {
        int intid = data & SPI_BITS;
        MsiTyper typer = setup.typer();
        boolean covers = typer.covers(intid);
        String range =
                typer.baseSpi()
                        + ".."
                        + (typer.baseSpi() + typer.numSpis() - 1)
                        + " (GICv2m, MSI_TYPER).";
        String rule =
                covers
                        ? "INTID " + intid + " is one of the frame's SPIs " + range
                        : "INTID " + intid + " is not one of the frame's SPIs " + range;
        if (probe.on()) {
            probe.observe(
                    Observation.of(HopKind.DOORBELL)
                            .address(setup.base() + V2m.MSI_SETSPI_NS.offset())
                            .field("frame", setup.name())
                            .hex("data", data & 0xffff_ffffL)
                            .ok("The address is MSI_SETSPI_NS of " + setup.name() + "."));
            Observation.Builder spi =
                    Observation.of(HopKind.SPI)
                            .field("INTID", intid)
                            .field("MSI_TYPER", Hex.of(typer.value()));
            probe.observe(covers ? spi.ok(rule) : spi.broken(rule));
        }
        return covers
                ? new MsiResult.Delivered(intid, 0)
                : new MsiResult.Dropped(HopKind.SPI, rule);
    }

    @Override
    public long size() {
        return V2m.SIZE;
    }

    @Override
    int read32(long offset) {
        return switch (V2m.of(offset)) {
            case MSI_TYPER -> setup.typer().value();
            case MSI_IIDR -> setup.iidr();
            case MSI_SETSPI_NS, RESERVED -> 0;
        };
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        if (offset == V2m.MSI_SETSPI_NS.offset() && width == 2) {
            raise((int) value & 0xffff);
        } else {
            super.write(offset, width, value, requester);
        }
    }

    @Override
    void write32(long offset, int value, int requester) {
        switch (V2m.of(offset)) {
            case MSI_SETSPI_NS -> raise(value);
            case MSI_TYPER, MSI_IIDR, RESERVED -> {}
        }
    }
}
