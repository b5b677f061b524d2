/// Self-contained pages: no scripts, nothing loaded from elsewhere, all text escaped.
@NullMarked
package dev.belfry.cli.html;

import org.jspecify.annotations.NullMarked;
