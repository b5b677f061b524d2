package dev.belfry.qemu.script;

import java.util.List;

/// A list of steps that starts from a machine after reset, RAM all zero.
///
/// @param name for messages
/// @param steps in order
public record SmmuScript(String name, List<Step> steps) {

    public SmmuScript {
        steps = List.copyOf(steps);
    }
}
