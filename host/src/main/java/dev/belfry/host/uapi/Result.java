package dev.belfry.host.uapi;

import java.util.function.Function;

/// What a system call gives: a value, or an errno.
///
/// @param <T> type of the value; [Done] where there is none
public sealed interface Result<T> {

    /// The call did what was asked.
    record Ok<T>(T value) implements Result<T> {}

    /// The call failed, and changed nothing unless its contract says so.
    ///
    /// @param errno what the caller sees
    /// @param why the kernel's rule, in a sentence: what a real kernel keeps to itself
    record Err<T>(Errno errno, String why) implements Result<T> {

        /// The same failure as a result of another type.
        public <U> Err<U> as() {
            return new Err<>(errno, why);
        }
    }

    /// Success without a value.
    static Result<Done> done() {
        return new Ok<>(Done.DONE);
    }

    /// Success.
    static <T> Result<T> ok(T value) {
        return new Ok<>(value);
    }

    /// Failure.
    static <T> Result<T> err(Errno errno, String why) {
        return new Err<>(errno, why);
    }

    /// Whether the call succeeded.
    default boolean isOk() {
        return this instanceof Ok<T>;
    }

    /// `step` on the value; a failure stays what it is.
    default <U> Result<U> then(Function<? super T, Result<U>> step) {
        return switch (this) {
            case Ok<T>(T value) -> step.apply(value);
            case Err<T> e -> e.as();
        };
    }

    /// The value changed by `f`; a failure stays what it is.
    default <U> Result<U> map(Function<? super T, ? extends U> f) {
        return switch (this) {
            case Ok<T>(T value) -> new Ok<>(f.apply(value));
            case Err<T> e -> e.as();
        };
    }

    /// The value.
    ///
    /// @throws IllegalStateException for a failure: for callers that know it cannot be one
    default T orThrow() {
        return switch (this) {
            case Ok<T>(T value) -> value;
            case Err<T>(Errno errno, String why) ->
                    throw new IllegalStateException(errno + ": " + why);
        };
    }
}
