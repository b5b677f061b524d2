package dev.belfry.lab.compare;

import static dev.belfry.lab.run.RunRequest.MsiDesign.OVERRIDE;
import static dev.belfry.lab.run.RunRequest.MsiDesign.PREPARE;
import static dev.belfry.lab.run.RunRequest.MsiDesign.SW_MSI;
import static dev.belfry.lab.run.RunRequest.MsiDesign.SW_MSI_OPTION;
import static dev.belfry.lab.run.RunRequest.MsiDesign.TWO_STAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.Progress;
import dev.belfry.lab.run.RunRequest.MsiDesign;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Each cell against what the mailing list threads and the kernel's rules say of it.
class MatrixTest {

    private static List<Cell> cells = List.of();

    @BeforeAll
    static void run() {
        cells = CompareLab.matrix(Progress.NONE);
    }

    private static Cell cell(MsiDesign design, Situation situation) {
        return cells.stream()
                .filter(c -> c.design() == design && c.situation() == situation)
                .findFirst()
                .orElseThrow();
    }

    private static void expect(Situation situation, String brief, MsiDesign... designs) {
        for (MsiDesign d : designs) {
            assertThat(cell(d, situation).brief())
                    .as(cell(d, situation).name() + ": " + cell(d, situation).detail())
                    .isEqualTo(brief);
        }
    }

    @Test
    void everyDesignIsRunInEverySituation() {
        assertThat(cells)
                .hasSize(MsiDesign.values().length * Situation.values().length)
                .extracting(Cell::name)
                .doesNotHaveDuplicates();
    }

    /// All were shown to work at rest: RFCv1's cover letter, the replies to it, the merged series.
    @Test
    void atRestAllDeliver() {
        expect(Situation.QUIET, "delivered", MsiDesign.values());
    }

    /// "VFIO is not the only writer": an affinity change composes the message again, from what the
    /// interrupt layer knows. A preset in the msi_desc survives, an override in VFIO does not.
    @Test
    void onlyTheOverrideLosesItsAddressToAnAffinityChange() {
        expect(Situation.AFFINITY, "delivered", SW_MSI, PREPARE, TWO_STAGE, SW_MSI_OPTION);
        expect(Situation.AFFINITY, "faulted F_TRANSLATION (guest)", OVERRIDE);
        assertThat(cell(OVERRIDE, Situation.AFFINITY).detail())
                .as("the host's address comes back, which the guest was told nothing of")
                .contains("0x8000040");
    }

    /// "The cached message must be writable as is": what the cache has goes to the table.
    @Test
    void onlyTheOverrideLosesItsAddressToAResync() {
        expect(Situation.RESYNC, "delivered", SW_MSI, PREPARE, TWO_STAGE, SW_MSI_OPTION);
        expect(Situation.RESYNC, "faulted F_TRANSLATION (guest)", OVERRIDE);
    }

    /// The window has a page for each ITS. One vITS page in stage 2 leads to one physical ITS: "per
    /// ITS", and firmware would have to say which serves whom.
    @Test
    void severalItssNeedSeveralVitssUnlessThereIsAWindow() {
        expect(Situation.MULTI_ITS, "delivered", SW_MSI, SW_MSI_OPTION);
        expect(Situation.MULTI_ITS, "refused EEXIST", PREPARE, OVERRIDE, TWO_STAGE);
    }

    /// The window's designs need the guest to honour an RMR; without it the fault is the guest's,
    /// at the host's address. The others are what bare metal looks like.
    @Test
    void withoutRmrTheWindowsAddressFaultsInStage1() {
        expect(Situation.NO_RMR, "faulted F_TRANSLATION (guest)", SW_MSI, SW_MSI_OPTION);
        expect(Situation.NO_RMR, "delivered", PREPARE, OVERRIDE, TWO_STAGE);
        assertThat(cell(SW_MSI, Situation.NO_RMR).detail()).contains("0x8000040");
        Hop broken = broken(cell(SW_MSI, Situation.NO_RMR));
        assertThat(broken.kind()).isEqualTo(HopKind.STAGE1);
        assertThat(broken.where()).isEqualTo(Where.HOST);
    }

