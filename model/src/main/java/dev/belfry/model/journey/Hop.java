package dev.belfry.model.journey;

import java.util.Map;
import java.util.OptionalLong;

/// One hop of a journey: an [Observation] with its side of the house.
///
/// @param where guest or host
/// @param seen what was read and decided
public record Hop(Where where, Observation seen) {

    public HopKind kind() {
        return seen.kind();
    }

    public OptionalLong address() {
        return seen.address();
    }

    public Bytes bytes() {
        return seen.bytes();
    }

    public Map<String, String> fields() {
        return seen.fields();
    }

    public Verdict verdict() {
        return seen.verdict();
    }

    public String rule() {
        return seen.rule();
    }
}
