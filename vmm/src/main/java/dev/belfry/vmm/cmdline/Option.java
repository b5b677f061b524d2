package dev.belfry.vmm.cmdline;

import java.util.List;

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

    /// An option that something else than a command line asks for: what libvirt would write for an
    /// element of a domain, say.
    ///
    /// @param name without dashes, such as `device`
    /// @param params its pairs, each with the place of what asks for it; the first names the kind:
    ///   `driver`, `qom-type`, `type`
    /// @param at where it is asked for
    public static Option of(String name, List<Param> params, Position at) {
        return new Option(specOf(name), "", new Params(params), false, at);
    }

    /// An option whose argument is one text, such as `-append`; a flag has an empty one.
    public static Option ofText(String name, String argument, Position at) {
        return new Option(specOf(name), argument, Params.NONE, false, at);
    }

    private static OptionSpec specOf(String name) {
        return OptionTable.find(name)
                .orElseThrow(() -> new IllegalArgumentException("no option -" + name));
    }
}
