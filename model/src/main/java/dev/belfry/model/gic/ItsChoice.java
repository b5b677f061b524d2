package dev.belfry.model.gic;

/// What the architecture lets an ITS decide for itself.
public enum ItsChoice {
    /// Tables have 64 KiB pages whatever is written, the queue is 64 KiB aligned, the collection
    /// table is flat.
    FIXED_64K,
    /// GITS_CTLR.Enabled stays 0 until the queue and both tables are valid.
    NEEDS_TABLES,
    /// A GITS_CWRITER beyond the queue is not stored.
    CHECKS_WRITER,
    /// A command whose structures in memory do not answer stalls the queue; otherwise it is skipped
    /// as any other failing command is.
    STALLS_ON_MEMORY,
    /// A command that fails stalls the queue; otherwise it is skipped.
    STALLS_ON_ERRORS,
    /// A stalled queue is tried again at each write of GITS_CWRITER, Retry or not, and
    /// GITS_CREADR.Stalled stays; otherwise it waits for a Retry, which clears Stalled.
    RETRIES_WHEN_RUNG,
    /// MAPTI and MAPI of an event that is mapped already change nothing.
    KEEPS_MAPPINGS,
    /// Mappings are not in the tables in memory but held in the ITS, and written to them only when
    /// they are saved. A device is mapped without events then, whatever its table held; INV and
    /// CLEAR need no mapped collection; a collection that is mapped elsewhere takes its pending
    /// LPIs along.
    HOLDS_MAPPINGS,
    /// INTIDs are limited by GICR_PROPBASER.IDbits when they are mapped, not only when they are
    /// raised.
    LIMITS_TO_PROPBASER,
    /// INVALL of any collection reaches all Redistributors.
    INVALL_REACHES_ALL,
    /// Table entries are read again for each message; otherwise translations are kept until a
    /// command invalidates them.
    SNOOPS,
    /// A CPU's write to GITS_TRANSLATER has DeviceID 0; otherwise it is ignored.
    CPU_IS_DEVICE_0
}
