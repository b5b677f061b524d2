package dev.belfry.vmm.cmdline;

/// One option as it was given.
///
/// @param spec what QEMU knows about it
/// @param argument its argument, quoting undone; empty for a flag
/// @param params the argument's pairs; none when its syntax has no pairs
/// @param json whether the argument was written as JSON
/// @param at where the option stands; its text is the option with its argument
public record Option(OptionSpec spec, String argument, Params params, boolean json, Position at) {

    /// The option's name without dashes and with aliases resolved.
    public String name() {
        return spec.name();
    }
}
