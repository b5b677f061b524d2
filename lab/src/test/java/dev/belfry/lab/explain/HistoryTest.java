package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.Command;
import dev.belfry.lab.explain.ExplainReport.Event;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.SparseRam;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What queues tell, against what was printed and counted when the captures were taken.
class HistoryTest {

    private static final Pattern RECORD =
            Pattern.compile("EVT (\\w{16}) (\\w{16}) (\\w{16}) (\\w{16})");

    @ParameterizedTest
    @ValueSource(strings = {"cd-invalid", "msi-unmapped", "ste-invalid", "walk-eabt"})
    void eventsAreThoseThatWerePrintedThen(String name) throws Exception {
        ExplainReport report =
                ExplainLab.explain(Captured.view("faults/" + name), ExplainRequest.TABLE);
        List<Bytes> printed =
                RECORD.matcher(Captured.text("faults/" + name, "fault.txt"))
                        .results()
                        .map(HistoryTest::bytes)
                        .toList();

        assertThat(printed).isNotEmpty();
        assertThat(report.events()).extracting(Event::bytes).containsAll(printed);
        assertThat(report.events()).allMatch(e -> e.device().orElse("").equals("00:02.0"));
    }

    private static Bytes bytes(MatchResult m) {
        long[] words = new long[4];
        for (int i = 0; i < 4; i++) {
            words[i] = HexFormat.fromHexDigitsToLong(m.group(i + 1));
        }
        return Bytes.ofWords(words);
    }

    @Test
    void aFaultAtTheMessageAddressIsCalledTheLostInterrupt() throws Exception {
        ExplainReport report =
                ExplainLab.explain(Captured.view("faults/msi-unmapped"), ExplainRequest.TABLE);
        assertThat(report.events())
                .hasSize(2)
                .allMatch(e -> e.sentence().contains("the fault is the lost interrupt"));
    }

    @Test
    void aWholeBootsCommandsAreStillInTheQueues() throws Exception {
        ExplainReport report =
                ExplainLab.explain(Captured.view("translated"), ExplainRequest.TABLE);

        // Counted in the trace of the same boot.
        assertThat(count(report, "CMD_CFGI_ALL")).isEqualTo(1);
        assertThat(count(report, "CMD_CFGI_STE")).isEqualTo(18);
        assertThat(count(report, "CMD_PREFETCH_CONFIG")).isEqualTo(8);
        assertThat(count(report, "CMD_TLBI_NH_ASID")).isEqualTo(6);
        assertThat(count(report, "CMD_TLBI_NH_VA")).isEqualTo(212);
        assertThat(count(report, "CMD_SYNC")).isEqualTo(246);
        assertThat(count(report, "MAPD")).isEqualTo(8);
        assertThat(count(report, "MAPTI")).isEqualTo(15);
        assertThat(count(report, "DISCARD")).isEqualTo(1);
        assertThat(report.commands()).allMatch(Command::consumed);
    }

    private static long count(ExplainReport report, String name) {
        return report.commands().stream().filter(c -> c.name().equals(name)).count();
    }

    @Test
    void aQueueThatWrappedIsReadAcrossItsEnd() {
        SparseRam ram = new SparseRam(0, 1 << 21);
        long[] written = {6, 7, 3, 4, 5};
        for (int i = 0; i < 4; i++) {
            ram.write(0x1000 + 16L * i, 8, written[i], 0);
        }

        Ring ring = Ring.wrapping(ram, 0x1000, 2, 2, 0b110, 0b011);

        assertThat(ring.history(100))
                .extracting(e -> e.index() + ":" + e.word(0) + ":" + e.consumed())
                .containsExactly("2:3:true", "3:4:false", "0:6:false", "1:7:false");
    }
}
