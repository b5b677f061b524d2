/// Physical memory as a kernel hands it out to its drivers.
///
/// [PageAllocator] is a buddy allocator over a range of RAM: naturally aligned, zeroed, and the
/// same for the same seed. Where the tables of a run lie therefore depends on nothing but the seed.
///
/// Stands on `kernel.Machine`.
@NullMarked
package dev.belfry.kernel.memory;

import org.jspecify.annotations.NullMarked;
