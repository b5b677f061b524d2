/// Addresses with a kind, for signatures where two kinds meet.
///
/// [Iova] is what a device puts on the bus, [Gpa] what a guest calls physical, [Hpa] what the host
/// calls physical. They have no operators and cannot be mixed up. Inside the engines, where only
/// one kind exists, bare `long` is used and the name carries the kind (`ipa`, `pa`).
///
/// Stands on `bits`.
@NullMarked
package dev.belfry.model.address;

import org.jspecify.annotations.NullMarked;
