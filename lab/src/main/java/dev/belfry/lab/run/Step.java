package dev.belfry.lab.run;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What came of an [Action].
///
/// @param action its key: `device_add`
/// @param device as it was named
/// @param outcome what came of it
/// @param expected whether that was expected: anything but `DONE` is not, unless a scenario says so
/// @param sentence one sentence that tells it
/// @param errorClass QMP's class of the error, when refused
/// @param message the error as QMP has it, when refused
/// @param errno name of the error, when the host refused a call
/// @param vectors that were raised
/// @param dma transfers that were made
public record Step(
        String action,
        String device,
        Outcome outcome,
        boolean expected,
        String sentence,
        Optional<String> errorClass,
        Optional<String> message,
        Optional<String> errno,
        List<RunReport.Vector> vectors,
        List<RunReport.Dma> dma) {

    public Step {
        vectors = List.copyOf(vectors);
        dma = List.copyOf(dma);
    }

    /// What came of it.
    public enum Outcome {
        /// It was done, and everything that was tried on the device worked.
        DONE,
        /// The machine is as before.
        REFUSED,
        /// It was done, and the device does not work, or not all of it.
        LOST;

        /// As JSON and scenarios have it.
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// The same, held against what a scenario expects.
    Step expecting(Outcome wanted) {
        return new Step(
                action,
                device,
                outcome,
                outcome == wanted,
                sentence,
                errorClass,
                message,
                errno,
                vectors,
                dma);
    }

    /// The same, when whoever asked was told: what the rules refuse is answered then, what the host
    /// refused is not.
    Step answered() {
        return outcome == Outcome.REFUSED && errno.isEmpty() ? expecting(outcome) : this;
    }

    /// Refused by the rules.
    static Step refused(Action action, String errorClass, String message, String fix) {
        return refused(action, errorClass, message, fix, Optional.empty());
    }

    /// Refused.
    static Step refused(
            Action action, String errorClass, String message, String fix, Optional<String> errno) {
        return new Step(
                action.key(),
                action.device(),
                Outcome.REFUSED,
                false,
                action.key()
                        + " "
                        + action.device()
                        + " is refused: "
                        + message
                        + (fix.isEmpty() ? "" : "; " + fix),
                Optional.of(errorClass),
                Optional.of(message),
                errno,
                List.of(),
                List.of());
    }
}
