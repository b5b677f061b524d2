/// Records as one HTML file that needs nothing else: to attach to a ticket, to open anywhere.
@NullMarked
package dev.belfry.cli.html;

import org.jspecify.annotations.NullMarked;
