package dev.belfry.model.gic;

/// What the architecture lets a GICv3 decide for itself.
public enum GicChoice {
    /// Interrupts come out of reset in Group 1; otherwise in Group 0.
    RESETS_TO_GROUP_1,
    /// Redistributors come out of reset asleep (GICR_WAKER).
    RESETS_ASLEEP,
    /// GICD_TYPER.No1N: no SPI goes to whichever CPU is free.
    NO_1_OF_N,
    /// GICD_TYPER.A3V: Aff3 may be nonzero.
    AFF3,
    /// GICR_PROPBASER and GICR_PENDBASER ignore writes while LPIs are enabled.
    LOCKS_TABLES,
    /// All Redistributors have one GICR_PROPBASER.
    ONE_PROPBASER,
    /// GICR_CTLR.CES: EnableLPIs may be cleared again; otherwise it is RES1 once it is 1.
    DISABLES_LPIS,
    /// LPI configuration is read again whenever an LPI becomes pending, and pending bits are always
    /// in the pending table; otherwise both are cached.
    SNOOPS,
    /// GICR_CTLR.IR: GICR_INVLPIR and GICR_INVALLR read LPI configuration again.
    INVALIDATES_BY_REGISTER,
    /// GICR_TYPER.DirectLPI: LPIs become pending by GICR_SETLPIR.
    DIRECT_LPI,
    /// GICv4: GICR_TYPER.VLPIS, and 256 KiB a Redistributor instead of 128.
    VIRTUAL_LPIS
}
