package dev.belfry.vmm.rule;

/// Something that holds of every machine that works.
public interface Rule {

    /// What it is.
    About about();

    /// Looks, and tells every place where it does not hold.
    void check(Subject subject, Found found);
}
