package dev.belfry.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.qemu.qtest.QtestClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A real QEMU with one NVMe disk that has one vector: its stream bypasses a linear stream table,
/// its message goes to the ITS itself, which is off. What is broken is so for good reason, and can
/// be broken elsewhere.
final class LiveMachine implements AutoCloseable {

    static final long RAM = 0x4000_0000L;
    static final long STREAM_TABLE = RAM + 0x10_0000;

    /// The STE of 00:02.0.
    static final long STE = STREAM_TABLE + 0x10 * 64;

    private static final long SMMU = 0x905_0000L;
    private static final long NVME = 0x40_1000_0000L + (0x10 << 12);
    private static final long BAR = 0x1000_0000L;
    private static final long VECTOR_0 = BAR + 0x2000;
    private static final long TRANSLATER = 0x809_0040L;

    private final QemuProcess qemu;
    private final Path qmp;

    private LiveMachine(QemuProcess qemu, Path qmp) {
        this.qemu = qemu;
        this.qmp = qmp;
    }

    /// Goes on only when there is a QEMU on PATH.
    static LiveMachine start(Path dir, String... more) {
        assumeTrue(
                QemuProcess.find().isPresent(),
                "SKIPPED: there is no qemu-system-aarch64 on PATH to explain");
        Path qmp = dir.resolve("qmp");
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("-M", "virt,gic-version=3,iommu=smmuv3", "-smp", "2"));
        arguments.addAll(List.of("-cpu", "cortex-a57"));
        arguments.addAll(List.of("-nodefaults", "-global", "arm-cpu.start-powered-off=on"));
        arguments.addAll(List.of("-m", "16M", "-device", "nvme,serial=1,addr=2"));
        arguments.addAll(List.of("-qmp", "unix:" + qmp + ",server=on,wait=off"));
        arguments.addAll(List.of(more));
        LiveMachine out =
                new LiveMachine(QemuProcess.start(arguments, Duration.ofSeconds(60)), qmp);
        out.program();
        return out;
    }

    private void program() {
        QtestClient q = qtest();
        q.write(NVME + 0x10, 4, BAR);
        q.write(NVME + 0x14, 4, 0);
        q.write(NVME + 4, 2, 6);
        q.write(VECTOR_0, 4, TRANSLATER);
        q.write(VECTOR_0 + 8, 4, 0);
        mask(false);
        // MSI-X Enable; QEMU's nvme has the capability at 0x40.
        q.write(NVME + 0x42, 2, 0x8000);
        q.write(SMMU + 0x80, 8, STREAM_TABLE);
        q.write(SMMU + 0x88, 4, 5);
        q.write(STE, 8, 9);
        q.write(SMMU + 0x20, 4, 1);
    }

    void mask(boolean on) {
        qtest().write(VECTOR_0 + 12, 4, on ? 1 : 0);
    }

    QemuProcess qemu() {
        return qemu;
    }

    QtestClient qtest() {
        return qemu.qtest();
    }

    /// Where others connect.
    String qmp() {
        return qmp.toString();
    }

    /// Whether its CPUs are let run.
    boolean running() {
        return qemu.qmp().running();
    }

    @Override
    public void close() {
        qemu.close();
    }
}
