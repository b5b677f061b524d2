package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.Command;
import dev.belfry.lab.explain.ExplainReport.Finding;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.system.PageImage;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.Frame;
import dev.belfry.model.system.SystemView.FrameKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// A healthy guest's capture, changed so that something is wrong without a broken hop, or beside
/// one.
class CrossCheckTest {

    private static final String NVME = "00:02.0";
    private static final long ADDRESS = 0xf_ffff_ffff_ffe0L;
    private static final long ITS_SYNC = 5;
    private static final long CMD_SYNC = 0x46;

    private final Snapshot healthy = Captured.view("translated");

    private static ExplainReport explain(Snapshot view) throws Exception {
        return ExplainLab.explain(view, ExplainRequest.EVERYTHING);
    }

    private static List<Finding> findings(Snapshot view) throws Exception {
        return explain(view).findings();
    }

    private static Vector vector(ExplainReport report, String device, int vector) {
        return report.vectors().stream()
                .filter(v -> v.device().equals(device) && v.vector() == vector)
                .findFirst()
                .orElseThrow();
    }

    /// Puts barriers in the place of commands.
    private Snapshot without(Predicate<Command> which, long base, int size, long barrier)
            throws Exception {
        Snapshot out = healthy;
        for (Command c : explain(healthy).commands()) {
            if (which.test(c)) {
                out = Poked.word(out, base + (long) c.index() * size, w -> barrier);
            }
        }
        return out;
    }

    private static boolean about(Command c, String name, long id) {
        return c.name().equals(name) && c.id().orElse(-1) == id;
    }

    @Test
    void anLpiThatWasMappedAndNeverInvalidatedIsFound() throws Exception {
        Frame its = healthy.itss().getFirst();
        long queue = its.registers().read64(0x80).orElseThrow() & 0xf_ffff_ffff_f000L;
        Snapshot view =
                without(
                        c ->
                                about(c, "INV", 0x10)
                                        && "2".equals(c.fields().getOrDefault("EventID", "")),
                        queue,
                        32,
                        ITS_SYNC);

        assertThat(findings(view)).hasSize(1);
        Finding f = findings(view).getFirst();
        assertThat(f.rule()).isEqualTo("lpi-not-invalidated");
        assertThat(f.device()).hasValue(NVME);
        assertThat(f.message()).contains("LPI 8196 (vector 2)");
    }

    @Test
    void anSteInUseThatWasNeverAnnouncedIsFound() throws Exception {
        Frame smmu = healthy.smmus().getFirst();
        long queue = smmu.registers().read64(0x90).orElseThrow() & ADDRESS;
        Snapshot view = without(c -> about(c, "CMD_CFGI_STE", 0x10), queue, 16, CMD_SYNC);

        assertThat(findings(view)).extracting(Finding::rule).containsExactly("ste-not-announced");
        assertThat(findings(view).getFirst().device()).hasValue(NVME);
    }

    @Test
    void aMessageAddressOfAnotherDomainIsFoundWithTheOneThatWouldBeRight() throws Exception {
        Snapshot view = Poked.function(healthy, NVME, true, 16, 4, 0x1234_0040L);
        ExplainReport report = explain(view);

        assertThat(vector(report, NVME, 1).stoppedAt()).hasValue(HopKind.STAGE1);
        assertThat(report.findings())
                .extracting(Finding::rule)
                .containsExactly("stale-message-address");
        assertThat(report.findings().getFirst().message())
                .contains("0x12340040", "GITS_TRANSLATER of the ITS at 0xfffff000");
    }

    @Test
    void aPhysicalMessageAddressInATranslatedStreamIsFound() throws Exception {
        Snapshot view = Poked.function(healthy, NVME, true, 16, 4, 0x0809_0040L);
        assertThat(findings(view))
                .extracting(Finding::rule)
                .containsExactly("stale-message-address");
    }

    @Test
    void anIovaThatIsSentWhileTheSmmuIsOffIsFound() throws Exception {
        Snapshot off =
                Poked.register(
                        Poked.register(healthy, FrameKind.SMMU, 0x20, 0), FrameKind.SMMU, 0x24, 0);
        ExplainReport report = explain(off);

        Vector v = vector(report, NVME, 1);
        assertThat(v.policy()).isEqualTo("SMMU off, bypass");
        assertThat(v.stoppedAt()).hasValue(HopKind.DOORBELL);
        assertThat(report.findings()).extracting(Finding::rule).contains("stale-message-address");
    }

