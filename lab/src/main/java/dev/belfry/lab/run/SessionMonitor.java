package dev.belfry.lab.run;

import dev.belfry.vmm.qmp.QmpMachine;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A session as QMP sees it.
///
/// @param session the machine
/// @param steps told of what came of each command
record SessionMonitor(RunSession session, Consumer<Step> steps) implements QmpMachine {

    @Override
    public Answer reset() {
        return answer(session.answer(new Action.SystemReset()), List.of());
    }

    @Override
    public Optional<Answer> deviceAdd(Map<String, String> properties) {
        return Optional.of(answer(session.answer(new Action.DeviceAdd(properties)), List.of()));
    }

    @Override
    public Optional<Answer> deviceDel(String id) {
        Step step = session.answer(new Action.DeviceDel(id));
        Map<String, String> data = Map.of("device", id, "path", "/machine/peripheral/" + id);
        return Optional.of(
                answer(
                        step,
                        step.outcome() == Step.Outcome.DONE
                                ? List.of(new Event("DEVICE_DELETED", data))
                                : List.of()));
    }

    private Answer answer(Step step, List<Event> events) {
        steps.accept(step);
        return step.errorClass().isPresent()
                ? Answer.refused(step.errorClass().get(), step.message().orElse(""))
                : new Answer(Optional.empty(), events);
    }
}
