package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.Progress;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.virt.CmdqvUnit;
import dev.belfry.vmm.virt.VirtMachine;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A guest's CMDQV register by register, before any kernel. Offsets, reset values and what leads to
/// what are facts of QEMU's hw/arm/tegra241-cmdqv.c (11.1).
class CmdqvRegistersTest {

    private static final long RAM = 0x4000_0000L;

    private static final int CONFIG = 0;
    private static final int PARAM = 4;
    private static final int STATUS = 8;
    private static final int ALLOC_MAP = 0x200;
    private static final int VINTF_CONFIG = 0x1000;
    private static final int VINTF_STATUS = 0x1004;
    private static final int DIRECT = 0x10000;
    private static final int VINTF_PAGE0 = 0x30000;
    private static final int VINTF_PAGE1 = 0x40000;
    private static final int GERROR = 0x10;
    private static final int INIT_ERR = 1 << 2;

    private VirtMachine vm;
    private CmdqvUnit cmdqv;

    @BeforeEach
    void power() throws Exception {
        String words = Runs.ONE_DEVICE.replace("accel=on", "accel=on,cmdqv=on");
        MachineDescription machine =
                CheckedMachine.accepted(CommandLine.parse(List.of(words.split(" +"))));
        vm =
                Platform.assemble(
                                machine,
                                HostChoice.of(Optional.empty(), machine),
                                RunRequest.Options.DEFAULT,
                                Platform.Conditions.USUAL,
                                Progress.NONE)
                        .vm();
        cmdqv = vm.smmus().getFirst().cmdqv().orElseThrow();
    }

    private long read(long offset) {
        return vm.bus().read(cmdqv.place().mmio().value() + offset, 4);
    }

    private void write(long offset, long value) {
        vm.bus().write(cmdqv.place().mmio().value() + offset, 4, value, PhysicalMemory.CPU);
    }

    private void base(int queue, long value) {
        long at = cmdqv.place().mmio().value() + VINTF_PAGE1 + 0x80L * queue;
        vm.bus().write(at, 8, value, PhysicalMemory.CPU);
    }

    private void enable() {
        write(ALLOC_MAP, 1);
        write(ALLOC_MAP + 4, 1 | 1 << 1);
        write(VINTF_CONFIG, 1);
    }

    private boolean hasQueue(int index) {
        return cmdqv.device().hasQueue(index);
    }

    @Test
    void itSaysVersionOneTwoQueuesOneInterfaceSixteenStreams() {
        assertThat(read(CONFIG)).isEqualTo(0x20083);
        assertThat(read(PARAM)).isEqualTo(0x4011);
        assertThat(read(STATUS)).isEqualTo(1);
        assertThat(read(0x50000 - 4)).isZero();
    }

