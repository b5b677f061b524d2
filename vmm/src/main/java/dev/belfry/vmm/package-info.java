/// The VMM's part: command line, virt machine, vSMMU, MSI routes, firmware tables.
@NullMarked
package dev.belfry.vmm;

import org.jspecify.annotations.NullMarked;
