/// Rules of `-device arm-smmuv3` itself, from pre-plug to the end of machine initialisation.
///
/// Entry: [SmmuRules]. One small class a rule; what all of them share is in `dev.belfry.vmm.rule`.
@NullMarked
package dev.belfry.vmm.rule.smmu;

import org.jspecify.annotations.NullMarked;
