/// run, check, explain, compare: a question in, an answer out as plain records.
@NullMarked
package dev.belfry.lab;

import org.jspecify.annotations.NullMarked;
