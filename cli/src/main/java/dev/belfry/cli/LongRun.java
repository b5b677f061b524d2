package dev.belfry.cli;

import dev.belfry.cli.json.Json;
import dev.belfry.cli.json.RunJson;
import dev.belfry.cli.text.RunText;
import dev.belfry.lab.InputError;
import dev.belfry.lab.run.HostRefused;
import dev.belfry.lab.run.RunReport;
import dev.belfry.lab.run.RunRequest;
import dev.belfry.lab.run.RunSession;
import dev.belfry.lab.run.Scenario;
import dev.belfry.lab.run.Step;
import org.jspecify.annotations.Nullable;

/// A run that goes on after boot: a scenario's steps, then what comes over QMP.
///
/// @param json one object at the end instead of text as it goes
/// @param scenario may be empty
/// @param qmp where to serve QMP, if at all
record LongRun(Terminal terminal, boolean json, Scenario scenario, @Nullable String qmp) {

    int run(RunRequest request) throws InputError, HostRefused {
        if (qmp == null) {
            return run(request, session -> {});
        }
        try (Monitor monitor = Monitor.open(qmp, terminal.in())) {
            int status =
                    run(
                            request,
                            session -> {
                                if (!json) {
                                    terminal.out().println("The VM is up, QMP is served at " + qmp);
                                    terminal.out().flush();
                                }
                                monitor.serve(session, this::show);
                            });
            terminal.flush();
            monitor.finished(status);
            return status;
        }
    }

    /// What else is done to a machine that runs.
    private interface Rest {
        void on(RunSession session) throws InputError;
    }

    private int run(RunRequest request, Rest rest) throws InputError, HostRefused {
        RunReport report;
        try (RunSession session = RunSession.start(request, terminal.progress())) {
            terminal.endProgress();
            if (!json) {
                new RunText(terminal.out(), terminal.paint()).print(session.report());
            }
            scenario.steps().forEach(step -> show(session.perform(step)));
            rest.on(session);
            report = session.finish();
        }
        if (json) {
            Json.print(terminal.out(), RunJson.of(Main.Version.current(), report));
        } else {
            new RunText(terminal.out(), terminal.paint()).printEnd(report);
        }
        return report.allWell() ? Main.WELL : Main.BROKEN;
    }

    private void show(Step step) {
        if (!json) {
            new RunText(terminal.out(), terminal.paint()).printStep(step);
        }
    }
}
