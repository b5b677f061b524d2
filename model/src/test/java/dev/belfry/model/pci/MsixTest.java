package dev.belfry.model.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import dev.belfry.model.pci.spec.EduLayout;
import dev.belfry.model.pci.spec.MsixEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// MSI-X and MSI, driven as a kernel drives them.
class MsixTest {

    private static final long BAR = 0x1100_0000L;
    private static final long TABLE = BAR + 0x2000;
    private static final long PBA = BAR + 0x3000;
    private static final int CONTROL = 0x42;
    private static final int ENABLE = 0x8000;
    private static final int FUNCTION_MASK = 0x4000;

    private final JourneyRecorder recorder = new JourneyRecorder();
    private final List<String> heard = new ArrayList<>();
    private Hierarchy h = new Hierarchy(recorder.at(Where.HOST));
    private Msix msix = h.nvme.msix().orElseThrow();

    @BeforeEach
    void program() {
        h = new Hierarchy(recorder.at(Where.HOST));
        h.config(0x10, 0x10, 4, BAR);
        h.enable(0x10);
        msix = h.nvme.msix().orElseThrow();
        msix.addListener(new Listener());
    }

    private final class Listener implements MsixListener {
        @Override
        public void entryWritten(int vector, MsixEntry before, MsixEntry after) {
            heard.add("entry " + vector);
        }

        @Override
        public void maskChanged(int vector, boolean masked) {
            heard.add((masked ? "mask " : "unmask ") + vector);
        }

        @Override
        public void enableChanged(boolean enabled, boolean functionMask) {
            heard.add("control " + enabled + " " + functionMask);
        }
    }

    private void entry(int vector, long address, int data, int control) {
        h.write(TABLE + 16L * vector, 4, address & 0xffff_ffffL);
        h.write(TABLE + 16L * vector + 4, 4, address >>> 32);
        h.write(TABLE + 16L * vector + 8, 4, data);
        h.write(TABLE + 16L * vector + 12, 4, control);
    }

    private Hop fireAndWatch(int vector, MsiOutcome expected) {
        recorder.start();
        assertThat(msix.fire(vector)).isEqualTo(expected);
        List<Hop> hops = recorder.stop().hops();
        assertThat(hops).hasSize(1);
        assertThat(hops.getFirst().kind()).isEqualTo(HopKind.MSI_ENTRY);
        return hops.getFirst();
    }

    @Test
    void everyVectorIsMaskedAfterReset() {
        assertThat(h.read(TABLE + 64 * 16 + 12, 4)).isEqualTo(1);
        assertThat(h.read(TABLE, 8)).isZero();
        assertThat(h.read(TABLE + 8, 8)).isEqualTo(1L << 32);
    }

    @Test
    void anUnmaskedVectorWritesItsDataToItsAddress() {
        entry(2, 0xfffff040L, 2, 0);
        h.config(0x10, CONTROL, 2, ENABLE);
        Hop hop = fireAndWatch(2, MsiOutcome.DELIVERED);
        assertThat(h.dma).containsExactly("0x10 W 0xfffff040 02000000");
        assertThat(hop.verdict()).isEqualTo(Verdict.OK);
        assertThat(hop.address()).hasValue(TABLE + 32);
        // the entry's 16 bytes as a real guest left them for this vector
        byte[] captured = PciCaptures.bytes("translated/msix-00.02.0.bin");
        assertThat(hop.bytes().toArray()).isEqualTo(Arrays.copyOfRange(captured, 32, 48));
        assertThat(hop.fields())
                .containsEntry("address", "0xfffff040")
                .containsEntry("data", "0x2")
                .containsEntry("masked", "0");
    }

