package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.run.RunRequest.Doorbell;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What becomes of a vector when the doorbell's address is learnt in another way, or the guest's
/// stage 1 lacks the host's window.
class DoorbellRunsTest {

    private static final long GITS_TRANSLATER = 0x0809_0040L;
    private static final long SW_MSI_DOORBELL = 0x0800_0040L;

    @Test
    void passthroughInstallsABypassSteAndIsDelivered() throws Exception {
        RunReport report = Runs.run(Runs.ONE_DEVICE, "-append", "quiet iommu.passthrough=1");

        assertThat(report.allWell()).isTrue();
        assertThat(report.vectors()).isNotEmpty();
        assertThat(report.devices())
                .first()
                .extracting(RunReport.Device::policy)
                .isEqualTo("bypass");
        assertThat(report.vectors())
                .allSatisfy(v -> assertThat(v.way().giova()).hasValue(GITS_TRANSLATER));
    }

    @Test
    void passthroughWorksWithoutRmr() throws Exception {
        for (String spelling : List.of("1", "on", "y", "true")) {
            RunReport report =
                    Runs.run(
                            Runs.withoutRmr(),
                            Runs.ONE_DEVICE,
                            "-append",
                            "iommu.passthrough=" + spelling);

            assertThat(report.allWell()).as(spelling).isTrue();
            assertThat(report.devices().getFirst().policy()).as(spelling).isEqualTo("bypass");
        }
    }

    @Test
    void withoutRmrEveryInterruptBecomesAnEventOfTheGuest() throws Exception {
        RunReport report = Runs.run(Runs.withoutRmr(), Runs.ONE_DEVICE);

        assertThat(report.vectors()).isNotEmpty().noneMatch(RunReport.Vector::delivered);
        assertThat(report.vectors())
                .allSatisfy(v -> {
                    assertThat(v.stoppedAt()).contains(HopKind.STAGE1);
                    assertThat(v.sentence())
                            .contains("in the physical SMMU", "stage 1", "SW_MSI window", "RMR");
                    assertThat(v.way().hostIova()).hasValue(SW_MSI_DOORBELL);
                    assertThat(v.way().hostDoorbell()).isEmpty();
                });
        assertThat(report.events())
                .filteredOn(e -> e.where() == Where.GUEST)
                .hasSameSizeAs(report.vectors())
                .allSatisfy(e -> {
                    assertThat(e.where()).isEqualTo(Where.GUEST);
                    assertThat(e.type()).isEqualTo("F_TRANSLATION");
                    assertThat(e.streamId()).isEqualTo(0x900);
                    assertThat(e.address()).hasValue(SW_MSI_DOORBELL);
                    assertThat(e.sentence()).contains("lost interrupt");
                });
        assertThat(report.dma()).hasSize(2).allMatch(RunReport.Dma::verified);
    }

    @Test
    void eachFaultIsTheLastHopBeforeTheCpu() throws Exception {
        RunReport report = Runs.run(Runs.withoutRmr(), Runs.ONE_DEVICE);

        for (RunReport.Vector v : report.vectors()) {
            List<Hop> hops = v.hops();
            assertThat(hops.getLast().kind()).isEqualTo(HopKind.CPU);
            assertThat(hops.getLast().verdict()).isEqualTo(Verdict.SKIPPED);
            assertThat(hops.get(hops.size() - 2).verdict()).isEqualTo(Verdict.BROKEN);
        }
    }

    @Test
    void aSoftwareWalkFindsTheSameDoorbellAsTheDirectCallback() throws Exception {
        RunReport direct = Runs.run(Runs.ONE_DEVICE);
        RunReport walked = Runs.run(Runs.doorbell(Doorbell.WALK), Runs.ONE_DEVICE);

        assertThat(walked.allWell()).isTrue();
        assertThat(walked.vectors().stream().map(RunReport.Vector::way))
                .isEqualTo(direct.vectors().stream().map(RunReport.Vector::way).toList());
        assertThat(routeRule(direct.vectors().getFirst())).contains("hands over the doorbell");
        assertThat(routeRule(walked.vectors().getFirst())).contains("software walk");
    }

    @Test
    void theGlobalAddressSpaceKeepsTheGuestsAddressAndTheReportNamesIt() throws Exception {
        RunReport report = Runs.run(Runs.doorbell(Doorbell.GLOBAL_AS), Runs.ONE_DEVICE);

        assertThat(report.vectors())
                .isNotEmpty()
                .allSatisfy(v -> {
                    assertThat(v.delivered()).isFalse();
                    assertThat(v.stoppedAt()).contains(HopKind.INJECT);
                    assertThat(v.sentence()).contains("address space", "global one");
                    assertThat(v.way().routeAddress()).isEqualTo(v.way().giova());
                    assertThat(v.way().giova()).isNotEqualTo(v.way().guestDoorbell());
                    assertThat(routeRule(v)).contains("global one");
                });
    }

    @Test
    void theGlobalAddressSpaceHarmsNothingWhereTheGuestWritesTheDoorbellItself() throws Exception {
        RunReport report =
                Runs.run(
                        Runs.doorbell(Doorbell.GLOBAL_AS),
                        Runs.ONE_DEVICE,
                        "-append",
                        "iommu.passthrough=1");

        assertThat(report.allWell()).isTrue();
    }

    private static String routeRule(RunReport.Vector v) {
        return v.hops().stream()
                .filter(h -> h.kind() == HopKind.ROUTE)
                .findFirst()
                .orElseThrow()
                .rule();
    }
}
