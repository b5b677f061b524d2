package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.smmu.spec.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Every register access of a real guest's boot, with what QEMU answered.
class MmioReplayTest {

    private static List<String> log() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        MmioReplayTest.class.getResourceAsStream("/captures/mmio/smmu.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    @Test
    void eachReadOfABootGivesWhatTheGuestSaw() throws IOException {
        SparseRam ram = new SparseRam(0x4000_0000L, 512 << 20);
        // The log has no memory: the queue is filled with commands that do nothing.
        Command sync = new Command.Sync(0, 0, 0, 0, 0);
        for (int i = 0; i < 1024; i++) {
            ram.write(0x5b70_0000L + 16L * i, 8, sync.w0());
        }
        Smmu smmu =
                new Smmu(
                        new Smmu.Setup(
                                "replay",
                                SmmuIdentity.QEMU_7_2,
                                ram,
                                SmmuInterrupts.NONE,
                                new CacheMode.Infinite(),
                                Probe.NONE,
                                0,
                                true));
        int reads = 0;
        for (String line : log()) {
            String[] w = line.split(" ");
            long offset = Long.parseLong(w[1], 16);
            int width = Integer.parseInt(w[2]);
            long value = Long.parseUnsignedLong(w[3], 16);
            if (w[0].equals("write")) {
                smmu.write(offset, width, value, PhysicalMemory.CPU);
            } else {
                reads++;
                assertThat(smmu.read(offset, width)).as(line).isEqualTo(value);
            }
        }
        assertThat(reads).isEqualTo(179);
        assertThat(smmu.findings()).isEmpty();
    }
}
