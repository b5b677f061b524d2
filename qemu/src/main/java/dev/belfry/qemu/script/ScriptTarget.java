package dev.belfry.qemu.script;

/// Something that scripts can be run on: an SMMU with devices and RAM.
public interface ScriptTarget extends AutoCloseable {

    /// What it looks like to scripts.
    ScriptMachine machine();

    /// Resets everything, clears RAM, and runs `script`.
    ScriptOutcome run(SmmuScript script);

    @Override
    void close();
}
