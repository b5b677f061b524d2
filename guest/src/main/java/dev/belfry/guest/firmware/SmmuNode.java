package dev.belfry.guest.firmware;

/// An SMMUv3.
///
/// @param base its 128 KiB of registers
/// @param coherent firmware says that table walks and queues are coherent: `dma-coherent`, or
///   IORT's COHACC override
/// @param eventIntId Event queue interrupt, an INTID; 0 when not wired
/// @param priIntId PRI queue interrupt
/// @param gerrorIntId global error interrupt
/// @param syncIntId CMD_SYNC interrupt
public record SmmuNode(
        long base,
        boolean coherent,
        int eventIntId,
        int priIntId,
        int gerrorIntId,
        int syncIntId) {}
