package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister;
import java.util.EnumSet;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The Command queue that a real guest left behind, fed to the model as the guest fed it to QEMU.
class CommandReplayTest {

    private static final long QUEUE = 0x5b70_0000L;
    private static final int COMMANDS = 0x1ec;

    private final Capture capture = new Capture("translated");

    private Smmu programmed() {
        Smmu smmu =
                new Smmu(
                        new Smmu.Setup(
                                "replay",
                                SmmuIdentity.QEMU_7_2,
                                capture,
                                SmmuInterrupts.NONE,
                                new CacheMode.Infinite(),
                                Probe.NONE,
                                PhysicalMemory.CPU,
                                true));
        for (int offset : new int[] {0x28, 0x2c, 0x80, 0x84, 0x88, 0x90, 0x94, 0xa0, 0xa4, 0x20}) {
            write(smmu, offset, capture.register(offset).orElseThrow());
        }
        return smmu;
    }

    private static void write(Smmu smmu, int offset, long value) {
        smmu.write(offset, 4, value, PhysicalMemory.CPU);
    }

    /// How often each was there, by QEMU's own trace of the same boot.
    @Test
    void theQueueHoldsWhatQemuSawInIt() {
        Map<String, Integer> seen = new TreeMap<>();
        for (int i = 0; i < COMMANDS; i++) {
            long at = QUEUE + (long) i * Command.BYTES;
            Command c = Command.decode(capture.read(at, 8), capture.read(at + 8, 8));
            seen.merge(c.getClass().getSimpleName(), 1, Integer::sum);
        }
        assertThat(seen)
                .isEqualTo(
                        new TreeMap<>(
                                Map.of(
                                        "CfgiSte", 18,
                                        "CfgiSteRange", 1,
                                        "PrefetchConfig", 8,
                                        "Sync", 246,
                                        "TlbiNhAsid", 6,
                                        "TlbiNhVa", 212,
                                        "TlbiNsnhAll", 1)));
    }

    @Test
    void eachCommandIsConsumedAndTheRegistersEndAsTheyDidOnQemu() {
        Smmu smmu = programmed();
        for (int prod = 1; prod <= COMMANDS; prod++) {
            write(smmu, 0x98, prod);
            assertThat(smmu.read(0x9c, 4)).as("CMDQ_CONS").isEqualTo(prod);
        }
        // IRQ_CTRL was not written here. QEMU 7.2 has no GBPA, and of CR2 it keeps PTM, which is
        // RES0
        // with IDR0.BTM = 0.
        EnumSet<SmmuRegister> compared =
                EnumSet.complementOf(
                        EnumSet.of(
                                SmmuRegister.CR2,
                                SmmuRegister.GBPA,
                                SmmuRegister.IRQ_CTRL,
                                SmmuRegister.IRQ_CTRLACK));
        for (SmmuRegister r : compared) {
            capture.register(r.offset())
                    .ifPresent(was ->
                            assertThat(smmu.read(r.offset(), 4)).as(r.specName()).isEqualTo(was));
        }
        assertThat(smmu.findings()).isEmpty();
    }

    @Test
    void streamsTranslateTheSameBeforeAndAfter() {
        Smmu smmu = programmed();
        arrives(smmu);
        write(smmu, 0x98, COMMANDS);
        arrives(smmu);
    }

    private void arrives(Smmu smmu) {
        for (Capture.Vector v : capture.vectors()) {
            Translation t =
                    smmu.translate(v.streamId(), Smmu.NO_SUBSTREAM, v.address(), Access.WRITE);
            assertThat(t)
                    .as(v.head())
                    .isInstanceOfSatisfying(
                            Translation.Mapped.class,
                            m ->
                                    assertThat(m.pa())
                                            .isEqualTo(Capture.Vector.hex(v.value("=> PA "))));
        }
    }
}
