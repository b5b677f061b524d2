/// Records as JSON for machines, in the shape that docs/json.md promises.
@NullMarked
package dev.belfry.cli.json;

import org.jspecify.annotations.NullMarked;
