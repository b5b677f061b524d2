/// Layouts of IHI 0070: types only, no behaviour. [SmmuRegister] (6.2, 6.3), [L1Std] (5.1), [Ste]
/// (5.2), [L1Cd] (5.3), [Cd] (5.4), [Command] (4), [EventRecord] and [EventType] (7.3),
/// [Descriptor] (Arm ARM D8.3).
///
/// Each bit field is a constant under its specification's name, relative to its 64-bit word, so
/// that drivers compose the same words that the engine decodes. `fields()` gives the decoded fields
/// in the specification's order.
///
/// Stands on `bits`.
@NullMarked
package dev.belfry.model.smmu.spec;

import org.jspecify.annotations.NullMarked;
