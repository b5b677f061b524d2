/// QEMU's command line, read as QEMU reads it, with every piece's place in the text kept.
///
/// Entry: [CommandLine]. A text goes through [Shell] into [Token]s, which know where each of their
/// characters stood; [OptionTable] says which options exist and how their argument is written
/// ([Syntax]); [KeyValue] and [JsonObject] turn an argument into [Params]. Whatever cannot be read
/// at all is a [CommandLineError]; whether the options make sense together is not judged here but
/// in `dev.belfry.vmm.machine`.
///
/// The rules were taken from QEMU's documentation and from runs of QEMU 7.2: implied first key,
/// `,,` for a comma, bare `flag` and `noflag` in `-device` but not in `-machine`, the first `id=`
/// of an option counting and the last of every other key.
///
/// Stands on Jackson for the JSON form of `-device`, `-object`, `-netdev` and `-blockdev`.
@NullMarked
package dev.belfry.vmm.cmdline;

import org.jspecify.annotations.NullMarked;
