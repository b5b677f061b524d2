package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.PageImage;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.Function;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A real guest's capture, grown to 256 functions of 2,048 vectors each: all events of each are
/// mapped, in tables laid out as that guest's.
class LargeSystemTest {

    private static final int FUNCTIONS = 256;
    private static final int VECTORS = 2048;
    private static final long DTES = 0x4809_0000L;
    private static final long ITTS = 0x5000_0000L;
    private static final int ITT_BYTES = 0x8000;

    @Test
    void everyOneOfHalfAMillionVectorsIsFollowed() throws Exception {
        Snapshot large = grow(Captured.view("translated"));
        ExplainReport report = ExplainLab.explain(large, ExplainRequest.TABLE);

        assertThat(report.vectors()).hasSize(FUNCTIONS * VECTORS);
        assertThat(report.vectors().stream().filter(Vector::delivered).count())
                .isEqualTo(FUNCTIONS * VECTORS);
        assertThat(report.functions()).hasSize(FUNCTIONS);
    }

    private static Snapshot grow(Snapshot small) {
        Map<Long, byte[]> pages = new HashMap<>();
        for (long page : small.memory().addresses()) {
            pages.put(page, small.memory().page(page).toArray());
        }
        Function nvme =
                small.functions().stream()
                        .filter(f -> f.bdf().equals(new Bdf(0, 0, 2, 0)))
                        .findFirst()
                        .orElseThrow();
        List<Function> functions = new ArrayList<>();
        long ste = 0x5b66_0400L;
        for (int rid = 0; rid < FUNCTIONS; rid++) {
            long itt = ITTS + (long) rid * ITT_BYTES;
            for (int w = 0; w < 8; w++) {
                put(pages, 0x5b66_0000L + rid * 64L + w * 8L, small.memory().read(ste + w * 8L, 8));
            }
            put(pages, DTES + rid * 8L, 1 | 10 << 1 | (itt >> 8) << 6);
            for (int event = 0; event < VECTORS; event++) {
                put4(pages, itt + event * 12L, 3 | (8192 + event % 15) << 2);
                put4(pages, itt + event * 12L + 4, event % 2);
            }
            functions.add(function(nvme, rid));
        }
        // LPIs 8192..8206 of that guest, all enabled.
        put(pages, 0x425b_0000L, 0xa3a3_a3a3_a3a3_a3a3L);
        put(pages, 0x425b_0008L, 0xa3a3_a3a3_a3a3_a3a3L);
        return new Snapshot(
                small.source(),
                small.notes(),
                small.ram(),
                small.frames(),
                functions,
                new PageImage(pages));
    }

    private static Function function(Function like, int rid) {
        byte[] config = like.config().toArray();
        // MSI-X Table Size is in bits 10:0 of Message Control, at offset 2 of the capability.
        config[0x42] = (byte) (VECTORS - 1);
        config[0x43] = (byte) (0x80 | (VECTORS - 1) >> 8);
        byte[] entries = new byte[VECTORS * 16];
        ByteBuffer table = wrap(entries);
        for (int v = 0; v < VECTORS; v++) {
            table.putLong(v * 16, 0xffff_f040L);
            table.putLong(v * 16 + 8, v);
        }
        return new Function(
                Bdf.of(0, rid),
                Bytes.of(config),
                Bytes.of(entries),
                0x80_0000_0000L + (long) rid * VECTORS * 16);
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void put(Map<Long, byte[]> pages, long at, long value) {
        put4(pages, at, (int) value);
        put4(pages, at + 4, (int) (value >>> 32));
    }

    private static void put4(Map<Long, byte[]> pages, long at, int value) {
        wrap(pages.computeIfAbsent(at & -4096, a -> new byte[4096]))
                .putInt((int) (at & 4095), value);
    }
}
