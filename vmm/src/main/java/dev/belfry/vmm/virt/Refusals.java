package dev.belfry.vmm.virt;

import dev.belfry.host.uapi.Result;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Position;

/// How a refusal of the host reaches the user: with the option that led to it.
final class Refusals {

    private Refusals() {}

    /// The value, or a refusal that names an option by its word.
    static <T> T orRefuse(Result<T> result, String option, String what) {
        return orRefuse(result, new Position(1, 1, option), "HOST-REFUSES", what);
    }

    /// The value, or a refusal at `at`.
    static <T> T orRefuse(Result<T> result, Position at, String rule, String what) {
        return switch (result) {
            case Result.Ok<T>(T value) -> value;
            case Result.Err<T>(var errno, var why) ->
                    throw new CommandLineError(rule, at, what + ": " + errno + ", " + why, "");
        };
    }
}
