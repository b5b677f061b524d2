/// Records as text for a person: one sentence first, tables next, journeys hop by hop.
@NullMarked
package dev.belfry.cli.text;

import org.jspecify.annotations.NullMarked;
