package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.guest.Guest;
import dev.belfry.guest.firmware.FirmwareReader;
import dev.belfry.kernel.firmware.FirmwareMemory;
import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.system.Snapshot;
import dev.belfry.qemu.capture.Bundle;
import dev.belfry.qemu.guestport.QtestMachine;
import dev.belfry.qemu.live.LiveSystem;
import dev.belfry.qemu.process.QemuProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real QEMU, whose SMMU, ITS and devices our guest sets up through qtest, explained while it
/// runs.
class LiveQemuTest {

    @TempDir Path dir;

    private QemuProcess qemu;

    @BeforeEach
    void bootOurGuestOnQemu() {
        assumeTrue(
                QemuProcess.find().isPresent(),
                "qemu-system-aarch64 is not on PATH: explaining a live QEMU is not tested");
        qemu =
                QemuProcess.start(
                        List.of(
                                "-M",
                                "virt,gic-version=3,iommu=smmuv3",
                                "-smp",
                                "2",
                                "-nodefaults",
                                "-global",
                                "arm-cpu.start-powered-off=on",
                                "-m",
                                "64M",
                                "-object",
                                "memory-backend-file,id=ram0,size=64M,share=on,mem-path="
                                        + dir.resolve("ram"),
                                "-machine",
                                "memory-backend=ram0",
                                "-device",
                                "nvme,serial=1,addr=2",
                                "-device",
                                "edu,addr=3",
                                "-device",
                                "pcie-root-port,addr=4,id=rp",
                                "-device",
                                "nvme,serial=2,bus=rp"),
                        Duration.ofSeconds(60));
        QemuMachine machine = new QemuMachine(QtestMachine.of(qemu.qmp(), qemu.qtest()));
        Guest.boot(
                new Guest.Setup(
                        machine,
                        FirmwareReader.read(FirmwareMemory.of(machine), machine.ramBase()),
                        "",
                        1,
                        dev.belfry.kernel.iopgtable.Granule.G4K,
                        4));
    }

    @AfterEach
    void end() {
        if (qemu != null) {
            qemu.close();
        }
    }

    private ExplainReport explain() throws Exception {
        try (LiveSystem live = live()) {
            return ExplainLab.explain(live, ExplainRequest.EVERYTHING);
        }
    }

    private LiveSystem live() {
        return LiveSystem.over(
                Path.of("qtest"),
                qemu.qmp(),
                Optional.of(qemu.qtest()),
                Optional.of(dir.resolve("ram")));
    }

    private static Vector first(ExplainReport report) {
        return report.vectors().stream()
                .filter(v -> v.state() != State.UNUSED)
                .findFirst()
                .orElseThrow();
    }

    private static long address(Vector v, HopKind kind) {
        return v.hops().stream()
                .filter(h -> h.kind() == kind)
                .reduce((a, b) -> b)
                .map(Hop::address)
                .orElseThrow()
                .orElseThrow();
    }

    @Test
    void everyVectorThatOurGuestSetUpIsDelivered() throws Exception {
        ExplainReport report = explain();

        List<Vector> used =
                report.vectors().stream().filter(v -> v.state() != State.UNUSED).toList();
        // Four MSI-X vectors of each nvme, the one MSI of edu, and the root port's own.
        assertThat(used).hasSize(10);
        assertThat(used).allSatisfy(v -> assertThat(v.delivered()).as(v.sentence()).isTrue());
        assertThat(report.allWell()).isTrue();
        assertThat(first(report).policy()).isEqualTo("stage 1");
        assertThat(first(report).hops())
                .filteredOn(h -> h.kind() == HopKind.STREAM_ID)
                .allMatch(h -> h.rule().startsWith("The device tree maps"));
    }

    @Test
    void fiveWaysOfBreakingItAreNamedAtTheirHop() throws Exception {
        Vector v = first(explain());
        breaks(address(v, HopKind.STAGE1), 8, HopKind.STAGE1);
        breaks(address(v, HopKind.STE), 8, HopKind.STE);
        breaks(address(v, HopKind.DTE), 8, HopKind.DTE);
        breaks(address(v, HopKind.ITE), 8, HopKind.ITE);
        breaks(address(v, HopKind.LPI), 1, HopKind.LPI);
        long mask = address(v, HopKind.MSI_ENTRY) + 12;
        qemu.qtest().write(mask, 4, 1);
        assertThat(first(explain()).stoppedAt()).hasValue(HopKind.MSI_ENTRY);
        qemu.qtest().write(mask, 4, 0);
        assertThat(explain().allWell()).isTrue();
    }

    /// Clears bit 0 there, which all these structures take as valid or enabled.
    private void breaks(long address, int width, HopKind kind) throws Exception {
        long was = qemu.qtest().read(address, width);
        qemu.qtest().write(address, width, was & ~1L);
        Vector v = first(explain());
        assertThat(v.stoppedAt()).as(v.sentence()).hasValue(kind);
        assertThat(v.state()).isEqualTo(State.LOST);
        qemu.qtest().write(address, width, was);
        assertThat(explain().allWell()).isTrue();
    }

    @Test
    void theBundleExplainsAsTheLiveMachineDoes() throws Exception {
        try (LiveSystem live = live()) {
            Snapshot snapshot = ExplainLab.capture(live);
            ExplainReport now = ExplainLab.explain(live, ExplainRequest.EVERYTHING);
            Path file = dir.resolve("x.belfry");
            Bundle.write(snapshot, file);

            assertThat(ExplainLab.explain(Bundle.read(file), ExplainRequest.EVERYTHING))
                    .isEqualTo(now);
            assertThat(file.toFile().length()).isLessThan(100_000);
        }
    }
}
