/// What there is to say of what a run on the model shows; `dev.belfry.lab.check` finds it.
@NullMarked
package dev.belfry.vmm.rule.run;

import org.jspecify.annotations.NullMarked;
