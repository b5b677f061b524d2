package dev.belfry.host.iommufd;

import static dev.belfry.host.HostFixture.GPU;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import java.util.List;
import org.junit.jupiter.api.Test;

class VeventqTest {

    private static Veventq queue(int depth) {
        HostFixture f = new HostFixture();
        return f.iommufd.veventqAlloc(0, f.viommu(f.bind(GPU)), 1, depth).orThrow();
    }

    private static void offer(Veventq q, long n) {
        q.offer(new long[] {n, 0, 0, 0});
    }

    @Test
    void aReadGivesWholeRecordsOnly() {
        Veventq q = queue(4);
        offer(q, 1);
        offer(q, 2);
        assertThat(q.read(39, 0).orThrow()).isEmpty();
        assertThat(q.read(79, 0).orThrow()).extracting("sequence").containsExactly(0);
        assertThat(q.read(80, 0).orThrow()).extracting("sequence").containsExactly(1);
        assertThat(q.read(80, 0).orThrow()).isEmpty();
        assertThat(q.readable()).isFalse();
    }

    @Test
    void lostEventsAreOneHeaderAtTheTailWithTheNewestSequence() {
        Veventq q = queue(2);
        for (int i = 0; i < 5; i++) {
            offer(q, i);
        }
        List<VeventRecord> all = q.read(4096, 0).orThrow();
        assertThat(all).extracting(VeventRecord::sequence).containsExactly(0, 1, 4);
        assertThat(all).extracting(VeventRecord::lostEvents).containsExactly(false, false, true);
        assertThat(all).extracting(VeventRecord::length).containsExactly(40, 40, 8);
    }

    @Test
    void anEventAfterALossReplacesTheHeaderAndShowsTheGap() {
        Veventq q = queue(1);
        offer(q, 0);
        offer(q, 1);
        assertThat(q.read(40, 0).orThrow()).hasSize(1);
        offer(q, 2);
        assertThat(q.read(4096, 0).orThrow())
                .extracting(VeventRecord::sequence, VeventRecord::lostEvents)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(2, false));
    }
}
