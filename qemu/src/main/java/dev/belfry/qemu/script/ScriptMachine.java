package dev.belfry.qemu.script;

import dev.belfry.model.smmu.SmmuIdentity.Stages;
import java.util.List;

/// What scripts know of the machine that they run on.
///
/// @param stages which stages of translation its SMMU has
/// @param streamIds StreamID of each device
/// @param ramBase physical address of the first byte of RAM
/// @param ramSize bytes of RAM that scripts may use; all of it is zero when one starts
/// @param busBits how many bits of the address that a device uses reach the SMMU
/// @param others where something other than RAM answers
public record ScriptMachine(
        Stages stages,
        List<Integer> streamIds,
        long ramBase,
        long ramSize,
        int busBits,
        List<Region> others) {

    /// Physical addresses from `first` to `last`.
    public record Region(long first, long last) {
        boolean contains(long address) {
            return Long.compareUnsigned(address, first) >= 0
                    && Long.compareUnsigned(address, last) <= 0;
        }
    }

    public ScriptMachine {
        streamIds = List.copyOf(streamIds);
        others = List.copyOf(others);
    }

    /// StreamID of a device.
    public int streamId(int device) {
        return streamIds.get(device);
    }

    /// How many devices there are.
    public int devices() {
        return streamIds.size();
    }

    /// Whether something other than RAM answers at an address. What a script that leads there shows
    /// depends on what it is.
    public boolean answers(long address) {
        return others.stream().anyMatch(r -> r.contains(address));
    }
}