    @Test
    void theInterfaceIsTheGuestsWhateverItWrites() {
        write(VINTF_CONFIG, 1 << 17 | 1);
        assertThat(read(VINTF_CONFIG)).isEqualTo(1);
        assertThat(read(VINTF_STATUS)).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"BAVC", "ABVC", "VABC", "VBAC", "BVAC", "CBVA", "BACV"})
    void aQueueComesWithTheLastOfBaseAllocationInterfaceAndEnable(String order) {
        write(CONFIG, 0);
        for (int i = 0; i < order.length(); i++) {
            char step = order.charAt(i);
            assertThat(hasQueue(0)).as("before " + step).isFalse();
            switch (step) {
                case 'A' -> write(ALLOC_MAP, 1);
                case 'B' -> base(0, RAM | 8);
                case 'V' -> write(VINTF_CONFIG, 1);
                default -> write(CONFIG, 1);
            }
        }
        assertThat(hasQueue(0)).isTrue();
    }

    @Test
    void whatWasWrittenBeforeTheQueueIsTheHardwaresThen() {
        write(VINTF_PAGE0 + 4, 5);
        write(VINTF_PAGE0, 5);
        write(DIRECT + 8, 1);
        assertThat(read(DIRECT + 4)).as("PROD, through the other aperture").isEqualTo(5);
        assertThat(read(VINTF_PAGE0 + 12)).as("STATUS").isEqualTo(1);
        base(0, RAM | 8);
        enable();
        long exits = cmdqv.frame().exits();
        assertThat(read(VINTF_PAGE0 + 4)).isEqualTo(5);
        assertThat(read(VINTF_PAGE0)).isEqualTo(5);
        assertThat(read(VINTF_PAGE0 + 12)).isEqualTo(1);
        assertThat(cmdqv.frame().exits()).as("none of them reached the VMM").isEqualTo(exits);
        assertThat(read(DIRECT + 4)).as("the direct aperture does").isEqualTo(5);
        assertThat(cmdqv.frame().exits()).isEqualTo(exits + 1);
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource({
        "0x40001000, 9, EINVAL, not aligned to its length",
        "0x40000000, 19, EFAULT, 8 MiB are not contiguous in the host",
        "0x401c0000, 16, EFAULT, crosses the end of a 2 MiB page",
        "0x09000000, 8, ENOENT, no RAM",
    })
    void aQueueThatTheHostDoesNotTakeSaysSoInTheDirectApertureAlone(
            long address, int log2Size, String errno) {
        enable();
        base(0, address | log2Size);
        assertThat(hasQueue(0)).isFalse();
        assertThat(vm.problems())
                .singleElement()
                .asString()
                .contains("VCMDQ 0", errno, "IOMMU_HW_QUEUE_ALLOC");
        assertThat(read(DIRECT + GERROR)).isEqualTo(INIT_ERR);
        assertThat(read(DIRECT + 12)).as("STATUS").isZero();
        write(VINTF_PAGE0 + 8, 1);
        assertThat(read(VINTF_PAGE0 + 12)).as("the hardware has no such queue").isZero();
        assertThat(read(VINTF_PAGE0 + GERROR)).as("so the guest learns no reason").isZero();
        base(0, RAM | 8);
        assertThat(hasQueue(0)).as("a better base does").isTrue();
        assertThat(read(DIRECT + GERROR)).isZero();
    }

    @Test
    void theSecondQueueNeedsTheFirst() {
        enable();
        base(1, RAM | 8);
        assertThat(hasQueue(1)).isFalse();
        assertThat(vm.problems()).singleElement().asString().contains("VCMDQ 1", "EIO");
        base(0, RAM + 0x1000 | 8);
        base(1, RAM | 8);
        assertThat(hasQueue(1)).isTrue();
    }

    @Test
    void aBaseOfZeroTakesNoQueueAway() {
        enable();
        base(0, RAM | 8);
        base(0, 0);
        assertThat(hasQueue(0)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0x0, 0", "0x200, 0", "0x1000, 0"})
    void switchingAnythingOffGivesTheQueueBack(String register, long value) {
        enable();
        base(0, RAM | 8);
        write(Integer.decode(register), value);
        assertThat(hasQueue(0)).isFalse();
        assertThat(vm.problems()).isEmpty();
    }

    @Test
    void aDisabledInterfaceHidesTheHardwaresPage() {
        enable();
        base(0, RAM | 8);
        write(VINTF_CONFIG, 0);
        long exits = cmdqv.frame().exits();
        assertThat(read(VINTF_PAGE0 + 4)).isZero();
        assertThat(cmdqv.frame().exits()).isEqualTo(exits + 1);
    }

    /// QEMU frees a queue before it asks for its successor. The kernel keeps the first queue as
    /// long as the second needs it, and then has it still.
    @Test
    void theFirstQueueCannotBeRenewedWhileTheSecondStands() {
        enable();
        base(0, RAM | 8);
        base(1, RAM + 0x1000 | 8);

        base(0, RAM + 0x2000 | 8);

        assertThat(hasQueue(0)).isFalse();
        assertThat(hasQueue(1)).isTrue();
        assertThat(vm.problems()).hasSize(2);
        assertThat(vm.problems().getFirst()).contains("EBUSY");
        assertThat(vm.problems().getLast()).contains("VCMDQ 0", "EEXIST");
        assertThat(read(DIRECT + GERROR)).isEqualTo(INIT_ERR);
    }

    @Test
    void switchingTheInterfaceOffAndOnRenewsBothFromTheLastOn() {
        enable();
        base(0, RAM | 8);
        base(1, RAM + 0x1000 | 8);
        write(VINTF_PAGE0 + 4, 7);

        write(VINTF_CONFIG, 0);
        write(VINTF_CONFIG, 1);

        assertThat(hasQueue(0)).isTrue();
        assertThat(hasQueue(1)).isTrue();
        assertThat(vm.problems()).isEmpty();
        assertThat(read(DIRECT + 4)).as("PROD is as at reset").isZero();
    }

    @ParameterizedTest(name = "VINTF_INT_MASK {0}")
    @CsvSource({"0, 1", "1, 0", "2, 1"})
    void anErrorOfAQueueIsInItsMapsAndInterruptsUnlessMasked(long mask, int pulses) {
        enable();
        base(0, RAM | 8);
        write(0x1c, mask);
        write(VINTF_PAGE0 + 8, 1);
        int id = cmdqv.place().spi() + 32;
        vm.bus().write(0x0800_0c00L + 4L * (id / 16), 4, 2L << (2 * (id % 16)), PhysicalMemory.CPU);
        vm.bus().write(RAM, 8, 0x04, PhysicalMemory.CPU); // CFGI_STE_RANGE is not for it
        vm.bus().write(RAM + 8, 8, 31, PhysicalMemory.CPU);

        write(VINTF_PAGE0 + 4, 1);

        assertThat(read(0x14)).as("VI_ERR_MAP").isEqualTo(1);
        assertThat(read(0x24)).as("CMDQ_ERR_MAP").isEqualTo(1);
        assertThat(read(0x10c0)).as("VINTF0_LVCMDQ_ERR_MAP").isEqualTo(1);
        assertThat((vm.bus().read(0x0800_0200L + 4L * (id / 32), 4) >>> (id % 32)) & 1)
                .as("GICD_ISPENDR")
                .isEqualTo(pulses);
        write(0x14, 0);
        write(0x24, 0);
        assertThat(read(0x14)).as("the guest cannot clear it").isEqualTo(1);
    }

    @Test
    void halvesOfTheBaseAreWrittenAloneAndEightBytesOnlyThere() {
        write(VINTF_PAGE1, 0x4000_0008L);
        write(VINTF_PAGE1 + 4, 0x12);
        assertThat(vm.bus().read(cmdqv.place().mmio().value() + VINTF_PAGE1, 8))
                .isEqualTo(0x12_4000_0008L);
        vm.bus().write(cmdqv.place().mmio().value() + ALLOC_MAP, 8, -1L, PhysicalMemory.CPU);
        assertThat(read(ALLOC_MAP)).as("an 8-byte write to a 4-byte register").isZero();
    }

    @Test
    void nothingOutsideItsRegistersHoldsAnything() {
        for (int offset : new int[] {0x28000, 0x30100, 0x40100, 0x4fffc, 0x3000, 0xc, 0x10100}) {
            write(offset, 0xffff_ffffL);
            assertThat(read(offset)).isZero();
        }
    }
}
