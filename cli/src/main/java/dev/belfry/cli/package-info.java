/// Commands; the only place that prints.
@NullMarked
package dev.belfry.cli;

import org.jspecify.annotations.NullMarked;
