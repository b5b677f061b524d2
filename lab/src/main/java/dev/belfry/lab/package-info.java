/// run, check, explain, compare: a question in, an answer out as plain records. Nothing here
/// prints.
///
/// `run` builds and boots the machine of a command line on a host and reports every vector and DMA.
/// [Progress] is how long work tells how far it is; [InputError] is how wrong input is refused.
///
/// Stands on all floors below.
@NullMarked
package dev.belfry.lab;

import org.jspecify.annotations.NullMarked;
