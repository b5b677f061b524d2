package dev.belfry.lab.compare;

import dev.belfry.lab.run.RunRequest.MsiDesign;
import dev.belfry.model.journey.Hop;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A design in a situation.
///
/// @param outcome what became of the interrupts; when several vectors differ, of the first that was
///   not delivered
/// @param detail one sentence
/// @param event type of the SMMU event, when faulted: `F_TRANSLATION`
/// @param errno name of the error, when refused
/// @param seenBy who learns of the fault: `guest` or `host`
/// @param hops the journey of the vector that the detail speaks of; none when nothing ran
public record Cell(
        MsiDesign design,
        Situation situation,
        Outcome outcome,
        String detail,
        Optional<String> event,
        Optional<String> errno,
        Optional<String> seenBy,
        List<Hop> hops) {

    public Cell {
        hops = List.copyOf(hops);
    }

    /// What became of interrupts.
    public enum Outcome {
        /// The guest's handlers ran.
        DELIVERED,
        /// An SMMU recorded an event.
        FAULTED,
        /// Nothing told anybody.
        LOST,
        /// A system call failed.
        REFUSED;

        /// As JSON has it.
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// `design/situation`.
    public String name() {
        return design.key() + "/" + situation.key();
    }

    /// In a few words: `faulted F_TRANSLATION (guest)`.
    public String brief() {
        return outcome.key()
                + event.map(e -> " " + e).orElse("")
                + errno.map(e -> " " + e).orElse("")
                + seenBy.map(s -> " (" + s + ")").orElse("");
    }
}
