package dev.belfry.lab.run;

import dev.belfry.lab.InputError;
import dev.belfry.lab.Progress;

/// Builds, boots and exercises the machine of a command line.
public final class RunLab {

    private RunLab() {}

    /// Runs.
    public static RunReport run(RunRequest request, Progress progress) throws InputError {
        progress.at("reading the command line", 0, 0);
        throw new InputError("not yet: " + request.host(), "");
    }
}
