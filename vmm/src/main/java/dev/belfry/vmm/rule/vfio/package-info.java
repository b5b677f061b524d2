/// Rules of passed-through and emulated devices behind SMMUs.
///
/// Entry: [VfioRules]. One small class a rule; what all of them share is in `dev.belfry.vmm.rule`.
@NullMarked
package dev.belfry.vmm.rule.vfio;

import org.jspecify.annotations.NullMarked;
