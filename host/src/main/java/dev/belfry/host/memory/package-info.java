/// Host memory as processes get it: pages that are never where the guest believes them to be.
///
/// [HostPages] hands out physical pages in an order that depends on a seed; [UserMemory] is a
/// process's address space over them: what a VMM maps as guest RAM, what iommufd pins.
///
/// Stands on `host.uapi` and `model.memory`.
@NullMarked
package dev.belfry.host.memory;

import org.jspecify.annotations.NullMarked;
