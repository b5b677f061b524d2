package dev.belfry.vmm.cmdline;

/// How an option's argument is written.
public enum Syntax {
    /// There is no argument.
    FLAG(false, false),
    /// One text, taken as it is.
    TEXT(true, false),
    /// `key=value,…` where a bare `key` means `on` and `nokey` means `off`.
    OPTS(true, false),
    /// As [#OPTS], or a JSON object.
    OPTS_OR_JSON(true, true),
    /// `key=value,…` where every key needs its value.
    KEYVAL(true, false),
    /// As [#KEYVAL], or a JSON object.
    KEYVAL_OR_JSON(true, true);

    private final boolean argument;
    private final boolean json;

    Syntax(boolean argument, boolean json) {
        this.argument = argument;
        this.json = json;
    }

    /// Whether the next word belongs to the option.
    public boolean takesArgument() {
        return argument;
    }

    /// Whether the argument may be a JSON object.
    public boolean takesJson() {
        return json;
    }

    boolean allowsBareKeys() {
        return this == OPTS || this == OPTS_OR_JSON;
    }
}
