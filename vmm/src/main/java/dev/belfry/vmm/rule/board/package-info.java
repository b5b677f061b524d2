/// Rules of the board: versions, CPUs, interrupt controller, memory, NUMA nodes.
///
/// Entry: [BoardRules]. One small class a rule; what all of them share is in `dev.belfry.vmm.rule`.
@NullMarked
package dev.belfry.vmm.rule.board;

import org.jspecify.annotations.NullMarked;
