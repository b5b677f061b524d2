package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventRecord.Transaction;
import dev.belfry.model.smmu.spec.EventType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Layouts against bytes that others wrote, and against errors that other models made.
class SpecTest {

    private static final Transaction T =
            new Transaction(0x10, -1, 0xffff_c010L, true, false, false);

    @Test
    void commandsOfTheCapturedGuestDecodeAsLinuxMeantThem() {
        // The Command queue of captures/translated, from its start: CMDQ_BASE 0x5b700000.
        Capture capture = new Capture("translated");
        List<String> first =
                java.util.stream.IntStream.range(0, 8)
                        .mapToObj(i -> {
                            long at = 0x5b70_0000L + 16L * i;
                            return Command.decode(capture.read(at, 8), capture.read(at + 8, 8))
                                    .specName();
                        })
                        .toList();
        assertThat(first).startsWith("CMD_CFGI_ALL", "CMD_SYNC", "CMD_TLBI_NSNH_ALL", "CMD_SYNC");
    }

    @Test
    void allQueuedCommandsOfTheCaptureEncodeToTheirBytes() {
        Capture capture = new Capture("translated");
        int count = 0x1ec;
        java.util.Map<String, Integer> seen = new java.util.TreeMap<>();
        for (int i = 0; i < count; i++) {
            long at = 0x5b70_0000L + 16L * i;
            Command c = Command.decode(capture.read(at, 8), capture.read(at + 8, 8));
            assertThat(c.encode()).containsExactly(capture.read(at, 8), capture.read(at + 8, 8));
            seen.merge(c.specName(), 1, Integer::sum);
        }
        // As counted in QEMU's trace of the same run.
        assertThat(seen)
                .containsEntry("CMD_CFGI_ALL", 1)
                .containsEntry("CMD_TLBI_NSNH_ALL", 1)
                .containsEntry("CMD_CFGI_STE", 18)
                .containsEntry("CMD_PREFETCH_CONFIG", 8)
                .containsEntry("CMD_TLBI_NH_ASID", 6)
                .containsEntry("CMD_TLBI_NH_VA", 212)
                .containsEntry("CMD_SYNC", 246)
                .hasSize(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cd-invalid", "msi-unmapped", "ste-invalid", "walk-eabt"})
    void capturedEventsDecodeToWhatTheirTraceSays(String name) {
        Capture capture = new Capture("faults/" + name);
        List<String> lines =
                capture.lines("fault.txt").stream().filter(l -> l.startsWith("EVT ")).toList();
        assertThat(lines).isNotEmpty();
        for (String line : lines) {
            String[] w = line.split(" +");
            EventRecord e =
                    EventRecord.decode(
                            Capture.Vector.hex(w[1]),
                            Capture.Vector.hex(w[2]),
                            Capture.Vector.hex(w[3]),
                            Capture.Vector.hex(w[4]));
            assertThat("type=0x" + Integer.toHexString(e.code())).isEqualTo(w[5]);
            assertThat(e.streamId()).isEqualTo(0x10);
        }
    }

    @Test
    void anAbortedWalkIsRecordedInTheBytesThatQemuWrote() {
        assertThat(EventRecord.walkAbort(T, false, Cause.TT, 0x20_0000_0000L))
                .isEqualTo(
                        new EventRecord(
                                0x10_0000_000bL, 0x108_0000_0000L, 0xffff_c010L, 0x20_0000_0000L));
    }

    @Test
    void flagsAreInWordThreeOf32BitsAndStagInWordTwo() {
        // openvmm has SSV at bit 10, flags from bit 0 of word 2 and STAG in word 3.
        Transaction all = new Transaction(1, 0xfffff, 0, true, true, true);
        EventRecord e =
                EventRecord.stage2Fault(EventType.F_PERMISSION, all, Cause.TT, 0x5000, true)
                        .stalled(0xabcd);
        assertThat(e.w0()).isEqualTo(0x1_ffff_f813L);
        assertThat(e.w1() & 0xffff_ffffL).isEqualTo(0x8000_abcdL);
        assertThat(e.w1() >>> 32).isEqualTo(1 << 1 | 1 << 2 | 1 << 3 | 1 << 7 | 1 << 8 | 1 << 12);
        assertThat(e.w3()).isEqualTo(0x5000);
    }

    @Test
    void tlbConflictIsEventNumber20() {
        assertThat(EventType.of(0x20)).isEqualTo(EventType.F_TLB_CONFLICT);
        assertThat(EventType.of(0x14)).isEqualTo(EventType.RESERVED);
    }

    @Test
    void ssecIsBitTenOfACommand() {
        assertThat(Command.decode(0x403, 0)).isEqualTo(new Command.CfgiSte(0, true, false));
        assertThat(Command.decode(0x103, 0)).isEqualTo(new Command.CfgiSte(0, false, false));
    }

    @Test
    void writesAreDataInRecordsWhateverInDSaid() {
        Transaction write = new Transaction(1, -1, 0, false, false, true);
        assertThat(EventRecord.stage1Fault(EventType.F_ACCESS, write).instruction()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 2",
        "1, 4",
        "4, 32",
        "30, 2147483648",
        "31, 4294967296",
    })
    void aStreamIdRangeSpansTwoToTheRangePlusOne(int range, long span) {
        Command.CfgiSteRange c = new Command.CfgiSteRange(0x8000_0000, false, range);
        long first = c.first() & 0xffff_ffffL;
        assertThat(c.contains((int) first)).isTrue();
        assertThat(c.contains((int) (first + span - 1))).isTrue();
        assertThat(first % span).isZero();
        if (range < 31) {
            assertThat(c.contains((int) (first + span))).isFalse();
            assertThat(c.contains((int) (first - 1))).isFalse();
        }
    }
}
