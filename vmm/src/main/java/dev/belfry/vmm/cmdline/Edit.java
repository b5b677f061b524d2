package dev.belfry.vmm.cmdline;

/// One mechanical change of a command line that repairs it. Options are named by their place.
public sealed interface Edit {

    /// Where it applies.
    Position at();

    /// Gives a key of an option another value, or adds it.
    ///
    /// @param at the option
    record Set(Position at, String key, String value) implements Edit {}

    /// Renames a key of an option and gives it a value.
    ///
    /// @param at the option
    record Rename(Position at, String key, String now, String value) implements Edit {}

    /// Removes a key of an option: of several, the one that does not count.
    ///
    /// @param at the option
    record Remove(Position at, String key) implements Edit {}

    /// Removes an option with its argument.
    ///
    /// @param at the option
    record Drop(Position at) implements Edit {}

    /// Writes another option in its place.
    ///
    /// @param at the option
    /// @param words the other one as it is typed
    record Replace(Position at, String words) implements Edit {}

    /// Adds an option in front of another one.
    ///
    /// @param at the other one
    /// @param words the option as it is typed
    record Insert(Position at, String words) implements Edit {}

    /// Moves an option in front of another one.
    ///
    /// @param at the option that moves
    /// @param before the other one
    record Move(Position at, Position before) implements Edit {}

    /// Writes other characters in the place of some, be they part of an option or not.
    ///
    /// @param at the first of them
    /// @param characters how many
    /// @param now what to write
    record Write(Position at, int characters, String now) implements Edit {}
}
