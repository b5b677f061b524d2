/// Rules of what QEMU takes without a word and the guest cannot work with.
///
/// Entry: [GuestRules]. One small class a rule; what all of them share is in `dev.belfry.vmm.rule`.
@NullMarked
package dev.belfry.vmm.rule.guest;

import org.jspecify.annotations.NullMarked;
