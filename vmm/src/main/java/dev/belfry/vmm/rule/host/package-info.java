/// Rules that need to know the host or its kernel. Where neither is known, they find nothing.
///
/// Entry: [HostRules]. One small class a rule; what all of them share is in `dev.belfry.vmm.rule`.
@NullMarked
package dev.belfry.vmm.rule.host;

import org.jspecify.annotations.NullMarked;
