package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.KernelGic;
import dev.belfry.model.system.KernelGic.Interrupt;
import dev.belfry.model.system.RegisterImage;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.Snapshot.FrameImage;
import dev.belfry.model.system.SystemView.FrameKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// A captured guest whose disk was moved behind a GICv2 with a GICv2m frame, as QEMU's `virt` has
/// them with gic-version=2: SPIs 80 to 143 (MSI_TYPER 0x500040), distributor at 0x8000000.
class Gicv2Test {

    private static final long FRAME = 0x802_0000L;
    private static final int SPI = 80;

    /// @param targets the byte of SPI 80 in GICD_ITARGETSR
    private static Snapshot system(boolean readable, int targets, boolean enabled) {
        Snapshot healthy = Captured.view("passthrough");
        Map<Long, Long> gicd = new TreeMap<>();
        if (readable) {
            gicd.put(0L, 1L);
            gicd.put(4L, 0x24L | 1 << 5);
            gicd.put(0x80L + 4 * (SPI / 32), 0L);
            gicd.put(0x100L + 4 * (SPI / 32), enabled ? 1L << (SPI % 32) : 0);
            gicd.put(0x800L + SPI, (long) targets);
        }
        List<FrameImage> frames = new ArrayList<>();
        frames.add(frame(FrameKind.V2M, FRAME, new TreeMap<>(Map.of(8L, 0x50_0040L))));
        frames.add(frame(FrameKind.DISTRIBUTOR, 0x800_0000L, gicd));
        healthy.frames().stream().filter(f -> f.kind() == FrameKind.SMMU).forEach(frames::add);
        Snapshot moved =
                new Snapshot(
                        healthy.source(),
                        healthy.notes(),
                        healthy.ram(),
                        frames,
                        healthy.functions(),
                        healthy.memory());
        moved = Poked.function(moved, "00:02.0", true, 0, 4, FRAME + 0x40);
        return Poked.function(moved, "00:02.0", true, 8, 4, SPI);
    }

    private static FrameImage frame(FrameKind kind, long base, Map<Long, Long> registers) {
        return new FrameImage(kind, kind.name(), base, new RegisterImage(new TreeMap<>(registers)));
    }

    private static Vector first(Snapshot view) throws Exception {
        return ExplainLab.explain(view, ExplainRequest.of(new Bdf(0, 0, 2, 0)))
                .vectors()
                .getFirst();
    }

    private static Hop last(Vector v) {
        return v.hops().getLast();
    }

    @Test
    void ofSeveralTargetsAnyMayTakeTheSpi() throws Exception {
        Vector v = first(system(true, 0b101, true));
        assertThat(v.state()).as(v.sentence()).isEqualTo(State.DELIVERED);
        assertThat(last(v).fields()).containsEntry("targets", "[0, 2]");
        assertThat(last(v).rule()).contains("CPUs [0, 2]", "first of them that is free");
    }

    @Test
    void ofOneTargetThatOneTakesTheSpi() throws Exception {
        Vector v = first(system(true, 0b10, true));
        assertThat(v.delivered()).isTrue();
        assertThat(v.cpu()).hasValue(1);
        assertThat(last(v).rule()).isEqualTo("CPU 1 takes SPI 80.");
    }

    @Test
    void anSpiWithoutATargetOrNotEnabledIsLost() throws Exception {
        Vector nobody = first(system(true, 0, true));
        assertThat(nobody.stoppedAt()).hasValue(HopKind.CPU);
        assertThat(nobody.sentence()).contains("GICD_ITARGETSR names no CPU");
        assertThat(first(system(true, 1, false)).stoppedAt()).hasValue(HopKind.SPI);
    }

    /// QEMU's distributor of several CPUs cannot be read from outside.
    @Test
    void aDistributorThatWasNotReadIsSaidAndWhereToLookInstead() throws Exception {
        Vector v = first(system(false, 0, true));
        assertThat(v.state()).isEqualTo(State.UNKNOWN);
        assertThat(v.sentence()).contains("/proc/interrupts");
    }

    @Test
    void underKvmTheKernelTellsOfTheSpi() throws Exception {
        Snapshot view = system(false, 0, true);
        Interrupt spi = new Interrupt(SPI, 1, false, false, true, 0, 160);
        Vector v = first(view.with(new KernelGic(true, List.of(), List.of(spi))));
        assertThat(v.delivered()).as(v.sentence()).isTrue();
        assertThat(v.cpu()).hasValue(1);
        Interrupt off = new Interrupt(SPI, 1, true, false, false, 0, 160);
        assertThat(first(view.with(new KernelGic(true, List.of(), List.of(off)))).stoppedAt())
                .hasValue(HopKind.SPI);
    }
}
