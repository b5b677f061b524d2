package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.Range;
import dev.belfry.lab.explain.ExplainReport.Stage1;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.Snapshot;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IovaMapTest {

    private static final Bdf NVME = new Bdf(0, 0, 2, 0);
    private static final long ADDRESS = 0xffff_ffff_f000L;

    private final Snapshot view = Captured.view("translated");

    private static ExplainRequest map() {
        return new ExplainRequest(
                Optional.of(NVME),
                OptionalInt.empty(),
                true,
                Optional.empty(),
                true,
                OptionalInt.empty());
    }

    /// Four levels of 512 entries, read here once more and by nothing of the product's.
    private void leaves(long table, int level, long iova, Map<Long, Long> out) {
        for (int i = 0; i < 512; i++) {
            long descriptor = view.memory().read(table + 8L * i, 8);
            long at = iova | (long) i << (39 - 9 * level);
            if ((descriptor & 1) != 0 && level == 3) {
                out.put(at, descriptor & ADDRESS);
            } else if ((descriptor & 1) != 0) {
                leaves(descriptor & ADDRESS, level + 1, at, out);
            }
        }
    }

    @Test
    void everyPageOfTheTablesIsListedAndNothingElse() throws Exception {
        Stage1 listed = ExplainLab.explain(view, map()).iovaMap().orElseThrow();
        Map<Long, Long> pages = new TreeMap<>();
        for (Range r : listed.ranges()) {
            for (long within = 0; within < r.size(); within += 4096) {
                pages.put(r.iova() + within, r.output() + within);
            }
        }
        Map<Long, Long> expected = new TreeMap<>();
        long l0 =
                Walk.parse(Captured.text("translated", "walk.txt")).getFirst().words().stream()
                        .filter(w -> w.what().equals("L0"))
                        .findFirst()
                        .orElseThrow()
                        .address();
        leaves(l0 & ADDRESS, 0, 0, expected);

        assertThat(pages).hasSizeGreaterThan(40).isEqualTo(expected);
        assertThat(listed.complete()).isTrue();
        assertThat(listed.ranges().getLast())
                .isEqualTo(
                        new Range(
                                0xffff_f000L,
                                4096,
                                0x809_0000L,
                                "rw",
                                "Device-nGnRE",
                                "GITS_TRANSLATER of the ITS"));
        assertThat(listed.ranges()).filteredOn(r -> r.what().equals("RAM")).hasSize(42 - 1);
    }

    @Test
    void aDeviceThatBypassesHasNoMap() throws Exception {
        Stage1 listed =
                ExplainLab.explain(Captured.view("passthrough"), map()).iovaMap().orElseThrow();
        assertThat(listed.policy()).isEqualTo("bypass");
        assertThat(listed.ranges()).isEmpty();
    }

    @Test
    void anyAddressIsWalkedAsAReadOrAWrite() throws Exception {
        ExplainReport mapped = ExplainLab.explain(view, walk(0xfffb_f123L, true));
        assertThat(mapped.dma().orElseThrow().output()).hasValue(0x4389_9123L);
        assertThat(mapped.allWell()).isTrue();

        ExplainReport unmapped = ExplainLab.explain(view, walk(0x1000, false));
        assertThat(unmapped.dma().orElseThrow().stoppedAt()).hasValue(HopKind.STAGE1);
        assertThat(unmapped.dma().orElseThrow().output()).isEmpty();
        assertThat(unmapped.allWell()).isFalse();
    }

    private static ExplainRequest walk(long address, boolean write) {
        return new ExplainRequest(
                Optional.of(NVME),
                OptionalInt.empty(),
                true,
                Optional.of(new ExplainRequest.Dma(address, write)),
                false,
                OptionalInt.empty());
    }
}
