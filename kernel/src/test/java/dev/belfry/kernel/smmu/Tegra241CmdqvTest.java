package dev.belfry.kernel.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.kernel.RegisterStub;
import dev.belfry.kernel.TestMachine;
import dev.belfry.kernel.iopgtable.Protection;
import dev.belfry.kernel.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Offsets and order are those of Linux's `tegra241-cmdqv.c` (`__tegra241_cmdqv_probe`,
/// `tegra241_cmdqv_hw_reset`), values those that QEMU gives its guests: PARAM 0x4011.
class Tegra241CmdqvTest {

    private static final long BASE = 0xc08_0000;
    private static final String NAME = "cmdqv";

    private final TestMachine machine = new TestMachine(512 << 20, 2);
    private final PageAllocator pages =
            new PageAllocator(machine, TestMachine.RAM_BASE, 512 << 20, 7);
    private final SmmuStub smmu = new SmmuStub(machine);
    private final Frame frame = new Frame();

    /// As much of it as the driver waits for. HYP_OWN cannot be set.
    private final class Frame extends RegisterStub {
        private final List<Integer> opcodes = new ArrayList<>();
        private boolean dead;

        Frame() {
            super(0x50000);
            set(0x4, 0x4011);
            set(0x0, 0x20083);
            set(0x8, 1);
            machine.add(NAME, BASE, this);
        }

        @Override
        public void write(long offset, int width, long value, int requester) {
            set(offset, value);
            switch ((int) offset) {
                case 0 -> set(8, value & 1);
                case 0x1000 -> {
                    set(0x1000, value & ~(1L << 17));
                    set(0x1004, value & 1);
                }
                case 0x30008, 0x30088 -> set(offset + 4, dead ? 0 : value & 1);
                case 0x30004, 0x30084 -> consume(offset - 4, offset + 0x10000 - 4);
                default -> {}
            }
        }

        private void consume(long cons, long base) {
            long at = get(base) & 0xffff_ffff_ffe0L;
            while (get(cons + 8) == 1 && get(cons) != get(cons + 4)) {
                opcodes.add((int) machine.read(at + 16 * get(cons), 8) & 0xff);
                set(cons, get(cons) + 1);
            }
        }
    }

    private SmmuDriver driver() {
        SmmuFeatures features =
                ((SmmuDriver.Probe.Usable) SmmuDriver.probe(machine, SmmuStub.BASE, true))
                        .features();
        SmmuDriver driver =
                new SmmuDriver(machine, pages, SmmuStub.BASE, features, SmmuDriver.Options.DEFAULT);
        assertThat(driver.reset()).isTrue();
        return driver;
    }

    private Tegra241Cmdqv queues() {
        return new Tegra241Cmdqv(machine, pages, BASE, 8);
    }

    private static String queueReset(long base, String status) {
        long page0 = 0x30000 + base;
        long page1 = 0x40000 + base;
        return """
        write %x 0
        read %x %s
        write %x 0
        write %x 0
        write %x 0
        write %x 0
        read %x 0
        read %x 0
        """
                .formatted(
                        page0 + 8,
                        page0 + 12,
                        status,
                        page0 + 4,
                        page0,
                        page1,
                        page1 + 8,
                        page0 + 0x10,
                        page0 + 0x14);
    }

    @Test
    void registersAreTouchedInLinuxsOrder() {
        Tegra241Cmdqv queues = queues();
        assertThat(driver().use(queues)).isTrue();

        long first = queues.queues().get(0).base() | 8;
        long second = queues.queues().get(1).base() | 8;
        String expected =
                "read 0 20083\nread 4 4011\n"
                        + "read 0 20083\nwrite 0 20082\nread 8 0\nwrite 0 20083\nread 8 1\n"
                        + "write 200 1\nwrite 204 3\n"
                        + queueReset(0, "0")
                        + queueReset(0x80, "0")
                        + "write 1000 0\nread 1004 0\n"
                        + "write 1000 20000\nwrite 1000 20001\nread 1004 1\nread 1000 1\n"
                        + queueReset(0, "0")
                        + "write 40000 %x\nwrite 30008 1\nread 3000c 1\n".formatted(first)
                        + queueReset(0x80, "0")
                        + "write 40080 %x\nwrite 30088 1\nread 3008c 1\n".formatted(second);
        assertThat(
                        machine.accessesTo(NAME).stream()
                                .map(a ->
                                        "%s %x %x"
                                                .formatted(
                                                        a.write() ? "write" : "read",
                                                        a.offset(),
                                                        a.value()))
                                .toList())
                .containsExactlyElementsOf(expected.lines().toList());
    }

    @Test
    void invalidationsOfAddressesGoToItsQueueAndConfigurationToTheSmmus() {
        SmmuDriver driver = driver();
        driver.use(queues());
        long before = driver.commandQueue().issued();
        Stage1Domain domain = driver.createStage1(0);
        driver.attach(0x10, domain, true);
        assertThat(driver.commandQueue().issued()).as("CFGI_STE, CFGI_CD").isGreaterThan(before);
        assertThat(frame.opcodes).isEmpty();

        long main = driver.commandQueue().issued();
        domain.map(0x10000, TestMachine.RAM_BASE, 0x1000, Protection.DMA);
        domain.unmap(0x10000, 0x1000);
        domain.flushAll();
        assertThat(frame.opcodes)
                .as("TLBI_NH_VA, SYNC, ATC_INV, SYNC, TLBI_NH_ASID, SYNC, ATC_INV, SYNC")
                .containsExactly(0x12, 0x46, 0x40, 0x46, 0x11, 0x46, 0x40, 0x46);
        assertThat(driver.commandQueue().issued()).isEqualTo(main);
    }

    @Test
    void aQueueThatIsNotEnabledCostsTheWholeSmmuAsInLinux() {
        SmmuDriver driver = driver();
        frame.dead = true;
        assertThat(driver.use(queues())).isFalse();
        assertThat(smmu.get(0x20)).as("CR0").isZero();
        assertThat(frame.get(0x1000)).as("VINTF CONFIG").isZero();
    }

    @Test
    void bypassSetsQueuesUpButDoesNotUseThem() {
        SmmuDriver driver = driver();
        Tegra241Cmdqv queues = queues();
        queues.bypass();
        assertThat(driver.use(queues)).isTrue();
        driver.createStage1(0).flushAll();
        assertThat(frame.opcodes).isEmpty();
        assertThat(queues.inUse()).isFalse();
    }

    @Test
    void anIllegalCommandOfAQueueIsReplacedWhenItsInterruptComes() {
        SmmuDriver driver = driver();
        Tegra241Cmdqv queues = queues();
        driver.use(queues);
        long slot = queues.queues().getFirst().base();
        machine.write(slot, 8, 0x30);
        frame.set(0x30000, 1 << 24);
        frame.set(0x30010, 1);
        frame.set(0x14, 1);
        frame.set(0x10c0, 1);
        assertThat(queues.handleErrors()).isEqualTo(1);
        assertThat(machine.read(slot, 8) & 0xff).isEqualTo(0x46);
        assertThat(frame.get(0x30014)).as("GERRORN").isEqualTo(1);
    }
}
