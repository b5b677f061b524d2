package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.Progress;
import dev.belfry.lab.explain.ExplainReport.Finding;
import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.lab.run.RunLab;
import dev.belfry.lab.run.RunRequest;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// A device behind an accelerated vSMMU: what the guest's memory tells of the host's half.
class HostHalfTest {

    private static final Bdf GPU = new Bdf(0, 9, 0, 0);
    private static final long WINDOW = 0x800_0000L;
    private static final List<String> COMMAND =
            List.of(
                    "qemu-system-aarch64 -machine virt,accel=kvm,gic-version=3 -cpu host -smp 2 -m 1G"
                            .split(" "));
    private static final List<String> DEVICES =
            List.of(
                    ("-nodefaults -bios QEMU_EFI.fd -object iommufd,id=iommufd0"
                                    + " -device pxb-pcie,id=pcie.1,bus_nr=8,bus=pcie.0"
                                    + " -device arm-smmuv3,primary-bus=pcie.1,id=s1,accel=on,ril=off"
                                    + " -device pcie-root-port,id=rp1,bus=pcie.1,chassis=1"
                                    + " -device vfio-pci,host=0009:01:00.0,bus=rp1,iommufd=iommufd0")
                            .split(" "));

    private static Snapshot machine() throws Exception {
        List<String> words = new ArrayList<>(COMMAND);
        words.addAll(DEVICES);
        RunRequest request =
                new RunRequest(
                        new RunRequest.Source.Words(words),
                        Optional.empty(),
                        new RunRequest.Options(RunRequest.Doorbell.DIRECT, true, 1));
        return ExplainLab.capture(RunLab.view(request, Progress.NONE));
    }

    private static ExplainReport explain(Snapshot view) throws Exception {
        return ExplainLab.explain(view, ExplainRequest.of(GPU));
    }

    @Test
    void theGuestsStage1PassesTheHostsDoorbellAndTheRestIsSaidToBeUnseen() throws Exception {
        Vector v = explain(machine()).vectors().getFirst();
        assertThat(v.delivered()).as(v.sentence()).isTrue();
        assertThat(v.hops())
                .filteredOn(h -> h.where() == Where.HOST)
                .extracting(h -> h.kind() + " " + h.verdict())
                .containsExactly("STAGE1 OK", "STAGE2 UNKNOWN");
    }

    @Test
    void aStage1ThatDoesNotPassItLosesTheMessageOnTheHost() throws Exception {
        Snapshot healthy = machine();
        ExplainRequest walk =
                new ExplainRequest(
                        Optional.of(GPU),
                        OptionalInt.empty(),
                        true,
                        Optional.of(new ExplainRequest.Dma(WINDOW, true)),
                        false,
                        OptionalInt.empty());
        Hop leaf =
                ExplainLab.explain(healthy, walk).dma().orElseThrow().hops().stream()
                        .filter(h -> h.kind() == HopKind.STAGE1)
                        .reduce((a, b) -> b)
                        .orElseThrow();
        Snapshot broken = Poked.word(healthy, leaf.address().orElseThrow(), w -> 0);
        ExplainReport report = explain(broken);

        Vector v = report.vectors().getFirst();
        assertThat(v.state()).isEqualTo(State.LOST);
        assertThat(v.stoppedAt()).hasValue(HopKind.STAGE1);
        Hop last = v.hops().getLast();
        assertThat(last.where()).isEqualTo(Where.HOST);
        assertThat(last.verdict()).isEqualTo(Verdict.BROKEN);
        assertThat(report.findings()).extracting(Finding::rule).containsExactly("rmr");
        assertThat(report.allWell()).isFalse();
    }
}
