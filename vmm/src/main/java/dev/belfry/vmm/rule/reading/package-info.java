/// What there is to say of rules that readers find while they read.
///
/// Entry: [ReadingRules]. A test holds the list against the ids that the readers use.
@NullMarked
package dev.belfry.vmm.rule.reading;

import org.jspecify.annotations.NullMarked;
