package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import dev.belfry.model.smmu.spec.EventType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The walks of captured guests, against what an independent script found in the same bytes.
class CaptureWalkTest {

    @ParameterizedTest
    @ValueSource(strings = {"translated", "passthrough", "faults/none"})
    void eachLiveVectorArrivesWhereTheCaptureSays(String name) {
        Capture capture = new Capture(name);
        assertThat(capture.vectors()).hasSizeGreaterThan(5).allSatisfy(v -> check(capture, v));
    }

    private static void check(Capture capture, Capture.Vector v) {
        List<Hop> hops = hops(capture, v);
        Translation result =
                capture.smmu()
                        .inspect(
                                v.streamId(),
                                Smmu.NO_SUBSTREAM,
                                v.address(),
                                Access.WRITE,
                                new JourneyRecorder().at(Where.GUEST));
        assertThat(result).isInstanceOf(Translation.Mapped.class);
        assertThat(((Translation.Mapped) result).pa())
                .isEqualTo(Capture.Vector.hex(v.value("=> PA ")));
        assertThat(address(hops, HopKind.STREAM_TABLE))
                .isEqualTo(Capture.Vector.hex(v.value("L1STD @")));
        assertThat(address(hops, HopKind.STE)).isEqualTo(Capture.Vector.hex(v.value("STE @")));
        List<Long> descriptors =
                v.hops().stream()
                        .filter(h -> h.contains("desc @"))
                        .map(h -> Capture.Vector.hex(Capture.Vector.after(h, "desc @")))
                        .toList();
        assertThat(of(hops, HopKind.STAGE1).map(h -> h.address().orElseThrow()))
                .containsExactlyElementsOf(descriptors);
        assertThat(hops).allMatch(h -> h.verdict() == Verdict.OK);
    }

    private static List<Hop> hops(Capture capture, Capture.Vector v) {
        JourneyRecorder recorder = new JourneyRecorder();
        recorder.start();
        capture.smmu()
                .inspect(
                        v.streamId(),
                        Smmu.NO_SUBSTREAM,
                        v.address(),
                        Access.WRITE,
                        recorder.at(Where.GUEST));
        return recorder.stop().hops();
    }

    private static Stream<Hop> of(List<Hop> hops, HopKind kind) {
        return hops.stream().filter(h -> h.kind() == kind);
    }

    private static long address(List<Hop> hops, HopKind kind) {
        return of(hops, kind).findFirst().orElseThrow().address().orElseThrow();
    }

    @Test
    void theWorkedExampleOfTheNvmeVectorHasTheseBytes() {
        Capture capture = new Capture("translated");
        Capture.Vector v = capture.vectors().get(2);
        List<Hop> hops = hops(capture, v);
        assertThat(v.head()).startsWith("00:02.0 vector 2");
        assertThat(hops.stream().map(h -> h.kind() + " " + h.address().orElse(0)))
                .containsExactly(
                        "SMMU 0",
                        "STREAM_TABLE " + 0x48017000L,
                        "STE " + 0x5b660400L,
                        "CD " + 0x432bd000L,
                        "STAGE1 " + 0x432bc000L,
                        "STAGE1 " + 0x43875018L,
                        "STAGE1 " + 0x438c6ff8L,
                        "STAGE1 " + 0x438c9ff8L);
        assertThat(hops.get(2).fields())
                .containsEntry("Config", "5")
                .containsEntry("S1ContextPtr", "0x432bd000");
        assertThat(hops.get(3).fields())
                .containsEntry("ASID", "3")
                .containsEntry("T0SZ", "16")
                .containsEntry("TTB0", "0x432bc000")
                .containsEntry("MAIR0", "0xf404ff44");
        assertThat(hops.get(7).bytes().toString()).isEqualTo("4b 0e 09 08 00 00 60 00");
        assertThat(hops.get(7).fields())
                .containsEntry("level", "3")
                .containsEntry("AP", "1")
                .containsEntry("SH", "2")
                .containsEntry("AttrIndx", "2")
                .containsEntry("nG", "1")
                .containsEntry("OutputAddress", "0x8090040");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cd-invalid C_BAD_CD",
                "msi-unmapped F_TRANSLATION",
                "ste-invalid C_BAD_STE",
                "walk-eabt F_WALK_EABT",
                // QEMU 7.2 delivered it nevertheless; AFFD = 0 and no HTTU say F_ACCESS.
                "af-clear F_ACCESS"
            })
    void whatWasBrokenOnPurposeIsFound(String words) {
        String[] word = words.split(" ");
        Capture capture = new Capture("faults/" + word[0]);
        Capture.Vector v = capture.vectors().getFirst();
        Translation result =
                capture.smmu()
                        .inspect(
                                v.streamId(),
                                Smmu.NO_SUBSTREAM,
                                v.address(),
                                Access.WRITE,
                                new JourneyRecorder().at(Where.GUEST));
        assertThat(result)
                .isInstanceOfSatisfying(
                        Translation.Faulted.class,
                        f -> {
                            assertThat(f.recorded()).isFalse();
                            assertThat(f.event().orElseThrow().type())
                                    .isEqualTo(EventType.valueOf(word[1]));
                        });
        assertThat(hops(capture, v)).last().matches(h -> h.verdict() == Verdict.BROKEN);
    }
}
