package dev.belfry.vmm.cmdline;

import java.util.List;

/// Something about how a text is written that somebody should know; it is read as it was meant.
///
/// @param rule a stable identifier such as `TEXT-TYPOGRAPHY`
/// @param refused whether QEMU, or the shell, does not take it as it was meant in any case
/// @param at where it stands, first
/// @param sentence what is the case, without its place
/// @param fix what would be right
/// @param edits the same as changes that can be made mechanically
public record Remark(
        String rule, boolean refused, Position at, String sentence, String fix, List<Edit> edits) {

    public Remark {
        edits = List.copyOf(edits);
    }
}
