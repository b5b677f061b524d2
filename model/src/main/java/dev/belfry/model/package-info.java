/// What the architecture defines, and nothing else: no QEMU, no Linux, no policy. Depends on the
/// JDK only.
///
/// `bits` and `address` are words; `memory` is what answers to them; `journey` is how any component
/// tells what it did; `smmu`, `gic`, `pci` are the engines, each with a `spec` package of layouts;
/// `system` is how a whole machine, alive or captured, is looked at.
@NullMarked
package dev.belfry.model;

import org.jspecify.annotations.NullMarked;