    @Test
    void aMaskedVectorSetsItsPendingBitAndFiresWhenUnmasked() {
        entry(64, 0x8090040, 64, 1);
        h.config(0x10, CONTROL, 2, ENABLE);
        Hop hop = fireAndWatch(64, MsiOutcome.PENDING);
        assertThat(hop.verdict()).isEqualTo(Verdict.BROKEN);
        assertThat(hop.rule()).contains("Mask bit");
        assertThat(h.dma).isEmpty();
        assertThat(h.read(PBA + 8, 8)).isEqualTo(1);
        h.write(TABLE + 64 * 16 + 12, 4, 0);
        assertThat(h.dma).containsExactly("0x10 W 0x8090040 40000000");
        assertThat(h.read(PBA + 8, 4)).isZero();
    }

    @Test
    void functionMaskHoldsAllVectorsBack() {
        entry(0, 0x8090040, 0, 0);
        entry(1, 0x8090040, 1, 0);
        entry(3, 0x8090040, 3, 1);
        heard.clear();
        h.config(0x10, CONTROL, 2, ENABLE | FUNCTION_MASK);
        assertThat(heard).containsExactly("control true true");
        Hop hop = fireAndWatch(1, MsiOutcome.PENDING);
        assertThat(hop.rule()).contains("Function Mask");
        msix.fire(3);
        heard.clear();
        h.config(0x10, CONTROL, 2, ENABLE);
        assertThat(heard).containsExactly("control true false", "unmask 0", "unmask 1");
        assertThat(h.dma).containsExactly("0x10 W 0x8090040 01000000");
        assertThat(h.read(PBA, 4)).isEqualTo(8);
    }

    @Test
    void nothingIsSentWhileDisabledOrWithoutBusMaster() {
        entry(0, 0x8090040, 0, 0);
        assertThat(fireAndWatch(0, MsiOutcome.DISABLED).rule()).contains("Enable is 0");
        h.config(0x10, CONTROL, 2, ENABLE);
        h.config(0x10, 4, 2, 2);
        Hop hop = fireAndWatch(0, MsiOutcome.NO_BUS_MASTER);
        assertThat(hop.verdict()).isEqualTo(Verdict.BROKEN);
        assertThat(hop.rule()).contains("Bus Master Enable is 0 in 0000:00:02.0");
        assertThat(h.dma).isEmpty();
        h.enable(0x10);
        h.dmaAnswers = false;
        assertThat(msix.fire(0)).isEqualTo(MsiOutcome.ABORTED);
        assertThat(msix.fire(65)).isEqualTo(MsiOutcome.NO_SUCH_VECTOR);
        assertThat(msix.fire(-1)).isEqualTo(MsiOutcome.NO_SUCH_VECTOR);
    }

    @Test
    void listenersHearWhatSoftwareDoes() {
        h.config(0x10, CONTROL, 2, ENABLE);
        h.write(TABLE + 16, 8, 0x8090040);
        h.write(TABLE + 24, 8, 7);
        assertThat(heard)
                .containsExactly(
                        "control true false",
                        "entry 1",
                        "entry 1",
                        "entry 1",
                        "entry 1",
                        "unmask 1");
        assertThat(msix.entry(1)).isEqualTo(new MsixEntry(0x8090040, 7, 0));
    }

    @Test
    void thePendingBitArrayAndOddAccessesChangeNothing() {
        h.write(PBA, 4, -1);
        assertThat(h.read(PBA, 4)).isZero();
        assertThat(h.memory.accepts(TABLE - Hierarchy.WINDOW, 1)).isFalse();
        h.write(TABLE, 2, 0x1234);
        assertThat(h.read(TABLE, 4)).isZero();
    }

