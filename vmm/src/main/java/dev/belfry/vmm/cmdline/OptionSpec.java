package dev.belfry.vmm.cmdline;

/// What QEMU knows about one of its options.
///
/// @param name without dashes; an alias (`M`) carries the name of what it stands for (`machine`)
/// @param syntax how its argument is written
/// @param impliedKey the key of a first part without `=`, or empty
/// @param use what Belfry does with it
public record OptionSpec(String name, Syntax syntax, String impliedKey, Use use) {

    /// What Belfry does with an option.
    public enum Use {
        /// It shapes the machine.
        MEANT,
        /// It has no bearing here: accepted and listed.
        IGNORED,
        /// It would change the machine in a way that Belfry cannot see.
        REFUSED
    }
}
