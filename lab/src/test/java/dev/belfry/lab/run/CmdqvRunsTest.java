package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.FaultInjection;
import dev.belfry.host.uapi.FaultInjection.Failure;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.kernel.smmu.CommandQueue;
import dev.belfry.kernel.smmu.SmmuDriver;
import dev.belfry.kernel.smmu.Tegra241Cmdqv;
import dev.belfry.lab.InputError;
import dev.belfry.lab.Progress;
import dev.belfry.lab.run.RunRequest.Doorbell;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.virt.SmmuUnit;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whole machines with a Tegra241 CMDQV: what goes past the VMM, and what happens when there is
/// none or the host refuses.
class CmdqvRunsTest {

    private static final String ON = Runs.ONE_DEVICE.replace("accel=on", "accel=on,cmdqv=on");
    private static final String HUGE =
            " -machine memory-backend=r -object"
                    + " memory-backend-file,id=r,size=512M,mem-path=/dev/hugepages";
    private static final Bdf DEVICE = new Bdf(0, 9, 0, 0);

    private static RunReport.Cmdqv cmdqv(RunReport report) {
        return report.machine().smmus().getFirst().commands().cmdqv().orElseThrow();
    }

    private static Platform boot(String commandLine, IoctlFilter filter) throws InputError {
        MachineDescription machine =
                CheckedMachine.accepted(CommandLine.parse(List.of(commandLine.split(" +"))));
        return Platform.boot(
                machine,
                HostChoice.of(java.util.Optional.empty(), machine),
                RunRequest.Options.DEFAULT,
                new Platform.Conditions(true, OptionalLong.empty(), filter),
                Progress.NONE);
    }

    @Test
    void invalidationsGoToTheHardwareAndTheVmmSeesNoneOfThem() throws Exception {
        Platform platform = Runs.boot(ON);
        SmmuUnit unit = platform.vm().smmus().getFirst();
        Tegra241Cmdqv driver = platform.guest().smmu(0).flatMap(SmmuDriver::cmdqv).orElseThrow();
        long trapped = unit.engine().commandsConsumed();
        long exits = unit.cmdqv().orElseThrow().frame().exits();
        long past = unit.cmdqv().orElseThrow().frame().past();
        long issued = driver.queues().getFirst().issued();

        platform.guest().copy(DEVICE);

        assertThat(platform.guest().report().dma()).allMatch(t -> t.verified());
        assertThat(driver.queues().getFirst().issued()).isGreaterThan(issued);
        assertThat(unit.engine().commandsConsumed()).as("trapped commands").isEqualTo(trapped);
        assertThat(unit.cmdqv().get().frame().exits()).as("exits to the VMM").isEqualTo(exits);
        assertThat(unit.cmdqv().get().frame().past()).isGreaterThan(past);
    }

    @Test
    void theHardwaresCountIsTheGuests() throws Exception {
        Platform platform = Runs.boot(ON);
        platform.guest().copy(DEVICE);
        long issued =
                platform.guest().smmu(0).flatMap(SmmuDriver::cmdqv).orElseThrow().queues().stream()
                        .mapToLong(CommandQueue::issued)
                        .sum();
        RunReport report = new Reporter(platform).report(List.of(), List.of());
        assertThat(cmdqv(report).commands()).isEqualTo(issued).isPositive();
        assertThat(cmdqv(report).queues()).isEqualTo(2);
    }

    @Test
    void whatTheGuestUnmappedTheDeviceCannotReachAnyMore() throws Exception {
        Platform platform = Runs.boot(ON);
        platform.guest().copy(DEVICE);
        var device = platform.host().machine().function(new Bdf(9, 1, 0, 0)).orElseThrow();
        assertThat(platform.guest().report().dma())
                .isNotEmpty()
                .allSatisfy(t ->
                        assertThat(device.dmaRead(t.address(), new byte[4]))
                                .as("the TLB has it no more")
                                .isFalse());
    }

    @Test
    void withCmdqvOffEverythingIsTrapped() throws Exception {
        RunReport off = Runs.run(Runs.ONE_DEVICE.replace("accel=on", "accel=on,cmdqv=off"));
        RunReport on = Runs.run(ON);
        assertThat(off.machine().smmus().getFirst().commands().cmdqv()).isEmpty();
        assertThat(off.machine().smmus().getFirst().commands().trapped())
                .as("commands trapped without CMDQV, with it, and past the VMM")
                .isEqualTo(
                        on.machine().smmus().getFirst().commands().trapped()
                                + cmdqv(on).commands());
        assertThat(on.allWell()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "arm-smmu-v3.disable_cmdqv=1, 0, 0",
        "arm-smmu-v3.bypass_vcmdq=1, 2, 0",
    })
    void aGuestMayDoWithoutItsQueues(String append, int queues, long commands) throws Exception {
        RunReport report = Runs.run(ON, "-append", append);
        assertThat(report.allWell()).isTrue();
        assertThat(cmdqv(report).queues()).isEqualTo(queues);
        assertThat(cmdqv(report).commands()).isEqualTo(commands);
    }

