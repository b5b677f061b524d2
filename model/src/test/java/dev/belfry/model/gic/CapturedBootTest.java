package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.GicCapture.Vector;
import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The register writes of a recorded boot, and the commands that it left in the queue, make the
/// same registers and tables here as in QEMU.
class CapturedBootTest {

    private static final long QUEUE = 0x4258_0000L;
    private static final long DEVICES_L1 = 0x4259_0000L;
    private static final long DEVICES_L2 = 0x4809_0000L;
    private static final long COLLECTIONS = 0x425a_0000L;
    private static final long LPI_CONFIG = 0x425b_0000L;

    private final GicCapture capture = new GicCapture("translated");
    private final SparseRam ram = new SparseRam(0x4000_0000L, 512L << 20);
    private GicV3 gic;
    private Its its;

    @BeforeEach
    void boot() {
        // What software wrote is there; what the ITS wrote is not.
        for (long page : new long[] {QUEUE, DEVICES_L1, LPI_CONFIG}) {
            ram.writeBytes(page, capture.page(page), 0, 4096);
        }
        // QEMU 7.2 counts INTIDs one register short in GICD_TYPER; so many SPIs say the same.
        gic = new GicV3(new GicV3.Setup(GicIdentity.QEMU_TCG, ram, 2, 224));
        Rig.listen(gic, 0);
        Rig.listen(gic, 1);
        its =
                new Its(
                        new Its.Setup(
                                "its",
                                0x0808_0000,
                                ItsIdentity.QEMU_TCG,
                                gic,
                                0x080a_0000,
                                ram,
                                Probe.NONE));
        for (String line : capture.trace()) {
            replay(line);
        }
    }

    private void replay(String line) {
        if (line.startsWith("gicv3_dist_write")) {
            write(gic.distributor(), 0, line);
        } else if (line.startsWith("gicv3_redist_write")) {
            write(
                    gic.redistributors(),
                    GicCapture.number(line, "redistributor ") * Gicr.SIZE,
                    line);
        } else if (line.startsWith("gicv3_its_write")) {
            write(its, 0, line);
        }
    }

    private static void write(MmioDevice device, long frame, String line) {
        device.write(
                frame + GicCapture.number(line, "offset "),
                (int) GicCapture.number(line, "size "),
                GicCapture.number(line, "data "),
                PhysicalMemory.CPU);
    }

    private void assertReads(MmioDevice device, long frame, String file) {
        Map<Long, Long> captured = capture.registers(file);
        assertThat(captured).hasSizeGreaterThan(30);
        captured.forEach((offset, value) ->
                assertThat(device.read(frame + offset, 4))
                        .as("%s %x", file, offset)
                        .isEqualTo(value));
    }

    @Test
    void theItsReadsBackAsCaptured() {
        assertReads(its, 0, "its-regs.txt");
    }

    @Test
    void theDistributorReadsBackAsCaptured() {
        assertReads(gic.distributor(), 0, "gicd-regs.txt");
    }

    @Test
    void theRedistributorsReadBackAsCaptured() {
        assertReads(gic.redistributors(), 0, "gicr0-regs.txt");
        assertReads(gic.redistributors(), Gicr.SIZE, "gicr1-regs.txt");
    }

    @Test
    void theCommandsInTheQueueMakeTheTablesThatQemuMade() {
        for (long page : new long[] {DEVICES_L2, DEVICES_L2 + 4096, COLLECTIONS}) {
            byte[] ours = new byte[4096];
            ram.readBytes(page, ours, 0, 4096);
            assertThat(ours).as("%x", page).isEqualTo(capture.page(page));
        }
        for (Vector v : capture.vectors()) {
            long address = GicCapture.number(v.hop("ITE @"), "@");
            assertThat(ram.read(address, 8)).isEqualTo(capture.read(address, 8));
            assertThat(ram.read(address + 8, 4)).isEqualTo(capture.read(address + 8, 4));
        }
        assertThat(its.failedCommands()).isEmpty();
    }

    @Test
    void theRecordedMessagesArriveAtTheCpusThatTheWalksName() {
        List<String> messages =
                capture.trace().stream()
                        .filter(l -> l.startsWith("gicv3_its_translation_write"))
                        .toList();
        assertThat(messages).hasSize(74);
        for (String line : messages) {
            int device = (int) GicCapture.number(line, "requester_id ");
            int event = (int) GicCapture.number(line, "data ");
            Vector v =
                    capture.vectors().stream()
                            .filter(x -> x.deviceId() == device && x.data() == event)
                            .findFirst()
                            .orElseThrow();
            its.write(0x10040, 4, event, device);
            int cpu = (int) GicCapture.number(v.hop("CTE @"), "RDBASE=");
            int intid = (int) GicCapture.number(v.hop("ITE @"), "INTID=");
            assertThat(gic.acknowledge(1 - cpu)).isEqualTo(InterruptController.SPURIOUS);
            assertThat(gic.acknowledge(cpu)).isEqualTo(intid);
            gic.endOfInterrupt(cpu, intid);
        }
    }
}
