package dev.belfry.vmm.cmdline;

/// One `key=value` of an option's argument.
///
/// @param key as written; nested JSON keys are joined with dots
/// @param value as written, `,,` undone; JSON booleans are `on` and `off`
/// @param at where the key stands
/// @param written how the value is written
public record Param(String key, String value, Position at, Written written) {

    /// A plain word.
    public Param(String key, String value, Position at) {
        this(key, value, at, Written.WORD);
    }
}
