package dev.belfry.vmm.refusal;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Position;

/// The host refused a call without which a machine, or a device of it, cannot be.
public final class HostRefusal extends CommandLineError {

    private static final long serialVersionUID = 1L;

    private final Errno errno;

    /// @param rule a stable identifier such as `VFIO-ATTACH`
    /// @param at the option that led to it
    /// @param what was tried
    /// @param errno what the call failed with
    /// @param why the call's own sentence
    public HostRefusal(String rule, Position at, String what, Errno errno, String why) {
        super(rule, at, RefusalLog.sentence(what, errno, why), "");
        this.errno = errno;
    }

    /// The value of a call, or the refusal.
    ///
    /// @param what was tried: `attaching 0009:01:00.0`
    public static <T> T orRefuse(Result<T> result, Position at, String rule, String what) {
        return switch (result) {
            case Result.Ok<T>(T value) -> value;
            case Result.Err<T>(Errno errno, String why) ->
                    throw new HostRefusal(rule, at, what, errno, why);
        };
    }

    /// What the call failed with.
    public Errno errno() {
        return errno;
    }
}
