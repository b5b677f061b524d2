package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.GicCapture.Vector;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Journey;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Walks over captured memory and registers give what an independent script found, and stop where
/// the guest lost its interrupts.
class CapturedWalkTest {

    private static final List<String> ALL =
            List.of(
                    "translated",
                    "passthrough",
                    "faults/none",
                    "faults/dte-invalid",
                    "faults/ite-invalid",
                    "faults/lpi-disabled");

    record Case(String capture, Vector vector) {
        @Override
        public String toString() {
            return capture + " " + vector.head();
        }
    }

    static Stream<Case> vectors() {
        return ALL.stream()
                .flatMap(c -> new GicCapture(c).vectors().stream().map(v -> new Case(c, v)));
    }

    private static Journey journey(GicCapture capture, Vector vector) {
        JourneyRecorder recorder = new JourneyRecorder();
        recorder.start();
        capture.its().inspect(vector.deviceId(), vector.data(), recorder.at(Where.GUEST));
        return recorder.stop();
    }

    private static Hop hop(Journey journey, HopKind kind) {
        return journey.hops().stream().filter(h -> h.kind() == kind).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void everyHopHasTheAddressAndBytesOfTheIndependentWalk(Case c) {
        Journey journey = journey(new GicCapture(c.capture), c.vector);
        Hop dte = hop(journey, HopKind.DTE);
        check(dte, c.vector.hop("DTE @"), 8);
        if (c.vector.hop("DTE @").contains("valid=0")) {
            assertStops(journey, HopKind.DTE);
            return;
        }
        Hop ite = hop(journey, HopKind.ITE);
        String line = c.vector.hop("ITE @");
        check(ite, line, 12);
        if (line.contains("valid=0")) {
            assertStops(journey, HopKind.ITE);
            return;
        }
        assertThat(ite.fields())
                .containsEntry("INTID", Long.toString(GicCapture.number(line, "INTID=")))
                .containsEntry("ICID", Long.toString(GicCapture.number(line, "ICID=")));
        String cte = c.vector.hop("CTE @");
        check(hop(journey, HopKind.CTE), cte, 8);
        assertThat(hop(journey, HopKind.CTE).fields())
                .containsEntry("RDbase", Long.toString(GicCapture.number(cte, "RDBASE=")));
        checkLpi(journey, c.vector.hop("LPI config @"));
    }

    private static void checkLpi(Journey journey, String line) {
        Hop lpi = hop(journey, HopKind.LPI);
        check(lpi, line, 1);
        assertThat(lpi.fields())
                .containsEntry("Priority", Long.toString(GicCapture.number(line, "prio=") & 0xff))
                .containsEntry(
                        "pending_address",
                        "0x" + Long.toHexString(GicCapture.number(line, "pending bit @")))
                .containsEntry("pending", Long.toString(GicCapture.number(after(line), "= ")));
        if (line.contains("enable=0")) {
            assertStops(journey, HopKind.LPI);
        } else {
            assertThat(journey.firstBroken()).isEmpty();
            assertThat(journey.hops().getLast().kind()).isEqualTo(HopKind.REDISTRIBUTOR);
        }
    }

    private static String after(String line) {
        return line.substring(line.indexOf("pending bit"));
    }

    /// A line "NAME @0xADDRESS = 0xWORD ...": the hop lies there, and its first bytes are the word.
    private static void check(Hop hop, String line, int length) {
        assertThat(hop.address()).hasValue(GicCapture.number(line, "@"));
        assertThat(hop.bytes().length()).isEqualTo(length);
        long word = 0;
        for (int i = Math.min(length, 8) - 1; i >= 0; i--) {
            word = (word << 8) | hop.bytes().at(i);
        }
        assertThat(word).isEqualTo(GicCapture.number(line, "= "));
    }

    private static void assertStops(Journey journey, HopKind kind) {
        Hop last = journey.hops().getLast();
        assertThat(last.kind()).isEqualTo(kind);
        assertThat(last.verdict()).isEqualTo(Verdict.BROKEN);
        assertThat(last.rule()).endsWith(".");
    }

    @ParameterizedTest
    @ValueSource(strings = {"translated", "passthrough"})
    void allFourteenLiveVectorsArrive(String name) {
        GicCapture capture = new GicCapture(name);
        assertThat(capture.vectors()).hasSizeGreaterThanOrEqualTo(14);
        for (Vector v : capture.vectors()) {
            MsiResult result =
                    capture.its()
                            .inspect(v.deviceId(), v.data(), new JourneyRecorder().at(Where.GUEST));
            int lpi = (int) GicCapture.number(v.hop("ITE @"), "INTID=");
            int cpu = (int) GicCapture.number(v.hop("CTE @"), "RDBASE=");
            assertThat(result).isEqualTo(new MsiResult.Delivered(lpi, cpu));
        }
    }

    @Test
    void anItsThatIsOffStopsEverythingAtItself() {
        GicCapture capture = new GicCapture("faults/its-off");
        for (Vector v : capture.vectors()) {
            Journey journey = journey(capture, v);
            assertThat(journey.hops()).hasSize(1);
            assertStops(journey, HopKind.ITS);
            assertThat(journey.hops().getFirst().address()).hasValue(0x0808_0000L);
        }
    }

    @Test
    void theFaultCasesBreakSomeVectorsAndLeaveOthers() {
        for (String name : List.of("dte-invalid", "ite-invalid", "lpi-disabled")) {
            GicCapture capture = new GicCapture("faults/" + name);
            List<Boolean> broken =
                    capture.vectors().stream()
                            .map(v -> journey(capture, v).firstBroken().isPresent())
                            .toList();
            assertThat(broken).as(name).contains(true, false);
        }
    }

    @Test
    void whatTheCaptureDoesNotHaveIsUnknownNotBroken() {
        GicCapture capture = new GicCapture("translated");
        JourneyRecorder recorder = new JourneyRecorder();
        recorder.start();
        MsiResult result = capture.its().inspect(0x1000, 0, recorder.at(Where.GUEST));
        assertThat(result).isInstanceOf(MsiResult.Unknown.class);
        assertThat(recorder.stop().hops().getLast().verdict()).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void aDeviceAndAnEventBeyondTheTablesAreBroken() {
        GicCapture capture = new GicCapture("translated");
        JourneyRecorder recorder = new JourneyRecorder();
        assertThat(capture.its().inspect(0x10000, 0, recorder.at(Where.GUEST)))
                .extracting(r -> ((MsiResult.Dropped) r).kind())
                .isEqualTo(HopKind.DTE);
        assertThat(capture.its().inspect(0x10, 4, recorder.at(Where.GUEST)))
                .extracting(r -> ((MsiResult.Dropped) r).kind())
                .isEqualTo(HopKind.ITE);
    }
}
