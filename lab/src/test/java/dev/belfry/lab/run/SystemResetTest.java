package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.iommufd.IommufdView;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.FaultInjection;
import dev.belfry.host.uapi.Ioctl;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `system_reset`: nothing of the guest before stays, and everything works for the next.
class SystemResetTest {

    @TempDir Path directory;

    private static List<IommufdView.ObjectInfo> objects(RunSession vm) {
        return vm.platform().vm().passedThrough().iommufds().getFirst().inspect().objects();
    }

    @Test
    void theGuestBootsAgainAndItsInterruptsFlow() throws Exception {
        try (RunSession vm = PlugScene.start(directory)) {
            for (int round = 0; round < 3; round++) {
                Step step = vm.perform(new Action.SystemReset());
                assertThat(step.outcome()).as(step.sentence()).isEqualTo(Step.Outcome.DONE);
                assertThat(step.vectors()).hasSize(3).allMatch(RunReport.Vector::delivered);
                assertThat(step.dma()).hasSize(2).allMatch(RunReport.Dma::verified);
            }
            assertThat(vm.finish().allWell()).isTrue();
        }
    }

    @Test
    void rightAfterTheResetNothingOfTheOldGuestIsLeft() throws Exception {
        try (RunSession vm = PlugScene.start(directory)) {
            Platform p = vm.platform();
            var device = p.vm().passedThrough().devices().getFirst();
            assertThat(device.vfio().device().vectors()).isNotEmpty();
            long nested = nested(vm);
            p.vm().reset();
            assertThat(device.vfio().device().vectors()).as("vectors").isEmpty();
            assertThat(device.route(0)).as("routes").isEmpty();
            assertThat(nested(vm)).as("the STE's nested HWPT").isEqualTo(nested - 1);
            var smmu = p.vm().smmus().getFirst();
            assertThat(smmu.engine().read(0x20, 4)).as("CR0").isZero();
            assertThat(
                            smmu.accelerated().orElseThrow().stream(device.function())
                                    .orElseThrow()
                                    .policy())
                    .isEqualTo("bypass (GBPA)");
            assertThat(p.vm().bus().read(0x0808_0000L, 4) & 1).as("GITS_CTLR.Enabled").isZero();
        }
    }

    private static long nested(RunSession vm) {
        return objects(vm).stream().filter(o -> o.kind().contains("nested")).count();
    }

    @Test
    void whatWasPluggedInStaysAndMayLeave() throws Exception {
        try (RunSession vm = PlugScene.start(directory)) {
            assertThat(vm.perform(PlugScene.second()).outcome()).isEqualTo(Step.Outcome.DONE);
            Step step = vm.perform(new Action.SystemReset());
            assertThat(step.outcome()).as(step.sentence()).isEqualTo(Step.Outcome.DONE);
            assertThat(step.vectors()).hasSize(7).allMatch(RunReport.Vector::delivered);
            assertThat(vm.perform(new Action.Fire("hot0", OptionalInt.of(1))).outcome())
                    .isEqualTo(Step.Outcome.DONE);
            Step gone = vm.perform(new Action.DeviceDel("hot0"));
            assertThat(gone.outcome()).as(gone.sentence()).isEqualTo(Step.Outcome.DONE);
            assertThat(vm.perform(new Action.SystemReset()).vectors()).hasSize(3);
        }
    }

    @Test
    void withCommandQueuesOfItsOwnTheGuestGetsThemAgain() throws Exception {
        try (RunSession vm = PlugScene.withCmdqv(directory)) {
            Step step = vm.perform(new Action.SystemReset());
            assertThat(step.outcome()).as(step.sentence()).isEqualTo(Step.Outcome.DONE);
            assertThat(vm.report().allWell()).isTrue();
        }
    }

    @Test
    void anEmulatedMachineBootsAgainToo() throws Exception {
        for (String machine : List.of("gic-version=2", "gic-version=3")) {
            try (RunSession vm = PlugScene.emulated(directory, machine)) {
                Step step = vm.perform(new Action.SystemReset());
                assertThat(step.outcome())
                        .as(machine + step.sentence())
                        .isEqualTo(Step.Outcome.DONE);
                assertThat(step.vectors()).isNotEmpty();
            }
        }
    }

    @Test
    void aHostThatRefusesTheResetIsTold() throws Exception {
        FaultInjection.Failure refused =
                new FaultInjection.Failure(Ioctl.VFIO_DEVICE_RESET, 1, Errno.EBUSY);
        try (RunSession vm = PlugScene.start(directory, refused)) {
            vm.perform(new Action.SystemReset());
            assertThat(vm.platform().vm().problems())
                    .anyMatch(p -> p.contains("resetting") && p.contains("EBUSY"));
        }
    }
}
