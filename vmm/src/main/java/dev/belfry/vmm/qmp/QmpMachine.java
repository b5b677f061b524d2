package dev.belfry.vmm.qmp;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What QMP does to a machine.
public interface QmpMachine {

    /// What came of a command.
    ///
    /// @param error empty when it was done
    /// @param events that it led to, in order
    record Answer(Optional<Failure> error, List<Event> events) {

        /// Done, without an event.
        public static final Answer DONE = new Answer(Optional.empty(), List.of());

        /// Refused.
        public static Answer refused(String errorClass, String message) {
            return new Answer(Optional.of(new Failure(errorClass, message)), List.of());
        }
    }

    /// An error.
    ///
    /// @param errorClass `GenericError`, `DeviceNotFound`
    /// @param message in QEMU's words
    record Failure(String errorClass, String message) {}

    /// An event.
    ///
    /// @param name `DEVICE_DELETED`
    /// @param data its members, all texts
    record Event(String name, Map<String, String> data) {}

    /// `system_reset`.
    Answer reset();

    /// `device_add`.
    ///
    /// @param properties `driver` among them; values as texts
    default Optional<Answer> deviceAdd(Map<String, String> properties) {
        return Optional.empty();
    }

    /// `device_del`; empty when the machine does not know the command.
    default Optional<Answer> deviceDel(String id) {
        return Optional.empty();
    }
}
