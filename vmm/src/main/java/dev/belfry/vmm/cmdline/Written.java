package dev.belfry.vmm.cmdline;

/// How a value is written: QEMU takes a word for anything, while JSON has types that must be right.
public enum Written {
    /// `key=value`
    WORD,
    /// `"key": "value"`
    JSON_STRING,
    /// `"key": 1`
    JSON_NUMBER,
    /// `"key": true`
    JSON_BOOLEAN
}
