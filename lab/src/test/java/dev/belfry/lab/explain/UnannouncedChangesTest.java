package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.Finding;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.FrameKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A capture looked at twice, with something done to its memory in between. The disk's STE and CD,
/// and the command queue (CMDQ_BASE and CMDQ_PROD), are where its walk.txt and smmu-regs.txt say.
class UnannouncedChangesTest {

    private static final long STE = 0x5b66_0400L;
    private static final long CD = 0x432b_d000L;
    private static final long CMD_CFGI_STE = 0x10_0000_0003L;
    private static final long CMD_CFGI_CD = 0x10_0000_0005L;
    private static final long LEAF = 1;

    private final Snapshot healthy = Captured.view("translated");

    private static ExplainReport look(Snapshot view) throws Exception {
        return ExplainLab.explain(view, ExplainRequest.of(new Bdf(0, 0, 2, 0)));
    }

    private List<Finding> after(Snapshot changed) throws Exception {
        return UnannouncedChanges.between(look(healthy), look(changed));
    }

    /// The same with one more command, taken already.
    private static Snapshot queued(Snapshot view, long dw0, long dw1) {
        var registers = view.smmus().getFirst().registers();
        long base = registers.read64(0x90).orElseThrow();
        long prod = registers.read32(0x98).orElseThrow();
        long at = (base & 0xf_ffff_ffe0L) + 16 * (prod & ((1 << (base & 31)) - 1));
        Snapshot out = Poked.word(Poked.word(view, at, d -> dw0), at + 8, d -> dw1);
        out = Poked.register(out, FrameKind.SMMU, 0x98, prod + 1);
        return Poked.register(out, FrameKind.SMMU, 0x9c, prod + 1);
    }

    @Test
    void nothingIsSaidWhereNothingChanged() throws Exception {
        assertThat(after(healthy)).isEmpty();
        assertThat(after(queued(healthy, CMD_CFGI_STE, LEAF))).isEmpty();
    }

    @Test
    void anSteThatChangedWithoutACommandIsNamed() throws Exception {
        assertThat(after(Poked.word(healthy, STE, d -> d & ~1L)))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.rule()).isEqualTo("unannounced-change");
                    assertThat(f.device()).hasValue("00:02.0");
                    assertThat(f.message()).contains("STE at 0x5b660400", "StreamID 0x10");
                });
    }

    @Test
    void aCdThatChangedWithoutACommandIsNamed() throws Exception {
        assertThat(after(Poked.word(healthy, CD, d -> d & ~(1L << 31))))
                .singleElement()
                .satisfies(f -> assertThat(f.message()).contains("CD at 0x432bd000"));
    }

    @Test
    void aChangeThatACommandFollowedIsNot() throws Exception {
        Snapshot ste = Poked.word(healthy, STE, d -> d & ~1L);
        assertThat(after(queued(ste, CMD_CFGI_STE, LEAF))).isEmpty();
        Snapshot cd = Poked.word(healthy, CD, d -> d & ~(1L << 31));
        assertThat(after(queued(cd, CMD_CFGI_CD, LEAF))).isEmpty();
        assertThat(after(queued(ste, CMD_CFGI_STE + (8L << 32), LEAF))).hasSize(1);
        assertThat(after(queued(ste, 4, 31))).as("CMD_CFGI_ALL").isEmpty();
        assertThat(after(queued(ste, 4, 4))).as("StreamIDs 0 to 31").isEmpty();
        assertThat(after(queued(ste, 4, 3))).as("StreamIDs 0 to 15").hasSize(1);
    }
}
