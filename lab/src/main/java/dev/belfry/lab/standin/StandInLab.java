package dev.belfry.lab.standin;

import dev.belfry.lab.InputError;
import dev.belfry.vmm.qtest.StandIn;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;

/// Takes the part of QEMU for a test program.
public final class StandInLab {

    private StandInLab() {}

    /// Answers until the test program ends it.
    ///
    /// @param arguments what follows `qemu-system-aarch64`
    /// @throws InputError when a socket cannot be used
    public static void run(List<String> arguments) throws InputError {
        try {
            StandIn.run(arguments, InstantSource.system());
        } catch (IOException e) {
            throw new InputError(
                    "a socket of -qtest or -qmp cannot be used: " + e.getMessage(),
                    "whoever starts this listens there: -qtest unix:PATH -qmp unix:PATH");
        }
    }
}
