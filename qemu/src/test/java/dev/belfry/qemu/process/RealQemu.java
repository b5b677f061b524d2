package dev.belfry.qemu.process;

import java.time.Duration;
import org.junit.jupiter.api.Assumptions;

/// Tests against a real QEMU are skipped, and say so, where there is none.
public final class RealQemu {

    /// Long enough for a machine that is busy with other things.
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    private RealQemu() {}

    /// Goes on only when there is a QEMU on PATH.
    public static void required() {
        Assumptions.assumeTrue(
                QemuProcess.find().isPresent(),
                "SKIPPED: there is no qemu-system-aarch64 on PATH to compare with");
    }
}
