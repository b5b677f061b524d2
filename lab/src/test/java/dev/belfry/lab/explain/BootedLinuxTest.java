package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.system.Snapshot;
import dev.belfry.qemu.capture.Bundle;
import dev.belfry.qemu.live.LiveSystem;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Linux, booted on a real QEMU, explained while it runs; what it says itself (/proc/interrupts,
/// its log) is the judge.
class BootedLinuxTest {

    private static final String SMMU_AND_ITS = "gic-version=3,iommu=smmuv3";
    private static final String DISK = "00:02.0";

    @TempDir Path dir;

    @BeforeEach
    void guest() {
        BootedGuest.required();
    }

    private BootedGuest boot(String machine, String append, String... more) throws Exception {
        return BootedGuest.boot(dir, machine, append, more);
    }

    private BootedGuest bootWithRamFile(String append) throws Exception {
        return boot(
                SMMU_AND_ITS + ",memory-backend=ram0",
                append,
                "-object",
                "memory-backend-file,id=ram0,size=512M,share=on,mem-path=" + dir.resolve("ram"));
    }

    private static LiveSystem live(BootedGuest guest) {
        return LiveSystem.over(
                Path.of("booted"),
                guest.qemu().qmp(),
                Optional.of(guest.qemu().qtest()),
                Optional.empty());
    }

    private static LiveSystem throughTheMonitor(BootedGuest guest) {
        return LiveSystem.over(
                Path.of("booted"), guest.qemu().qmp(), Optional.empty(), Optional.empty());
    }

    private static ExplainReport explain(BootedGuest guest) throws Exception {
        try (LiveSystem live = live(guest)) {
            return ExplainLab.explain(live, ExplainRequest.EVERYTHING);
        }
    }

    private static Vector vector(ExplainReport report, String device, int vector) {
        return report.vectors().stream()
                .filter(v -> v.device().equals(device) && v.vector() == vector)
                .findFirst()
                .orElseThrow();
    }

    private static List<Vector> used(ExplainReport report) {
        return report.vectors().stream().filter(v -> v.state() != State.UNUSED).toList();
    }

    private static Hop hop(Vector v, HopKind kind) {
        return v.hops().stream()
                .filter(h -> h.kind() == kind)
                .reduce((a, b) -> b)
                .orElseThrow(() -> new AssertionError(v.sentence()));
    }

    private static void assertAllDelivered(ExplainReport report, String policy) {
        // The disk's three, the root port's one, virtio's three.
        assertThat(used(report)).hasSize(7);
        assertThat(used(report))
                .allSatisfy(v -> {
                    assertThat(v.delivered()).as(v.sentence()).isTrue();
                    assertThat(v.policy()).isEqualTo(policy);
                });
        assertThat(report.findings()).isEmpty();
        assertThat(report.events()).isEmpty();
    }

    /// A read on a CPU raises the interrupt of that CPU's queue, where we say it goes.
    private static void assertTheGuestAgreesOnCpus(BootedGuest guest, ExplainReport report)
            throws Exception {
        for (int queue = 1; queue <= 2; queue++) {
            String name = "nvme0q" + queue;
            OptionalInt cpu = vector(report, DISK, queue).cpu();
            assertThat(cpu).as(name).isPresent();
            int before = guest.interrupts(name, cpu.getAsInt());
            guest.say("read nvme0n1 " + (queue - 1));
            assertThat(guest.interrupts(name, cpu.getAsInt()))
                    .as("%s on CPU %s", name, cpu)
                    .isGreaterThan(before);
        }
    }

    @Test
    void aHealthyGuestIsBrokenInFiveWaysAndEachIsNamed() throws Exception {
        try (BootedGuest guest = bootWithRamFile("")) {
            ExplainReport report = explain(guest);
            assertAllDelivered(report, "stage 1");
            assertTheGuestAgreesOnCpus(guest, report);

            Vector v = vector(report, DISK, 1);
            breaks(guest, v, HopKind.STE);
            breaks(guest, v, HopKind.CD, 3);
            breaks(guest, v, HopKind.STAGE1);
            breaks(guest, v, HopKind.DTE);
            breaks(guest, v, HopKind.ITE);
            breaks(guest, v, HopKind.CTE);
            assertThat(explain(guest).allWell()).isTrue();
        }
    }

    private static void breaks(BootedGuest guest, Vector v, HopKind kind) throws Exception {
        breaks(guest, v, kind, 0);
    }

    /// Clears the valid bit of the structure while the guest runs, and sets it again.
    private static void breaks(BootedGuest guest, Vector healthy, HopKind kind, int byteAt)
            throws Exception {
        long address = hop(healthy, kind).address().orElseThrow() + byteAt;
        long mask = byteAt == 3 ? 0x80 : 1;
        long was = guest.qemu().qtest().read(address, 1);
        assertThat(was & mask).as("valid bit of the %s at %x", kind, address).isNotZero();
        guest.qemu().qtest().write(address, 1, was & ~mask);
        Vector v = vector(explain(guest), healthy.device(), healthy.vector());
        guest.qemu().qtest().write(address, 1, was);
        assertThat(v.stoppedAt()).as(v.sentence()).hasValue(kind);
        assertThat(v.state()).isEqualTo(State.LOST);
    }

    @Test
    void whatLinuxSaysOfALostInterruptIsWhatWeSayItSays() throws Exception {
        try (BootedGuest guest = bootWithRamFile("")) {
            Vector v = vector(explain(guest), DISK, 1);
            long ite = hop(v, HopKind.ITE).address().orElseThrow();
            long was = guest.qemu().qtest().read(ite, 4);
            guest.qemu().qtest().write(ite, 4, 0);
            guest.say("read nvme0n1 0");
            String log = guest.say("messages");
            Vector lost = vector(explain(guest), DISK, 1);
            guest.qemu().qtest().write(ite, 4, was);

            assertThat(lost.stoppedAt()).hasValue(HopKind.ITE);
            assertThat(lost.symptom()).contains("completion polled");
            assertThat(log).contains("completion polled");
        }
    }

    @Test
    void aFaultThatTheGuestSawIsInTheReportWithItsMeaning() throws Exception {
        try (BootedGuest guest = bootWithRamFile("")) {
            Vector v = vector(explain(guest), DISK, 1);
            long leaf = hop(v, HopKind.STAGE1).address().orElseThrow();
            long was = guest.qemu().qtest().read(leaf, 8);
            guest.poke(leaf, 0);
            guest.say("read nvme0n1 0");
            ExplainReport report = explain(guest);
            guest.poke(leaf, was);

            assertThat(vector(report, DISK, 1).stoppedAt()).hasValue(HopKind.STAGE1);
            assertThat(guest.say("messages")).contains("event 0x10 received", "completion polled");
            assertThat(report.events().getFirst().type()).isEqualTo("F_TRANSLATION");
            assertThat(report.events().getFirst().device()).hasValue(DISK);
            assertThat(report.events().getFirst().sentence())
                    .contains("address of the device's messages");
            assertThat(explain(guest).allWell()).isTrue();
        }
    }

    @Test
    void theBundleExplainsAsTheLiveGuestDoes() throws Exception {
        try (BootedGuest guest = bootWithRamFile("");
                LiveSystem live = live(guest)) {
            Snapshot snapshot = ExplainLab.capture(live);
            ExplainReport now = ExplainLab.explain(live, ExplainRequest.EVERYTHING);
            Path file = dir.resolve("x.belfry");
            Bundle.write(snapshot, file);

            assertThat(ExplainLab.explain(Bundle.read(file), ExplainRequest.EVERYTHING))
                    .usingRecursiveComparison()
                    .ignoringFields("changes")
                    .isEqualTo(now);
            assertThat(file.toFile().length()).isLessThan(1_000_000);
        }
    }

    @Test
    void aGuestThatBypassesIsFollowedToTheDoorbellItself() throws Exception {
        try (BootedGuest guest = boot(SMMU_AND_ITS, "iommu.passthrough=1")) {
            ExplainReport report = explain(guest);
            assertAllDelivered(report, "bypass");
            assertThat(vector(report, DISK, 1).address()).isEqualTo(0x8090040L);
            assertTheGuestAgreesOnCpus(guest, report);
        }
    }

    @Test
    void aGuestWithGicv2mAndOneCpuIsFollowedToIt() throws Exception {
        try (BootedGuest guest = boot("gic-version=2,iommu=smmuv3", "", "-smp", "1")) {
            ExplainReport report = explain(guest);
            // The disk's two, the root port's one, virtio's two.
            assertThat(used(report)).hasSize(5).allMatch(Vector::delivered);
            Vector v = vector(report, DISK, 1);
            assertThat(v.doorbell()).contains("MSI_SETSPI_NS");
            assertThat(v.cpu()).hasValue(0);
            assertThat(v.policy()).isEqualTo("stage 1");
            int before = guest.interrupts("nvme0q1", 0);
            guest.say("read nvme0n1 0");
            assertThat(guest.interrupts("nvme0q1", 0)).isGreaterThan(before);
        }
    }

    /// QEMU would end if its GICv2's distributor were read.
    @Test
    void aGuestWithGicv2IsFollowedToTheFrameAndLivesOn() throws Exception {
        try (BootedGuest guest = boot("gic-version=2,iommu=smmuv3", "")) {
            ExplainReport report = explain(guest);
            assertThat(used(report)).hasSize(7);
            assertThat(used(report))
                    .allSatisfy(v -> {
                        assertThat(v.state()).as(v.sentence()).isEqualTo(State.UNKNOWN);
                        assertThat(v.doorbell()).contains("MSI_SETSPI_NS");
                        assertThat(v.stoppedAt()).isEmpty();
                    });
            assertThat(report.notes()).anyMatch(n -> n.contains("GICv2 distributor is not read"));
            assertThat(guest.interrupts()).containsKey("nvme0q1");
        }
    }

    @Test
    void theIortIsFoundInMemoryByEveryWayOfReadingIt() throws Exception {
        assumeTrue(
                BootedGuest.uefi().isPresent(),
                "SKIPPED: a guest with ACPI is explained only with BELFRY_UEFI set"
                        + " (scripts/fetch-guest)");
        try (BootedGuest guest =
                boot(SMMU_AND_ITS, "", "-bios", BootedGuest.uefi().orElseThrow())) {
            try (LiveSystem qtest = live(guest);
                    LiveSystem monitor = throughTheMonitor(guest)) {
                for (LiveSystem way : List.of(qtest, monitor)) {
                    ExplainReport report = ExplainLab.explain(way, ExplainRequest.EVERYTHING);
                    assertThat(used(report)).allMatch(Vector::delivered);
                    assertThat(hop(vector(report, DISK, 1), HopKind.STREAM_ID).rule())
                            .as(report.source())
                            .startsWith("The IORT maps requester id 0x10 to StreamID 0x10");
                }
            }
        }
    }
}
