/// Which QEMU is spoken of: the one type by which rules, tables and known differences are gated. It
/// stands on nothing.
@NullMarked
package dev.belfry.vmm.version;

import org.jspecify.annotations.NullMarked;
