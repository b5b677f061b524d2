package dev.belfry.lab.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.compare.EndpointCell.Arrangement;
import dev.belfry.lab.compare.EndpointCell.Worker;
import org.junit.jupiter.api.Test;

class EndpointAxisTest {

    private static EndpointCell cell(Arrangement arrangement, Worker worker) {
        return CompareLab.endpoint(arrangement, worker);
    }

    @Test
    void keptApartTheEmulatedDeviceCostsTheHostNothing() {
        EndpointCell c = cell(Arrangement.APART, Worker.EMULATED);
        assertThat(c.ioctls()).isZero();
        assertThat(c.hostCommands()).isZero();
        // Each of 32 copies unmaps two pages: an invalidation and a CMD_SYNC each.
        assertThat(c.commands()).isGreaterThanOrEqualTo(128);
        assertThat(c.vmmWalks()).isGreaterThanOrEqualTo(64);
        assertThat(c.staleHits()).isZero();
    }

    @Test
    void togetherEachOfItsInvalidationsGoesToTheHostForNothing() {
        EndpointCell c = cell(Arrangement.TOGETHER, Worker.EMULATED);
        assertThat(c.ioctls()).isGreaterThanOrEqualTo(64);
        assertThat(c.hostCommands()).isGreaterThanOrEqualTo(c.ioctls());
        assertThat(c.hostWalks()).isZero();
        assertThat(c.staleHits()).isZero();
        assertThat(c.hops()).isNotEmpty();
    }

    @Test
    void whatPassesByTheVmmLeavesItsCacheStale() {
        EndpointCell c = cell(Arrangement.UNSEEN, Worker.EMULATED);
        assertThat(c.staleHits()).isPositive();
    }

    @Test
    void thePassedThroughDeviceIsTranslatedByTheHostAlone() {
        for (Arrangement a : Arrangement.values()) {
            EndpointCell c = cell(a, Worker.PASSED_THROUGH);
            assertThat(c.ioctls()).isPositive();
            assertThat(c.vmmWalks()).isZero();
            assertThat(c.hostWalks()).isPositive();
            assertThat(c.staleHits()).isZero();
        }
    }
}
