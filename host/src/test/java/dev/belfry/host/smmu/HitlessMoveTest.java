package dev.belfry.host.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.description.SmmuDescription;
import dev.belfry.host.machine.HostMachine;
import dev.belfry.kernel.Machine;
import dev.belfry.kernel.iopgtable.Protection;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.kernel.smmu.Domain;
import dev.belfry.kernel.smmu.Master;
import dev.belfry.kernel.smmu.SmmuDriver;
import dev.belfry.kernel.smmu.Stage1Domain;
import dev.belfry.kernel.smmu.Stage2Domain;
import dev.belfry.kernel.smmu.StreamEntry;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// A device whose DMA goes on after each single write of the driver's, to memory or to a register,
/// on an SMMU with caches that keep what they may: what does it see while it is moved?
class HitlessMoveTest {

    private static final int STREAM = 0x42;
    private static final long IOVA = 0x10_0000;
    private static final long OLD = 0x5000_0000L;
    private static final long NEW = 0x6000_0000L;

    private final HostDescription description = HostFixture.standard();
    private final HostMachine machine =
            new HostMachine(description, new CacheMode.Adversarial(), Probe.NONE);
    private final Smmu smmu = machine.smmu("smmu0").orElseThrow();
    private final Set<String> seen = new LinkedHashSet<>();

    /// Nothing does DMA before its StreamID is known: Linux does not invalidate the level 1
    /// descriptor that it fills then, and an SMMU may have kept the empty one (IHI 0070 5.1).
    private boolean running;

    private final SmmuDriver driver;
    private final Master device;

    HitlessMoveTest() {
        Machine watched = new Watched(machine, this::dma);
        SmmuDescription d = description.smmus().getFirst();
        var probe = (SmmuDriver.Probe.Usable) SmmuDriver.probe(watched, d.base(), true);
        PageAllocator pages = new PageAllocator(machine, description.ramBase(), 64 << 20, 7);
        driver =
                new SmmuDriver(
                        watched, pages, d.base(), probe.features(), SmmuDriver.Options.DEFAULT);
        assertThat(driver.reset()).isTrue();
        assertThat(driver.addStream(STREAM)).isTrue();
        device = driver.master(STREAM, 4, Master.AtsSwitch.NONE);
        running = true;
    }

    /// A machine on which a device's DMA falls between any two writes of a CPU.
    ///
    /// @param to the machine
    /// @param dma happens after each write
    private record Watched(HostMachine to, Runnable dma) implements Machine {
        @Override
        public long read(long address, int width) {
            return to.read(address, width);
        }

        @Override
        public void write(long address, int width, long value) {
            to.write(address, width, value);
            dma.run();
        }

        @Override
        public byte[] readBytes(long address, int length) {
            return to.readBytes(address, length);
        }

        @Override
        public void writeBytes(long address, byte[] bytes) {
            to.writeBytes(address, bytes);
            dma.run();
        }

        @Override
        public long ramBase() {
            return to.ramBase();
        }

        @Override
        public long ramSize() {
            return to.ramSize();
        }

        @Override
        public int cpus() {
            return to.cpus();
        }

        @Override
        public int acknowledge(int cpu) {
            return to.acknowledge(cpu);
        }

        @Override
        public void endOfInterrupt(int cpu, int intid) {
            to.endOfInterrupt(cpu, intid);
        }
    }

    /// The device reads its page, if the test has come that far.
    private void dma() {
        if (!running) {
            return;
        }
        seen.add(
                switch (smmu.translate(STREAM, Smmu.NO_SUBSTREAM, IOVA, Access.READ)) {
                    case Translation.Mapped m -> where(m.pa());
                    case Translation.Faulted f ->
                            f.event().map(HitlessMoveTest::type).orElse("terminated");
                    case Translation.Stalled _ -> "stalled";
                });
    }

    private static String type(EventRecord event) {
        return EventType.of(EventRecord.TYPE.getInt(event.w0())).toString();
    }

