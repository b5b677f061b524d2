package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.Dma;
import dev.belfry.lab.explain.ExplainReport.Range;
import dev.belfry.lab.explain.ExplainReport.Stage1;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.FrameKind;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// A real guest's capture whose disk is given contexts for PASIDs: the virtio disk's tables serve
/// as those of PASID 3. Fields are placed by IHI 0070 5.2 to 5.4.
class PasidTest {

    private static final Bdf NVME = new Bdf(0, 0, 2, 0);
    private static final int IDR0 = 0;
    private static final int CD2L = 1 << 19;
    private static final int IDR1 = 4;
    private static final long STE = 0x5b66_0400L;
    private static final long CD = 0x432b_d000L;
    private static final long S1CDMAX_4 = 4L << 59;
    private static final long S1FMT_4K = 1L << 4;

    private final Snapshot view = Captured.view("translated");

    /// SSIDSIZE is 8, and STE.S1CDMax 4: 16 contexts, one after the other.
    private Snapshot linear() {
        long other = otherContext();
        Snapshot out = Poked.register(view, FrameKind.SMMU, IDR1, 0x0273_0010 | 8 << 6);
        out = Poked.word(out, STE, w -> w | S1CDMAX_4);
        for (int i = 0; i < 8; i++) {
            long word = view.memory().read(other + 8L * i, 8);
            out = Poked.word(out, CD + 3 * 64 + 8L * i, w -> word);
        }
        return out;
    }

    /// The context of 01:00.0, StreamID 0x100: its stream table entry is in the next level-2 table.
    private long otherContext() {
        long l1std = view.memory().read(0x4801_7008L, 8);
        return view.memory().read(l1std & 0xf_ffff_ffff_ffc0L, 8) & 0xf_ffff_ffff_ffc0L;
    }

    private static ExplainRequest map(OptionalInt pasid) {
        return new ExplainRequest(
                Optional.of(NVME), OptionalInt.empty(), true, Optional.empty(), true, pasid);
    }

    private static Dma walk(Snapshot view, int pasid, long address) throws Exception {
        ExplainRequest request =
                new ExplainRequest(
                        Optional.of(NVME),
                        OptionalInt.empty(),
                        true,
                        Optional.of(new ExplainRequest.Dma(address, true)),
                        false,
                        OptionalInt.of(pasid));
        return ExplainLab.explain(view, request).dma().orElseThrow();
    }

    private static Stage1 stage1(Snapshot view, OptionalInt pasid) throws Exception {
        return ExplainLab.explain(view, map(pasid)).iovaMap().orElseThrow();
    }

    @Test
    void aPasidsMapIsThatOfItsOwnContext() throws Exception {
        Snapshot several = linear();
        Stage1 own = stage1(several, OptionalInt.empty());
        Stage1 third = stage1(several, OptionalInt.of(3));
        ExplainRequest other =
                new ExplainRequest(
                        Optional.of(new Bdf(0, 1, 0, 0)),
                        OptionalInt.empty(),
                        true,
                        Optional.empty(),
                        true,
                        OptionalInt.empty());
        Stage1 virtio = ExplainLab.explain(view, other).iovaMap().orElseThrow();

        assertThat(own.ranges()).isEqualTo(stage1(view, OptionalInt.empty()).ranges());
        assertThat(own.pasids()).containsExactly(3);
        assertThat(third.ranges())
                .isNotEmpty()
                .isEqualTo(virtio.ranges())
                .isNotEqualTo(own.ranges());
    }

    @Test
    void anAddressIsWalkedInThePasidsContext() throws Exception {
        Range some = stage1(linear(), OptionalInt.of(3)).ranges().getFirst();
        Dma walked = walk(linear(), 3, some.iova() + 8);
        assertThat(walked.output()).hasValue(some.output() + 8);
        assertThat(walked.sentence()).startsWith("A write of 00:02.0 with PASID 3 at ");
    }

    @Test
    void aPasidWithoutAContextStopsAtTheContextDescriptor() throws Exception {
        assertThat(walk(linear(), 5, 0xfffff040L).stoppedAt()).hasValue(HopKind.CD);
    }

    @Test
    void aPasidBeyondTheTableOrBeyondTheSmmuIsNamed() throws Exception {
        assertThat(walk(linear(), 16, 0xfffff040L).sentence()).contains("SUBSTREAMID");
        assertThat(walk(view, 1, 0xfffff040L).sentence()).contains("SUBSTREAMID");
    }

    @Test
    void aTwoLevelTableIsFollowedToItsLeaf() throws Exception {
        // The 256 contexts begin with 4 level-1 descriptors, in place of the virtio disk's context.
        long table = otherContext();
        Snapshot out = Poked.register(linear(), FrameKind.SMMU, IDR0, 0x0d40_101a | CD2L);
        out = Poked.word(out, STE, w -> (w & ~(0x1fL << 59)) | 8L << 59 | S1FMT_4K);
        out = Poked.word(out, STE, w -> (w & 0xfff0_0000_0000_003fL) | table);
        out = Poked.word(out, table, w -> CD | 1);
        for (int i = 1; i < 4; i++) {
            out = Poked.word(out, table + 8L * i, w -> 0);
        }
        assertThat(stage1(out, OptionalInt.empty()).pasids()).containsExactly(3);
        assertThat(walk(out, 70, 0x1000).stoppedAt()).hasValue(HopKind.CD_TABLE);
    }
}
