package dev.belfry.kernel.firmware;

import java.util.List;

/// What became of an id, and why.
///
/// @param found whether somebody takes it; if not, the rules say where it ended
/// @param id StreamID or DeviceID; only if `found`
/// @param target who takes it: offset of an IORT node, phandle of a device tree node; only if
///   `found`
/// @param rules one sentence a step, in order
public record IdLookup(boolean found, long id, long target, List<String> rules) {

    public IdLookup {
        rules = List.copyOf(rules);
    }
}