    @Test
    void anLpiThatIsEnabledAndPendingAllTheSameIsFound() throws Exception {
        // LPI 8196 on CPU 1: its bit in that redistributor's pending table, which is one bit an
        // INTID (IHI 0069 5.1.2).
        Frame redistributor = healthy.redistributors().get(1);
        long table = redistributor.registers().read64(0x78).orElseThrow() & 0xf_ffff_ffff_0000L;
        Snapshot view = Poked.word(healthy, table + 8192 / 8, w -> w | 1L << 4);

        assertThat(findings(view)).extracting(Finding::rule).containsExactly("lpi-pending");
        assertThat(findings(view).getFirst().message()).contains("LPI 8196 (vector 2)");
    }

    /// QEMU's own device tree with its iommu-map cut down to bus 0.
    @Test
    void aBusThatFirmwareMapsToTheItsButToNoSmmuIsFoundAndFollowedThroughTheSmmu()
            throws Exception {
        ExplainReport whole = explain(withTree(0x10000));
        assertThat(whole.findings()).isEmpty();
        assertThat(vector(whole, "01:00.0", 1).delivered()).isTrue();

        Snapshot cut = withTree(0x100);
        ExplainReport report = explain(cut);
        assertThat(report.findings()).extracting(Finding::rule).containsOnly("id-map-without-smmu");
        assertThat(report.findings())
                .extracting(f -> f.device().orElse(""))
                .containsExactly("00:03.0", "00:05.0", "01:00.0", "02:00.0");
        Vector v = vector(report, "01:00.0", 1);
        assertThat(v.policy()).isEqualTo("stage 1");
        assertThat(v.hops().get(1).rule())
                .contains("to no SMMU", "sees it all the same, as StreamID 0x100");
    }

    private Snapshot withTree(int ids) throws IOException {
        byte[] tree = resource("/dev/belfry/lab/explain/smmu.dtb");
        long ram = healthy.ram().getFirst().base();
        ByteBuffer words = ByteBuffer.wrap(tree);
        // iommu-map is <rid-base &smmu streamid-base length>, of which the length is the last word.
        int at = property(tree, "iommu-map");
        assertThat(words.getInt(at + 12)).isEqualTo(0x10000);
        words.putInt(at + 12, ids);
        Map<Long, byte[]> pages = new HashMap<>();
        for (long page : healthy.memory().addresses()) {
            pages.put(page, healthy.memory().page(page).toArray());
        }
        for (int i = 0; i < tree.length; i += 4096) {
            byte[] page = new byte[4096];
            System.arraycopy(tree, i, page, 0, Math.min(4096, tree.length - i));
            pages.put(ram + i, page);
        }
        return new Snapshot(
                healthy.source(),
                healthy.notes(),
                healthy.ram(),
                healthy.frames(),
                healthy.functions(),
                new PageImage(pages));
    }

    /// Where the value of a property is: behind FDT_PROP, its length, and the offset of its name in
    /// the block of strings (Devicetree Specification 5.4).
    private static int property(byte[] tree, String name) {
        ByteBuffer b = ByteBuffer.wrap(tree);
        int structure = b.getInt(8);
        int strings = b.getInt(12);
        byte[] wanted = (name + "\0").getBytes(StandardCharsets.US_ASCII);
        for (int at = structure; at + 12 < tree.length; at += 4) {
            int offset = b.getInt(at + 8);
            boolean named =
                    b.getInt(at) == 3
                            && offset >= 0
                            && strings + offset + wanted.length <= tree.length
                            && Arrays.equals(
                                    tree,
                                    strings + offset,
                                    strings + offset + wanted.length,
                                    wanted,
                                    0,
                                    wanted.length);
            if (named) {
                return at + 12;
            }
        }
        throw new AssertionError("no " + name);
    }

    private static byte[] resource(String name) throws IOException {
        try (var in = CrossCheckTest.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        }
    }
}