    private static String where(long pa) {
        return pa == OLD ? "old" : pa == NEW ? "new" : pa == IOVA ? "untranslated" : "elsewhere";
    }

    private <D extends Domain> D to(D domain, long pa) {
        domain.map(IOVA, pa, 0x1000, Protection.DMA);
        return domain;
    }

    private Stage1Domain stage1(long pa) {
        return to(driver.createStage1(4), pa);
    }

    private Stage2Domain stage2(long pa) {
        return to(driver.createStage2(true), pa);
    }

    /// A guest's STE whose stage 1 is passed by (S1DSS = 1).
    private static StreamEntry guest(Stage2Domain parent, boolean ats) {
        return parent.entry(ats).nested(0x0800_0000_432b_d00bL, 0xd5);
    }

    /// What the device sees while `move` happens; what it did before is forgotten.
    private Set<String> during(Runnable move) {
        seen.clear();
        move.run();
        dma();
        return Set.copyOf(seen);
    }

    /// The VMID is in use under stage 1 alone, too (its TLB entries are tagged with it), so two
    /// words change, Config's and that one. Linux's own test has VMID 0 on both sides.
    @Test
    void betweenStagesTheEntryIsInvalidForAMoment() {
        device.attach(stage1(OLD), false);
        Stage2Domain next = stage2(NEW);
        assertThat(during(() -> device.attach(next, false)))
                .containsExactlyInAnyOrder("old", "C_BAD_STE", "new");
        Stage1Domain back = stage1(OLD);
        assertThat(during(() -> device.attach(back, false)))
                .containsExactlyInAnyOrder("new", "C_BAD_STE", "old");
    }

    @Test
    void aGuestsStageOneComesAndGoesUnseen() {
        Stage2Domain parent = stage2(OLD);
        device.attach(parent, false);
        assertThat(during(() -> device.attachNested(parent, guest(parent, false), false)))
                .containsExactly("old");
        assertThat(during(() -> device.attach(parent, false))).containsExactly("old");
    }

    /// Not so before stable kernels of February 2026, which took EATS and MEV for bits in use: the
    /// entry was invalid for a moment.
    @Test
    void turningAtsOnWithAGuestsStageOneIsUnseenToo() {
        Stage2Domain parent = stage2(OLD);
        device.attachNested(parent, parent.entry(false), false);
        assertThat(during(() -> device.attachNested(parent, guest(parent, true), true)))
                .containsExactly("old");
        assertThat(during(() -> device.attachNested(parent, parent.entry(false), false)))
                .containsExactly("old");
    }

    @Test
    void fromAbortAndBypassThereIsNothingInBetween() {
        device.block(false);
        Stage2Domain to = stage2(NEW);
        assertThat(during(() -> device.attach(to, false)))
                .containsExactlyInAnyOrder("terminated", "new");
        assertThat(during(() -> device.bypass(false)))
                .containsExactlyInAnyOrder("new", "untranslated");
        Stage1Domain s1 = stage1(OLD);
        assertThat(during(() -> device.attach(s1, false)))
                .containsExactlyInAnyOrder("untranslated", "old");
        assertThat(during(() -> device.block(false)))
                .containsExactlyInAnyOrder("old", "terminated");
    }

    /// Two words of the stage 2 change: VMID and geometry, and S2TTB.
    @Test
    void betweenTwoStageTwosTheEntryIsInvalidForAMoment() {
        device.attach(stage2(OLD), false);
        Stage2Domain next = stage2(NEW);
        assertThat(during(() -> device.attach(next, false)))
                .containsExactlyInAnyOrder("old", "C_BAD_STE", "new");
    }

    /// ASID and TTB0 are in two words of the context descriptor.
    @Test
    void betweenTwoStageOnesTheContextIsInvalidForAMoment() {
        device.attach(stage1(OLD), false);
        Stage1Domain next = stage1(NEW);
        assertThat(during(() -> device.attach(next, false)))
                .containsExactlyInAnyOrder("old", "C_BAD_CD", "new");
    }
}
