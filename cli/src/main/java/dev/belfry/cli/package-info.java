/// The commands of `belfry`; the only place that prints, and nothing here decides.
///
/// [Main] is the entry and maps outcomes to exit status: 0 all well, 1 something is broken, lost or
/// refused, 2 the input could not be used. One class a command; [Terminal] knows what the terminal
/// can do; `text` and `json` render the lab's records.
@NullMarked
package dev.belfry.cli;

import org.jspecify.annotations.NullMarked;
