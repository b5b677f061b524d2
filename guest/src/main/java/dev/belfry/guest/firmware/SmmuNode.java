package dev.belfry.guest.firmware;

import java.util.Optional;

/// An SMMUv3.
///
/// @param base its 128 KiB of registers
/// @param coherent firmware says that table walks and queues are coherent: `dma-coherent`, or
///   IORT's COHACC override
/// @param eventIntId Event queue interrupt, an INTID; 0 when not wired
/// @param priIntId PRI queue interrupt
/// @param gerrorIntId global error interrupt
/// @param syncIntId CMD_SYNC interrupt
/// @param cmdqv the Tegra241 CMDQ-V beside it
public record SmmuNode(
        long base,
        boolean coherent,
        int eventIntId,
        int priIntId,
        int gerrorIntId,
        int syncIntId,
        Optional<Cmdqv> cmdqv) {

    /// A Tegra241 CMDQ-V: an ACPI device NVDA200C whose `_UID` is the identifier of the SMMU's IORT
    /// node.
    ///
    /// @param base its frame
    /// @param intId its error interrupt; 0 when not wired
    public record Cmdqv(long base, int intId) {}

    /// One without CMDQ-V.
    public SmmuNode(
            long base,
            boolean coherent,
            int eventIntId,
            int priIntId,
            int gerrorIntId,
            int syncIntId) {
        this(base, coherent, eventIntId, priIntId, gerrorIntId, syncIntId, Optional.empty());
    }
}
