package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Where;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.KernelGic;
import dev.belfry.model.system.KernelGic.Device;
import dev.belfry.model.system.KernelGic.Event;
import dev.belfry.model.system.KernelGic.Interrupt;
import dev.belfry.model.system.Snapshot;
import dev.belfry.qemu.capture.Bundle;
import dev.belfry.qemu.capture.CaptureError;
import dev.belfry.qemu.capture.KernelGicText;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real guest with an accelerated SMMU under real KVM, and its host (README beside them): what
/// their kernels counted is what must be found.
class AcceleratedCaptureTest {

    private static final Bdf NVME = new Bdf(0, 9, 0, 0);

    private final Snapshot guest = Bundle.read(resource("accelerated-guest.belfry"));
    private final Snapshot host = Bundle.read(resource("nested-host.belfry"));

    private static Path resource(String name) {
        try {
            return Path.of(AcceleratedCaptureTest.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Vector> programmed(Snapshot view) throws Exception {
        return ExplainLab.explain(view, ExplainRequest.EVERYTHING).vectors().stream()
                .filter(v -> v.state() != State.UNUSED)
                .toList();
    }

    private static Hop hop(Vector v, HopKind kind) {
        return v.hops().stream().filter(h -> h.kind() == kind).findFirst().orElseThrow();
    }

    /// The LPIs are those of vgic-its-state.
    @Test
    void everyVectorOfTheAcceleratedGuestIsFollowedThroughKvmsIts() throws Exception {
        assertThat(programmed(guest))
                .extracting(v -> v.device() + " " + v.vector() + " " + v.intId().getAsInt())
                .containsExactly("08:00.0 0 8192", "09:00.0 0 8193", "09:00.0 1 8194");
        assertThat(programmed(guest)).allMatch(Vector::delivered);
    }

    @Test
    void theHostsDoorbellWindowOfTheAcceleratedGuestIsAHop() throws Exception {
        Vector v = programmed(guest).getLast();
        assertThat(v.hops().stream().filter(h -> h.where() == Where.HOST))
                .extracting(Hop::kind)
                .containsExactly(HopKind.STAGE1, HopKind.STAGE2);
        assertThat(ExplainLab.explain(guest, ExplainRequest.of(NVME)).findings())
                .extracting(ExplainReport.Finding::rule)
                .containsExactly("rmr");
    }

    @Test
    void everyVectorOfTheHostIsFollowedThroughBothStages() throws Exception {
        List<Vector> vectors = programmed(host);
        assertThat(vectors).hasSize(8).allMatch(Vector::delivered);
        assertThat(vectors)
                .filteredOn(v -> v.device().equals("00:02.0"))
                .hasSize(2)
                .allMatch(v -> v.policy().equals("stage 1 and 2"))
                .allMatch(v -> v.address() == 0x800_0040L)
                .extracting(v -> v.intId().getAsInt())
                .containsExactly(8199, 8200);
    }

    /// What the guest wrote into its STE is what the host's hardware goes by.
    @Test
    void theHostsNestedSteLeadsToTheGuestsContextDescriptor() throws Exception {
        Vector inGuest = programmed(guest).getLast();
        Vector inHost = programmed(host).getFirst();
        assertThat(hop(inHost, HopKind.STE).fields().get("Config")).isEqualTo("7");
        assertThat(hop(inHost, HopKind.STE).fields().get("S1ContextPtr"))
                .isEqualTo(hop(inGuest, HopKind.STE).fields().get("S1ContextPtr"));
        assertThat(hop(inHost, HopKind.CD).bytes()).isEqualTo(hop(inGuest, HopKind.CD).bytes());
    }

    @Test
    void withoutTheKernelsWordTheWayEndsAtItsIts() throws Exception {
        Snapshot alone =
                new Snapshot(
                        guest.source(),
                        guest.notes(),
                        guest.ram(),
                        guest.frames(),
                        guest.functions(),
                        guest.memory());
        assertThat(programmed(alone))
                .hasSize(3)
                .allMatch(v -> v.state() == State.UNKNOWN)
                .allMatch(v -> v.sentence().contains("--vgic"));
    }

    @Test
    void theDebugFilesSayWhatTheBundleKeeps() {
        KernelGic read = KernelGicText.read(resource("vgic"));
        KernelGic kept = guest.kernelGic().orElseThrow();
        assertThat(read.devices()).isEqualTo(kept.devices()).hasSize(2);
        assertThat(read.enabled()).isTrue();
        assertThat(kept.interrupts()).containsAll(read.interrupts());
        assertThat(read.interrupt(8194))
                .hasValue(new Interrupt(8194, 0, false, false, true, 1, 160));
    }

    @Test
    void theVmsDirectoryIsFoundByTheSocketInItsCommandLine(@TempDir Path dir) throws Exception {
        Path vm = Files.createDirectories(dir.resolve("kvm/95-14"));
        Files.createDirectories(dir.resolve("kvm/7-3"));
        Files.writeString(vm.resolve("vgic-state"), "enabled:\t1\n");
        Path process = Files.createDirectories(dir.resolve("proc/95"));
        Files.writeString(process.resolve("cmdline"), "qemu\0-qmp\0unix:/run/vm.sock,server=on\0");
        Path all = dir.resolve("kvm");
        Path processes = dir.resolve("proc");
        assertThat(KernelGicText.find(all, processes, Path.of("/run/vm.sock"))).hasValue(vm);
        assertThat(KernelGicText.find(all, processes, Path.of("/run/other"))).isEmpty();
        assertThat(KernelGicText.find(processes, all, Path.of("/run/vm.sock"))).isEmpty();
    }

    @Test
    void aDirectoryOfSomethingElseIsRefusedInOneSentence(@TempDir Path dir) throws Exception {
        assertThatThrownBy(() -> KernelGicText.read(dir)).isInstanceOf(CaptureError.class);
        Files.writeString(dir.resolve("vgic-state"), "nothing of the kind\n");
        assertThatThrownBy(() -> KernelGicText.read(dir))
                .isInstanceOf(CaptureError.class)
                .hasMessageContaining("vgic-state is not what KVM writes");
    }

    private void lost(HopKind at, String said, UnaryOperator<KernelGic> change) throws Exception {
        Snapshot broken = guest.with(change.apply(guest.kernelGic().orElseThrow()));
        Vector v = ExplainLab.explain(broken, ExplainRequest.of(NVME)).vectors().getFirst();
        assertThat(v.stoppedAt()).as(v.sentence()).hasValue(at);
        assertThat(v.state()).isEqualTo(State.LOST);
        assertThat(v.sentence()).contains(said);
    }

    private static KernelGic events(KernelGic gic, Function<Event, List<Event>> change) {
        List<Device> devices =
                gic.devices().stream()
                        .map(d ->
                                new Device(
                                        d.its(),
                                        d.deviceId(),
                                        d.events(),
                                        d.mapped().stream()
                                                .flatMap(e -> change.apply(e).stream())
                                                .toList()))
                        .toList();
        return new KernelGic(gic.enabled(), devices, gic.interrupts());
    }

    @Test
    void whatKvmsItsDoesNotHoldIsNamed() throws Exception {
        lost(
                HopKind.DTE,
                "no event of DeviceID 0x900",
                g -> new KernelGic(true, List.of(g.devices().getFirst()), g.interrupts()));
        lost(HopKind.ITE, "no MAPTI", g -> events(g, e -> List.of()));
        lost(
                HopKind.CTE,
                "no MAPC",
                g ->
                        events(
                                g,
                                e ->
                                        List.of(
                                                new Event(
                                                        e.eventId(),
                                                        e.intId(),
                                                        KernelGic.NOT_MAPPED,
                                                        e.collection(),
                                                        false))));
        lost(
                HopKind.LPI,
                "disabled",
                g ->
                        new KernelGic(
                                true,
                                g.devices(),
                                g.interrupts().stream()
                                        .map(i ->
                                                new Interrupt(
                                                        i.intId(), i.cpu(), true, false, false, 1,
                                                        160))
                                        .toList()));
        lost(
                HopKind.CPU,
                "forwards nothing",
                g -> new KernelGic(false, g.devices(), g.interrupts()));
    }
}