    @Test
    void aPassthroughGuestHasQueuesAndLittleUseForThem() throws Exception {
        RunReport report = Runs.run(ON, "-append", "iommu.passthrough=1");
        assertThat(report.allWell()).isTrue();
        assertThat(cmdqv(report).queues()).isEqualTo(2);
    }

    @Test
    void queuesFitIntoOnePageOfGuestMemory() throws Exception {
        assertThat(queueLog2(ON)).as("4 KiB / 16").isEqualTo(8);
        assertThat(queueLog2(ON + HUGE)).as("2 MiB / 16").isEqualTo(17);
        assertThat(queueLog2(ON + " -mem-path /mnt/huge_1G")).as("QEMU's most").isEqualTo(19);
        assertThat(queueLog2(Runs.ONE_DEVICE)).as("without queues").isEqualTo(19);
    }

    /// IDR1.CMDQS.
    private static long queueLog2(String commandLine) throws InputError {
        Platform platform = Runs.boot(commandLine);
        long base = platform.vm().smmus().getFirst().described().mmio().value();
        return platform.vm().bus().read(base + 4, 4) >>> 21 & 0x1f;
    }

    @Test
    void framesFollowAllDevicesOnThePlatformBus() throws Exception {
        String two =
                Runs.KVM
                        + Runs.accelerated(1, 8)
                        + ",cmdqv=on"
                        + Runs.device("0009:01:00.0", 1)
                        + Runs.accelerated(2, 16)
                        + ",cmdqv=on"
                        + Runs.device("0002:01:00.0", 2);
        RunReport report = Runs.run(two);
        assertThat(report.allWell()).isTrue();
        assertThat(report.machine().smmus())
                .extracting(s -> s.commands().cmdqv().orElseThrow())
                .extracting(c -> Long.toHexString(c.base()) + " " + c.intid())
                .as("SMMUs take 0xc000000, 0xc020000 and INTIDs 144 to 151")
                .containsExactly("c080000 152", "c100000 153");
        assertThat(report.machine().smmus())
                .allSatisfy(s ->
                        assertThat(s.commands().cmdqv().orElseThrow().commands()).isPositive());
    }

    @Test
    void aHostsCmdqvIsTakenUnlessItIsSwitchedOff() throws Exception {
        RunReport auto = Runs.onHost("grace", Runs.ONE_DEVICE);
        assertThat(auto.allWell()).isTrue();
        assertThat(cmdqv(auto).queues()).isEqualTo(2);
        assertThat(auto.notes()).anyMatch(n -> n.text().contains("cmdqv=on, as the host has it"));
        RunReport off =
                Runs.onHost("grace", Runs.ONE_DEVICE.replace("accel=on", "accel=on,cmdqv=off"));
        assertThat(off.machine().smmus().getFirst().commands().cmdqv()).isEmpty();
    }

    @Test
    void withoutOneCmdqvOnIsRefusedAndAutoIsNot() throws Exception {
        String hisi = ON.replace("0009:01:00.0", "0000:7d:02.1");
        assertThatThrownBy(() -> Runs.onHost("kunpeng920", hisi))
                .isInstanceOf(InputError.class)
                .hasMessageContainingAll(
                        "CMDQV requested but not supported", "write cmdqv=off or cmdqv=auto");
        RunReport auto = Runs.onHost("kunpeng920", hisi.replace("cmdqv=on", "cmdqv=auto"));
        assertThat(auto.machine().smmus().getFirst().commands().cmdqv()).isEmpty();
    }

    @Test
    void aWalkOfTheGuestsTablesIsRefusedWithTheReason() {
        assertThatThrownBy(() -> Runs.run(Runs.doorbell(Doorbell.WALK), ON))
                .isInstanceOf(InputError.class)
                .hasMessageContainingAll(
                        "walking the guest's tables",
                        "past the VMM",
                        "--doorbell direct, or write cmdqv=off");
    }

    @ParameterizedTest
    @CsvSource({
        "IOMMU_VIOMMU_ALLOC, 1, ENOSPC",
        "IOMMU_VEVENTQ_ALLOC, 1, ENOMEM",
        "IOMMU_GET_HW_INFO, 1, EFAULT",
        "IOMMU_HWPT_ALLOC, 2, ENOMEM",
    })
    void whatTheHostRefusesAtTheStartEndsIt(Ioctl call, int nth, Errno errno) {
        FaultInjection filter = new FaultInjection(List.of(new Failure(call, nth, errno)));
        assertThatThrownBy(() -> boot(ON, filter))
                .isInstanceOf(CommandLineError.class)
                .hasMessageContaining(errno.name());
    }

