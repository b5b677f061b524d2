package dev.belfry.qemu.script;

import dev.belfry.model.smmu.SmmuIdentity.Stages;

/// Something that scripts can be run on: an SMMU with devices and RAM.
public interface ScriptTarget extends AutoCloseable {

    /// Resets everything, clears RAM, and runs `script`.
    ScriptOutcome run(SmmuScript script);

    /// Which stages of translation the SMMU has.
    Stages stages();

    /// StreamID of a device.
    int streamId(int device);

    /// How many devices there are.
    int devices();

    /// Physical address of the first byte of RAM.
    long ramBase();

    /// Bytes of RAM that scripts may use; all of it is zero when one starts.
    long ramSize();

    /// Whether something other than RAM answers at an address. What a script that leads there shows
    /// depends on what it is.
    boolean answers(long address);

    @Override
    void close();
}
