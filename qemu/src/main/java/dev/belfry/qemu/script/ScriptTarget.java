package dev.belfry.qemu.script;

/// Something that scripts can be run on: an SMMU with devices and RAM.
public interface ScriptTarget extends AutoCloseable {

    /// Resets everything, clears RAM, and runs `script`.
    ScriptOutcome run(SmmuScript script);

    /// StreamID of a device.
    int streamId(int device);

    /// How many devices there are.
    int devices();

    /// Physical address of the first byte of RAM.
    long ramBase();

    /// Bytes of RAM that scripts may use; all of it is zero when one starts.
    long ramSize();

    @Override
    void close();
}
