package dev.belfry.host.uapi;

/// The value of a call that gives none.
public enum Done {
    DONE
}