    /// Every attach enforces the driver's reserved regions, whichever way messages go: a mapping in
    /// the way is EADDRINUSE. Choosing the window is what the options were proposed for.
    @Test
    void ramAtTheWindowIsRefusedUnlessTheWindowCanMove() {
        expect(
                Situation.RAM_OVER_WINDOW,
                "refused EADDRINUSE",
                SW_MSI,
                PREPARE,
                OVERRIDE,
                TWO_STAGE);
        expect(Situation.RAM_OVER_WINDOW, "delivered", SW_MSI_OPTION);
    }

    /// A bypass STE has no stage 1: the window's address goes straight to stage 2; the guest's is
    /// the vITS's own, which is mapped there as well.
    @Test
    void aGuestThatBypassesIsServedByAll() {
        expect(Situation.GUEST_BYPASS, "delivered", MsiDesign.values());
    }

    /// The VMM is blind until the MSI-X table is written; the identity mapping of an RMR is in
    /// every domain of the guest's.
    @Test
    void aNewDomainLosesAddressesThatTheGuestGave() {
        expect(Situation.DOMAIN_SWITCH, "delivered", SW_MSI, SW_MSI_OPTION);
        expect(
                Situation.DOMAIN_SWITCH,
                "faulted F_TRANSLATION (guest)",
                PREPARE,
                OVERRIDE,
                TWO_STAGE);
    }

    /// Nothing checks the page's number against the window's 1 MiB: the 17th page of 64 KiB is
    /// behind what the RMR tells of. A chosen window can be large enough.
    @Test
    void theSeventeenthLargePageIsBehindTheWindow() {
        expect(Situation.WINDOW_FULL, "faulted F_TRANSLATION (guest)", SW_MSI);
        assertThat(cell(SW_MSI, Situation.WINDOW_FULL).detail()).contains("0x8100040");
        expect(Situation.WINDOW_FULL, "delivered", SW_MSI_OPTION);
        expect(Situation.WINDOW_FULL, "refused EEXIST", PREPARE, OVERRIDE, TWO_STAGE);
    }

    /// RFCv1 says itself that it solves half: stage 2 was hard-coded for its tests. A stage 2 fault
    /// is never forwarded to a guest. Without the call two-stage is nothing (an unknown ioctl).
    @Test
    void withoutStage2AGivenAddressFaultsWhereOnlyTheHostLooks() {
        expect(Situation.NO_STAGE2_DOORBELL, "faulted F_TRANSLATION (host)", PREPARE, OVERRIDE);
        expect(Situation.NO_STAGE2_DOORBELL, "refused ENOTTY", TWO_STAGE);
        expect(Situation.NO_STAGE2_DOORBELL, "delivered", SW_MSI, SW_MSI_OPTION);
        assertThat(broken(cell(PREPARE, Situation.NO_STAGE2_DOORBELL)).kind())
                .isEqualTo(HopKind.STAGE2);
    }

    private static Hop broken(Cell cell) {
        return cell.hops().stream()
                .filter(h -> h.verdict() == Verdict.BROKEN)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aCellIsTheSameEveryTime() {
        assertThat(CompareLab.cell(OVERRIDE, Situation.AFFINITY))
                .isEqualTo(cell(OVERRIDE, Situation.AFFINITY));
    }

    @Test
    void aDeliveredCellShowsBothSides() {
        assertThat(cell(TWO_STAGE, Situation.QUIET).hops())
                .extracting(Hop::kind)
                .contains(
                        HopKind.STAGE1,
                        HopKind.STAGE2,
                        HopKind.EVENTFD,
                        HopKind.ROUTE,
                        HopKind.INJECT,
                        HopKind.CPU);
    }
}