    @ParameterizedTest
    @CsvSource({"1, ENOMEM", "2, EFAULT"})
    void aQueueThatTheHostRefusesCostsTheGuestItsSmmuButNotTheMachine(int nth, Errno errno)
            throws Exception {
        FaultInjection filter =
                new FaultInjection(List.of(new Failure(Ioctl.IOMMU_HW_QUEUE_ALLOC, nth, errno)));
        Platform platform = boot(ON, filter);
        assertThat(platform.vm().problems())
                .anyMatch(p -> p.contains("VCMDQ " + (nth - 1)) && p.contains(errno.name()));
        assertThat(platform.guest().report().problems())
                .anyMatch(p -> p.contains("CMDQ-V cannot be enabled"));
        assertThat(platform.guest().smmu(0)).isEmpty();
        platform.guest().copy(DEVICE);
        assertThat(platform.guest().report().dma()).hasSize(2).allMatch(t -> t.verified());
        assertThat(kinds(platform)).doesNotContain("a hardware queue");
    }

    private static List<String> kinds(Platform platform) {
        return platform
                .vm()
                .passedThrough()
                .devices()
                .getFirst()
                .vfio()
                .iommufd()
                .inspect()
                .objects()
                .stream()
                .map(o -> o.kind())
                .toList();
    }

    @Test
    void nothingIsLeftWhenTheDeviceLeaves() throws Exception {
        Platform platform = Runs.boot(ON);
        SmmuUnit unit = platform.vm().smmus().getFirst();
        assertThat(kinds(platform)).contains("a hardware queue", "a vEVENTQ", "a vIOMMU");
        unit.accelerated()
                .orElseThrow()
                .unsetIommuDevice(platform.vm().passedThrough().devices().getFirst().function());
        assertThat(kinds(platform))
                .doesNotContain("a hardware queue", "a vEVENTQ", "a vIOMMU", "a vDEVICE");
        assertThat(platform.vm().problems()).isEmpty();
    }

    @Test
    void theDeviceThatTheQueuesCameWithMustStay() throws Exception {
        Platform with = Runs.boot(ON);
        Platform without = Runs.boot(Runs.ONE_DEVICE);
        assertThat(blocker(with)).hasValueSatisfying(w -> assertThat(w).contains("CMDQV"));
        assertThat(blocker(without)).isEmpty();
    }

    private static java.util.Optional<String> blocker(Platform platform) {
        var function = platform.vm().passedThrough().devices().getFirst().function();
        return platform.vm()
                .smmus()
                .getFirst()
                .accelerated()
                .flatMap(a -> a.unplugBlocker(function));
    }

    @Test
    void aDeviceThatComesBackBringsTheQueuesBack() throws Exception {
        Platform platform = Runs.boot(ON);
        var device = platform.vm().passedThrough().devices().getFirst();
        var smmu = platform.vm().smmus().getFirst();
        smmu.accelerated().orElseThrow().unsetIommuDevice(device.function());
        assertThat(smmu.cmdqv().orElseThrow().device().hasQueue(0)).isFalse();
        smmu.accelerated().orElseThrow().setIommuDevice(device.function(), device.vfio()).orThrow();
        assertThat(smmu.cmdqv().get().device().hasQueue(0)).isTrue();
        assertThat(smmu.cmdqv().get().device().hasQueue(1)).isTrue();
    }

    @Test
    void resetGivesTheQueuesBackAndANewKernelGetsThemAgain() throws Exception {
        Platform platform = Runs.boot(ON);
        var cmdqv = platform.vm().smmus().getFirst().cmdqv().orElseThrow();
        cmdqv.device().reset();
        assertThat(kinds(platform)).doesNotContain("a hardware queue").contains("a vIOMMU");
        long base = cmdqv.place().mmio().value();
        assertThat(platform.vm().bus().read(base, 4)).as("CONFIG").isEqualTo(0x20083);
        assertThat(platform.vm().bus().read(base + 0x1000, 4)).as("VINTF CONFIG").isZero();
    }

    @Test
    void anIllegalCommandStopsTheQueueAndTheGuestIsInterrupted() throws Exception {
        Platform platform = Runs.boot(ON);
        var bus = platform.vm().bus();
        long base = platform.vm().smmus().getFirst().cmdqv().orElseThrow().place().mmio().value();
        // CFGI_STE_RANGE in the first queue; PROD by one.
        long queue = bus.read(base + 0x40000, 8) & 0xffff_ffff_ffe0L;
        long prod = bus.read(base + 0x30004, 4);
        bus.write(queue + 16 * (prod & 0xff), 8, 0x04);
        bus.write(queue + 16 * (prod & 0xff) + 8, 8, 31);
        bus.write(base + 0x30004, 4, prod + 1);
        assertThat(bus.read(base + 0x14, 4)).as("VINTF_ERR_MAP").isEqualTo(1);
        assertThat(bus.read(base + 0x10c0, 4)).as("LVCMDQ_ERR_MAP").isEqualTo(1);
        assertThat(bus.read(base + 0x24, 4)).as("CMDQ_ERR_MAP").isEqualTo(1);
        assertThat(bus.read(base + 0x30000, 4) >>> 24).as("CONS.ERR").isEqualTo(1);
        assertThat(platform.guest().takeInterrupts()).isPositive();
        assertThat(platform.guest().report().problems())
                .anyMatch(p -> p.contains("queues of its CMDQ-V stopped, map 0x1"));
        assertThat(bus.read(base + 0x30000, 4) & 0xfffff).as("it went on").isEqualTo(prod + 1);
    }
}
