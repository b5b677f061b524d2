package dev.belfry.kernel.firmware;

import java.util.List;

/// A node of the IORT (DEN0049E, table 4).
///
/// @param offset from the table's start; what mappings refer to
/// @param length in bytes
/// @param revision of the node's format
/// @param identifier the node's own number
/// @param mappings its id mappings
/// @param body what it describes
public record IortNode(
        int offset, int length, int revision, long identifier, List<Mapping> mappings, Body body) {

    public IortNode {
        mappings = List.copyOf(mappings);
    }

    /// Table 5: ids `inputBase` to `inputBase + count`, both included.
    ///
    /// @param inputBase first id in
    /// @param count number of ids minus one, as the table has it
    /// @param outputBase what `inputBase` becomes
    /// @param output offset of the node that takes the result
    /// @param single flag bit 0: one id, `outputBase`, whatever comes in
    public record Mapping(
            long inputBase, long count, long outputBase, long output, boolean single) {

        long last() {
            return inputBase + count;
        }

        boolean covers(long id) {
            return id >= inputBase && id <= last();
        }

        /// The output id, 32 bits.
        long apply(long id) {
            return (outputBase + (id - inputBase)) & 0xffff_ffffL;
        }
    }

    /// Kinds of nodes.
    public sealed interface Body {}

    /// Type 0.
    ///
    /// @param identifiers MADT's ITS ids
    public record ItsGroup(List<Long> identifiers) implements Body {
        public ItsGroup {
            identifiers = List.copyOf(identifiers);
        }
    }

    /// Type 2.
    ///
    /// @param coherent memory access flag CPM, coherent path to memory
    /// @param ats ATS attribute bit 0
    /// @param segment PCI segment
    /// @param addressBits memory address size limit; 64 and above is none
    public record RootComplex(boolean coherent, boolean ats, long segment, int addressBits)
            implements Body {}

    /// Type 4.
    ///
    /// @param base registers
    /// @param coherentOverride flag bit 0: COHACC
    /// @param deviceIdValid flag bit 4: the mapping index counts (node revision 5)
    /// @param model 0 generic
    /// @param eventGsiv Event queue; 0 when not wired
    /// @param priGsiv PRI queue
    /// @param gerrGsiv global errors
    /// @param syncGsiv CMD_SYNC
    /// @param mappingIndex index of the mapping for its own MSIs
    public record Smmuv3(
            long base,
            boolean coherentOverride,
            boolean deviceIdValid,
            long model,
            long eventGsiv,
            long priGsiv,
            long gerrGsiv,
            long syncGsiv,
            long mappingIndex)
            implements Body {

        boolean fullyWired() {
            return eventGsiv != 0 && priGsiv != 0 && gerrGsiv != 0 && syncGsiv != 0;
        }
    }

    /// Type 6.
    ///
    /// @param flags bit 0 remapping permitted, bit 1 privileged, `[9:2]` attributes
    /// @param mappings streams and their SMMUs
    /// @param ranges memory
    public record Rmr(long flags, List<Mapping> mappings, List<MemoryRange> ranges)
            implements Body {
        public Rmr {
            mappings = List.copyOf(mappings);
            ranges = List.copyOf(ranges);
        }
    }

    /// Table 19.
    public record MemoryRange(long base, long length) {}

    /// Any other type.
    public record Other(int type) implements Body {}
}