    @Test
    void multipleMessageMsiPutsTheVectorIntoTheData() {
        Endpoint e = new Endpoint(FunctionIdentity.of(1, 2, 0, 0), false);
        Msi msi = e.addMsi(0x40, 8, true, true);
        h.root.add(9, 0, e);
        h.enable(0x48);
        h.config(0x48, 0x44, 4, 0xfee0_0003L);
        h.config(0x48, 0x48, 4, 1);
        h.config(0x48, 0x4c, 2, 0xab);
        assertThat(msi.fire(0)).isEqualTo(MsiOutcome.DISABLED);
        // asks for more than it may have: 8 vectors are given
        h.config(0x48, 0x42, 2, 0x51);
        assertThat(msi.fire(5)).isEqualTo(MsiOutcome.DELIVERED);
        h.config(0x48, 0x50, 4, 0xffff_ffffL);
        assertThat(h.config(0x48, 0x50, 4)).isEqualTo(0xff);
        assertThat(msi.fire(6)).isEqualTo(MsiOutcome.PENDING);
        assertThat(h.config(0x48, 0x54, 4)).isEqualTo(0x40);
        h.config(0x48, 0x50, 4, 0);
        assertThat(h.config(0x48, 0x54, 4)).isZero();
        assertThat(h.dma)
                .containsExactly("0x48 W 0x1fee00000 ad000000", "0x48 W 0x1fee00000 ae000000");
        assertThat(msi.fire(8)).isEqualTo(MsiOutcome.NO_SUCH_VECTOR);
    }

    @Test
    void theEngineRaisesAnyVectorAndCopiesBothWays() {
        entry(3, 0x8090040, 3, 0);
        entry(0, 0x8090040, 0, 0);
        h.config(0x10, CONTROL, 2, ENABLE);
        assertThat(h.read(BAR + EduLayout.VECTOR, 4)).isEqualTo(65);
        h.write(BAR + EduLayout.VECTOR, 4, 3);
        assertThat(h.dma).containsExactly("0x10 W 0x8090040 03000000");
        h.dma.clear();
        h.write(BAR + EduLayout.DMA_SOURCE, 8, 0x1_4000_0000L);
        h.write(BAR + EduLayout.DMA_DESTINATION, 8, EduLayout.BUFFER + 4092);
        h.write(BAR + EduLayout.DMA_COUNT, 8, 4);
        h.write(BAR + EduLayout.DMA_COMMAND, 8, EduLayout.COMMAND_START);
        assertThat(h.read(BAR + EduLayout.RESULT, 4)).isEqualTo(EduLayout.RESULT_DONE);
        h.write(BAR + EduLayout.DMA_SOURCE, 8, EduLayout.BUFFER + 4090);
        h.write(BAR + EduLayout.DMA_DESTINATION, 4, 0x2000);
        h.write(BAR + EduLayout.DMA_COMMAND, 8, 7);
        assertThat(h.dma)
                .containsExactly(
                        "0x10 R 0x140000000 4",
                        "0x10 W 0x2000 0000abab",
                        "0x10 W 0x8090040 00000000");
        assertThat(h.read(BAR + EduLayout.INTERRUPT_STATUS, 4)).isEqualTo(0x100);
        h.write(BAR + EduLayout.INTERRUPT_ACKNOWLEDGE, 4, 0x100);
        assertThat(h.read(BAR + EduLayout.INTERRUPT_STATUS, 4)).isZero();
    }

    @Test
    void theEngineRefusesCopiesBeyondItsBuffer() {
        for (long[] bad :
                new long[][] {
                    {EduLayout.BUFFER + 1, 4096},
                    {EduLayout.BUFFER - 1, 1},
                    {EduLayout.BUFFER + 4097, 0},
                    {0, -1},
                    {-1, 2},
                    {EduLayout.BUFFER, Long.MIN_VALUE}
                }) {
            h.write(BAR + EduLayout.DMA_SOURCE, 8, bad[0]);
            h.write(BAR + EduLayout.DMA_COUNT, 8, bad[1]);
            h.write(BAR + EduLayout.DMA_COMMAND, 8, 3);
            assertThat(h.read(BAR + EduLayout.RESULT, 4)).isEqualTo(EduLayout.RESULT_OUTSIDE);
        }
        assertThat(h.dma).isEmpty();
        h.write(BAR + EduLayout.FACTORIAL, 4, 0xffff_ffffL);
        assertThat(h.read(BAR + EduLayout.FACTORIAL, 4)).isZero();
        h.write(BAR + EduLayout.FACTORIAL, 4, 13);
        assertThat(h.read(BAR + EduLayout.FACTORIAL, 4)).isEqualTo(1932053504L);
    }
}
