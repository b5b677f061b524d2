/// A Linux-like guest kernel; touches the machine only through what a CPU can reach.
@NullMarked
package dev.belfry.guest;

import org.jspecify.annotations.NullMarked;
