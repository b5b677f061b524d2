package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.Gicc;
import dev.belfry.model.gic.spec.Gicd;
import dev.belfry.model.gic.spec.MsiTyper;
import dev.belfry.model.gic.spec.V2m;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Where;
import dev.belfry.model.memory.PhysicalMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// QEMU's `virt` with a GICv2: a frame at 0x8020000 of 64 SPIs from INTID 80 on.
class GicV2mTest {

    private final JourneyRecorder recorder = new JourneyRecorder();
    private final GicV2 gic = new GicV2(new GicV2.Setup(2, 256));
    private final GicV2m frame =
            new GicV2m(
                    new GicV2m.Setup(
                            "v2m",
                            0x0802_0000,
                            MsiTyper.of(80, 64),
                            GicV2m.QEMU_IIDR,
                            gic,
                            recorder.at(Where.GUEST)));

    @BeforeEach
    void bringUp() {
        gic.distributor().write(Gicd.GICD_CTLR.offset(), 4, 1, -1);
        for (int intid = 80; intid < 144; intid++) {
            gic.distributor().write(Gicd.GICD_ITARGETSR.at(intid), 1, intid == 81 ? 2 : 1, -1);
        }
        for (int n = 5; n < 9; n++) {
            gic.distributor().write(Gicd.GICD_ICFGR.at(n), 4, 0xaaaa_aaaaL, -1);
        }
        for (int n = 2; n < 5; n++) {
            gic.distributor().write(Gicd.GICD_ISENABLER.at(n), 4, 0xffff_ffffL, -1);
        }
        for (int cpu = 0; cpu < 2; cpu++) {
            gic.cpuInterface(cpu).write(Gicc.GICC_PMR.offset(), 4, 0xf0, -1);
            gic.cpuInterface(cpu).write(Gicc.GICC_CTLR.offset(), 4, 1, -1);
        }
    }

    @Test
    void theFrameReadsAsQemus() {
        assertThat(frame.read(V2m.MSI_TYPER.offset(), 4)).isEqualTo(0x0050_0040);
        assertThat(frame.read(V2m.MSI_IIDR.offset(), 4)).isEqualTo(0x0510_0000);
        assertThat(frame.size()).isEqualTo(0x1000);
    }

    @Test
    void aMessageRaisesItsSpiAtItsTarget() {
        frame.write(V2m.MSI_SETSPI_NS.offset(), 4, 81, 0x10);
        assertThat(gic.acknowledge(0)).isEqualTo(InterruptController.SPURIOUS);
        assertThat(gic.cpuInterface(1).read(Gicc.GICC_IAR.offset(), 4)).isEqualTo(81);
        gic.cpuInterface(1).write(Gicc.GICC_EOIR.offset(), 4, 81, -1);
        assertThat(gic.acknowledge(1)).isEqualTo(InterruptController.SPURIOUS);
    }

    @Test
    void onlyTheFramesOwnSpisCanBeRaised() {
        for (int intid : new int[] {0, 32, 79, 144, 1023}) {
            assertThat(frame.raise(intid))
                    .extracting(r -> ((MsiResult.Dropped) r).kind())
                    .isEqualTo(HopKind.SPI);
        }
        assertThat(frame.raise(80)).isEqualTo(new MsiResult.Delivered(80, 0));
        assertThat(frame.raise(143)).isEqualTo(new MsiResult.Delivered(143, 0));
    }

    @Test
    void severalFramesRaiseEachTheirOwn() {
        GicV2m second =
                new GicV2m(
                        new GicV2m.Setup(
                                "v2m1",
                                0x0803_0000,
                                MsiTyper.of(144, 16),
                                GicV2m.QEMU_IIDR,
                                gic,
                                recorder.at(Where.GUEST)));
        assertThat(second.raise(144)).isEqualTo(new MsiResult.Delivered(144, 0));
        assertThat(second.raise(143)).isInstanceOf(MsiResult.Dropped.class);
        assertThat(frame.raise(144)).isInstanceOf(MsiResult.Dropped.class);
        assertThat(second.read(V2m.MSI_TYPER.offset(), 4)).isEqualTo(0x0090_0010);
    }

    @Test
    void splitEndOfAGicV2LeavesTheInterruptActive() {
        gic.cpuInterface(0).write(Gicc.GICC_CTLR.offset(), 4, 1 | 1 << 9, -1);
        frame.raise(90);
        assertThat(gic.cpuInterface(0).read(Gicc.GICC_IAR.offset(), 4)).isEqualTo(90);
        gic.cpuInterface(0).write(Gicc.GICC_EOIR.offset(), 4, 90, -1);
        frame.raise(90);
        assertThat(gic.acknowledge(0)).as("still active").isEqualTo(InterruptController.SPURIOUS);
        gic.cpuInterface(0).write(Gicc.GICC_DIR.offset(), 4, 90, -1);
        assertThat(gic.acknowledge(0)).isEqualTo(90);
    }

    @Test
    void theBinaryPointSaysWhatPreempts() {
        gic.cpuInterface(0).write(Gicc.GICC_BPR.offset(), 4, 5, -1);
        gic.distributor().write(Gicd.GICD_IPRIORITYR.at(90), 1, 0x80, -1);
        gic.distributor().write(Gicd.GICD_IPRIORITYR.at(91), 1, 0x60, -1);
        gic.distributor().write(Gicd.GICD_IPRIORITYR.at(92), 1, 0x50, -1);
        frame.raise(90);
        assertThat(gic.acknowledge(0)).isEqualTo(90);
        frame.raise(91);
        assertThat(gic.acknowledge(0)).as("bits 7:6 decide").isEqualTo(91);
        frame.raise(92);
        assertThat(gic.acknowledge(0)).isEqualTo(InterruptController.SPURIOUS);
    }

    @Test
    void eachCpuWritesItsOwnInterface() {
        gic.reset();
        gic.cpuInterfaces().write(Gicc.GICC_PMR.offset(), 4, 0xf0, PhysicalMemory.cpu(1));
        assertThat(gic.cpuInterface(1).read(Gicc.GICC_PMR.offset(), 4)).isEqualTo(0xf0);
        assertThat(gic.cpuInterface(0).read(Gicc.GICC_PMR.offset(), 4)).isZero();
        gic.cpuInterfaces().write(Gicc.GICC_PMR.offset(), 4, 0xff, 5);
        assertThat(gic.cpuInterface(0).read(Gicc.GICC_PMR.offset(), 4)).as("a device").isZero();
    }

    @Test
    void aMessageIsToldAsDoorbellAndSpi() {
        recorder.start();
        frame.write(V2m.MSI_SETSPI_NS.offset(), 4, 85, 0x10);
        assertThat(recorder.stop().hops())
                .extracting(Hop::kind)
                .containsExactly(HopKind.DOORBELL, HopKind.SPI);
    }

    @Test
    void aPriorityThatTheMaskKeepsOutIsNotTaken() {
        gic.distributor().write(Gicd.GICD_IPRIORITYR.at(90), 1, 0xf0, -1);
        frame.raise(90);
        assertThat(gic.acknowledge(0)).isEqualTo(InterruptController.SPURIOUS);
        gic.cpuInterface(0).write(Gicc.GICC_PMR.offset(), 4, 0xff, -1);
        assertThat(gic.acknowledge(0)).isEqualTo(90);
    }

    @Test
    void theDistributorSaysHowManyLinesAndCpusThereAre() {
        assertThat(gic.distributor().read(Gicd.GICD_TYPER.offset(), 4)).isEqualTo(8 | (1 << 5));
    }
}
