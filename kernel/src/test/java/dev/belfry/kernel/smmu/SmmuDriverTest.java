package dev.belfry.kernel.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.kernel.Captured;
import dev.belfry.kernel.TestMachine;
import dev.belfry.kernel.TestMachine.Access;
import dev.belfry.kernel.iopgtable.Protection;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.smmu.spec.EventRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SmmuDriverTest {

    private final TestMachine machine = new TestMachine(512 << 20, 2);
    private final PageAllocator pages =
            new PageAllocator(machine, TestMachine.RAM_BASE, 512 << 20, 42);
    private final SmmuStub smmu = new SmmuStub(machine);

    private SmmuDriver probed() {
        SmmuDriver.Probe probe = SmmuDriver.probe(machine, SmmuStub.BASE, true);
        assertThat(probe).isInstanceOf(SmmuDriver.Probe.Usable.class);
        SmmuFeatures features = ((SmmuDriver.Probe.Usable) probe).features();
        return new SmmuDriver(machine, pages, SmmuStub.BASE, features, SmmuDriver.Options.DEFAULT);
    }

    private SmmuDriver running() {
        SmmuDriver driver = probed();
        assertThat(driver.reset()).isTrue();
        return driver;
    }

    private Stage1Domain attachNew(SmmuDriver driver, int streamId) {
        Stage1Domain domain = driver.createStage1(0);
        driver.attach(streamId, domain);
        domain.flushAll();
        return domain;
    }

    /// Table and queue addresses are each guest's own.
    private static String withoutAddress(Access access) {
        boolean base =
                access.offset() == 0x80 || access.offset() == 0x90 || access.offset() == 0xa0;
        long value = base ? access.value() & 0xfff0_0000_0000_001fL : access.value();
        return new Access(access.write(), access.device(), access.offset(), value, access.width())
                .toString();
    }

    @Test
    void registersAreTouchedInTheOrderOfARealGuest() {
        SmmuDriver driver = running();
        attachNew(driver, 0x18);
        attachNew(driver, 0x28);
        attachNew(driver, 0x10);
        List<String> real =
                Captured.accesses("smmu-mmio.txt", SmmuStub.NAME).stream()
                        .map(SmmuDriverTest::withoutAddress)
                        .toList();
        List<String> ours =
                machine.accessesTo(SmmuStub.NAME).stream()
                        .map(SmmuDriverTest::withoutAddress)
                        .toList();
        assertThat(ours).startsWith(real.toArray(String[]::new));
    }

    private List<Long> queued(SmmuDriver driver) {
        List<Long> words = new ArrayList<>();
        for (int i = 0; i < 2 * driver.commandQueue().prod(); i++) {
            words.add(machine.read(driver.commandQueue().base() + 8L * i, 8));
        }
        return words;
    }

    @Test
    void commandsOfAttachingAndUnmappingAreThoseOfARealGuest() {
        SmmuDriver driver = running();
        Stage1Domain first = attachNew(driver, 0x18);
        Stage1Domain second = attachNew(driver, 0x28);
        Stage1Domain nvme = attachNew(driver, 0x10);
        for (int i = 0; i < 5; i++) {
            mapAndUnmap(nvme, 0xffff_c000L, 0x1000);
        }
        for (int i = 0; i < 7; i++) {
            mapAndUnmap(nvme, 0xfffb_f000L, 0x1000);
        }
        joinTwice(driver, first, 0x100);
        joinTwice(driver, second, 0x200);
        for (long page : new long[] {0xffff_6000L, 0xffff_9000L, 0xffff_8000L, 0xffff_7000L}) {
            mapAndUnmap(first, page, 0x1000);
        }
        attachNew(driver, 0x20);
        for (long buffer : new long[] {0xfff8_0000L, 0xfff6_0000L, 0xfff8_0000L}) {
            mapAndUnmap(nvme, buffer, 0x2_0000);
        }
        List<Long> real = Captured.words("smmu-commands-translated.bin").subList(0, 2 * 106);
        assertThat(queued(driver)).isEqualTo(real);
    }

    /// A device behind a root port joins the port's domain, and is attached once more when its
    /// driver binds.
    private void joinTwice(SmmuDriver driver, Stage1Domain domain, int streamId) {
        driver.attach(streamId, domain);
        driver.attach(streamId, domain);
        domain.flushAll();
    }

    private void mapAndUnmap(Stage1Domain domain, long address, long size) {
        for (long at = address; at < address + size; at += 0x1000) {
            domain.map(at, 0x4567_0000L + (at & 0xf000), 0x1000, Protection.DMA);
        }
        assertThat(domain.unmap(address, size)).isEqualTo(size);
    }

    @Test
    void commandsOfPassthroughAreThoseOfARealGuest() {
        SmmuDriver driver = running();
        for (int streamId : new int[] {0x18, 0x28, 0x10}) {
            driver.attachBypass(streamId);
        }
        for (int streamId : new int[] {0x100, 0x200}) {
            driver.attachBypass(streamId);
            driver.detach(streamId);
            driver.attachBypass(streamId);
        }
        driver.attachBypass(0x20);
        assertThat(queued(driver)).isEqualTo(Captured.words("smmu-commands-passthrough.bin"));
    }

    private long[] ste(SmmuDriver driver, int streamId) {
        long at = driver.streamTable().entry(streamId);
        long[] words = new long[8];
        for (int i = 0; i < 8; i++) {
            words[i] = machine.read(at + 8L * i, 8);
        }
        return words;
    }

    @Test
    void entriesAndContextDescriptorAreThoseOfARealGuest() {
        SmmuDriver driver = running();
        driver.createStage1(0);
        driver.createStage1(0);
        Stage1Domain third = driver.createStage1(0);
        driver.attach(0x10, third);
        driver.attachBypass(0x18);
        long cd = third.contextDescriptors().base();
        assertThat(ste(driver, 0x10)).containsExactly(cd | 0xb, 0xd6, 0, 0, 0, 0, 0, 0);
        assertThat(ste(driver, 0x18)).containsExactly(9, 1L << 44, 0, 0, 0, 0, 0, 0);
        assertThat(ste(driver, 0x11)).containsExactly(1, 1L << 44, 0, 0, 0, 0, 0, 0);
        assertThat(machine.read(cd, 8)).isEqualTo(0x0003_e204_c000_3510L);
        assertThat(machine.read(cd + 8, 8)).isEqualTo(third.table().root());
        assertThat(machine.read(cd + 16, 8)).isZero();
        assertThat(machine.read(cd + 24, 8)).isEqualTo(0xffff_ffff_f404_ff44L);
        long l1 = machine.read(driver.streamTable().base(), 8);
        assertThat(l1 & 0x1f).isEqualTo(9);
        assertThat(l1 & 0x3fff & ~0x1f).isZero();
        assertThat(machine.read(driver.streamTable().base() + 8, 8)).isZero();
    }

    @Test
    void streamsThatFirmwareUsesBypassBeforeTheSmmuIsEnabled() {
        SmmuDriver driver = probed();
        driver.bypassFromStart(0x10);
        assertThat(ste(driver, 0x10)[0]).isEqualTo(9);
        assertThat(machine.accessesTo(SmmuStub.NAME)).noneMatch(Access::write);
    }

    @Test
    void aGuestsStageOneGoesOverStageTwoWithoutAMomentOfAbort() {
        SmmuDriver driver = running();
        Stage2Domain parent = driver.createStage2();
        Master device = driver.master(0x40, 0, Master.AtsSwitch.NONE);
        device.attach(parent, false);
        int before = driver.commandQueue().prod();
        device.attachNested(parent, parent.entry(false).nested(0x8765_400bL, 0xd6), false);
        long[] ste = ste(driver, 0x40);
        assertThat(ste[0]).isEqualTo(0x8765_400fL);
        assertThat(ste[1]).isEqualTo(0xd6 | 1 << 19);
        // VMID 1, T0SZ 20, start level 0, write-back, inner shareable, 4 KiB, 44 bits, AA64, PTW, R
        assertThat(ste[2]).isEqualTo(0x044c_3594_0000_0001L);
        assertThat(ste[3]).isEqualTo(parent.table().root());
        // twice CFGI_STE and CMD_SYNC, then PREFETCH_CONFIG: nothing made it invalid in between
        assertThat(driver.commandQueue().prod() - before).isEqualTo(5);
    }

    @Test
    void anIllegalCommandIsReplacedBySyncAndTheRestGoesOn() {
        SmmuDriver driver = running();
        Command illegal = new Command(0xad, 0);
        List<Command> commands = List.of(Command.tlbiNsnhAll(), illegal, Command.cfgiSte(3, true));
        assertThat(driver.commandQueue().issueSync(commands)).isEqualTo(CommandQueue.Outcome.DONE);
        assertThat(queued(driver)).doesNotContain(0xadL);
        assertThat(smmu.get(0x60)).isEqualTo(smmu.get(0x64));
    }

    @Test
    void aQueueThatStandsStillIsGivenUp() {
        SmmuDriver driver = running();
        smmu.stop();
        assertThat(driver.commandQueue().issueSync(Command.tlbiNsnhAll()))
                .isEqualTo(CommandQueue.Outcome.TIMEOUT);
    }

    @Test
    void theQueueWrapsAndLongListsGoInBatches() {
        SmmuDriver driver = running();
        List<Command> many = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            many.add(Command.cfgiSte(i & 0xff, true));
        }
        assertThat(driver.commandQueue().issueSync(many)).isEqualTo(CommandQueue.Outcome.DONE);
        assertThat(driver.commandQueue().prod()).isEqualTo((4 + 100_001) & 0x1ffff);
        assertThat(smmu.get(0x9c)).isEqualTo(driver.commandQueue().prod());
    }

    @Test
    void eventsAreTakenAcrossTheWrapAndOverflowIsAcknowledged() {
        SmmuDriver driver = running();
        long base = smmu.get(0xa0) & 0xf_ffff_ffff_ffe0L;
        machine.write(base, 8, 0x10_0000_0010L);
        machine.write(base + 16, 8, 0xffff_f040L);
        smmu.set(0x100a8, 1);
        EventRecord only = driver.takeEvents().getFirst();
        assertThat(only).isEqualTo(new EventRecord(0x10_0000_0010L, 0, 0xffff_f040L, 0));
        assertThat(smmu.get(0x100ac)).isEqualTo(1);
        // full: as many as fit, and the overflow flag toggled
        smmu.set(0x100a8, 0x8000_8001L);
        assertThat(driver.takeEvents()).hasSize(1 << 15);
        assertThat(smmu.get(0x100ac)).isEqualTo(0x8000_8001L);
        assertThat(driver.eventOverflows()).isEqualTo(1);
        assertThat(driver.takeEvents()).isEmpty();
    }

    @Test
    void anSmmuThatCannotWorkIsRefused() {
        smmu.set(0x00, 0x0d40_1018);
        assertThat(SmmuDriver.probe(machine, SmmuStub.BASE, true))
                .isInstanceOf(SmmuDriver.Probe.Refused.class);
        smmu.set(0x00, 0x0d40_101a);
        smmu.set(0x04, 0x00c3_0010);
        assertThat(SmmuDriver.probe(machine, SmmuStub.BASE, true))
                .isInstanceOf(SmmuDriver.Probe.Refused.class);
    }

    @Test
    void withoutRangeInvalidationEachPageIsACommand() {
        smmu.set(0x0c, 0);
        SmmuDriver driver = running();
        Stage1Domain domain = attachNew(driver, 0x18);
        int before = driver.commandQueue().prod();
        mapAndUnmap(domain, 0xfff0_0000L, 0x3000);
        List<Long> words = queued(driver).subList(2 * before, 2 * driver.commandQueue().prod());
        assertThat(words)
                .containsExactly(
                        0x1_0000_0000_0012L,
                        0xfff0_0001L,
                        0x1_0000_0000_0012L,
                        0xfff0_1001L,
                        0x1_0000_0000_0012L,
                        0xfff0_2001L,
                        0x0fc0_2046L,
                        0L);
    }
}
