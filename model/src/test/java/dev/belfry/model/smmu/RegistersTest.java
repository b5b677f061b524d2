package dev.belfry.model.smmu;

import static dev.belfry.model.smmu.SmmuIdentity.MAX;
import static dev.belfry.model.smmu.SmmuIdentity.OPPOSITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.bits.Field;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The register file: widths, write masks, guards, handshakes (IHI 0070 6.2, 6.3).
class RegistersTest {

    private static final SmmuIdentity ID = SmmuIdentity.QEMU_7_2;

    @Test
    void idRegistersReadTheIdentityAndCannotBeWritten() {
        Rig rig = new Rig(ID);
        for (int offset = 0; offset < 0x20; offset += 4) {
            rig.smmu.write(offset, 4, -1L, PhysicalMemory.CPU);
        }
        assertThat(IntStream.range(0, 8).mapToObj(i -> rig.smmu.read(4L * i, 4)))
                .containsExactly(0x0d40101aL, 0x02730010L, 0L, 0x1404L, 0L, 0x74L, 0L, 1L);
    }

    @Test
    void registersDoNotOverlapAndKeepTheirWidth() {
        long bytes =
                Arrays.stream(SmmuRegister.values())
                        .flatMapToInt(r -> IntStream.range(r.offset(), r.offset() + r.width()))
                        .distinct()
                        .count();
        assertThat(bytes)
                .isEqualTo(
                        Arrays.stream(SmmuRegister.values()).mapToInt(SmmuRegister::width).sum());
    }

    @Test
    void cr0AckFollowsCr0WithoutReservedBits() {
        Rig rig = new Rig(ID);
        rig.write(SmmuRegister.CR0, 0xffff_ffc0L | 4);
        assertThat(rig.read(SmmuRegister.CR0ACK)).isEqualTo(4);
        Rig max = new Rig(SmmuIdentity.MAX);
        max.write(SmmuRegister.CR0, 0xffff_fff4L);
        assertThat(max.read(SmmuRegister.CR0ACK)).isEqualTo(0x1d4);
    }

    @Test
    void bitsOfAbsentFeaturesAreRes0() {
        Rig rig = new Rig(ID);
        rig.write(SmmuRegister.IRQ_CTRL, -1);
        assertThat(rig.read(SmmuRegister.IRQ_CTRLACK)).isEqualTo(5);
        rig.write(SmmuRegister.IRQ_CTRL, 0);
        rig.write(SmmuRegister.GERROR_IRQ_CFG0, -1);
        rig.write(SmmuRegister.PRIQ_BASE, -1);
        rig.write(SmmuRegister.GATOS_SID, -1);
        assertThat(rig.read(SmmuRegister.GERROR_IRQ_CFG0)).isZero();
        assertThat(rig.read(SmmuRegister.PRIQ_BASE)).isZero();
        assertThat(rig.read(SmmuRegister.GATOS_SID)).isZero();
        rig.write(SmmuRegister.CR2, -1);
        assertThat(rig.read(SmmuRegister.CR2)).isEqualTo(2);
    }

    @Test
    void addressBitsAboveOasAreRes0() {
        Rig rig = new Rig(ID);
        rig.write(SmmuRegister.STRTAB_BASE, -1);
        assertThat(rig.read(SmmuRegister.STRTAB_BASE)).isEqualTo(0x4000_0fff_ffff_ffc0L);
    }

    @Test
    void halvesOf64BitRegistersAreWrittenAlone() {
        Rig rig = new Rig(ID);
        rig.smmu.write(0x84, 4, 0x4000_0012, PhysicalMemory.CPU);
        rig.smmu.write(0x80, 4, 0x3456_7000, PhysicalMemory.CPU);
        assertThat(rig.read(SmmuRegister.STRTAB_BASE)).isEqualTo(0x4000_0012_3456_7000L);
        assertThat(rig.smmu.read(0x84, 4)).isEqualTo(0x4000_0012);
    }

    @Test
    void oddWidthsAndOffsetsReadZeroAndChangeNothing() {
        Rig rig = new Rig(ID);
        rig.smmu.write(0x88, 2, 0xffff, PhysicalMemory.CPU);
        rig.smmu.write(0x8a, 4, -1, PhysicalMemory.CPU);
        assertThat(rig.read(SmmuRegister.STRTAB_BASE_CFG)).isZero();
        assertThat(rig.smmu.read(1, 1)).isZero();
        assertThat(rig.smmu.findings()).hasSize(2);
    }

    @Test
    void everythingElseInThe128KiBIsRes0() {
        Rig rig = new Rig(SmmuIdentity.MAX);
        for (long offset = 0x200; offset < 0x10000; offset += 4) {
            rig.smmu.write(offset, 4, -1, PhysicalMemory.CPU);
            assertThat(rig.smmu.read(offset, 4)).isZero();
        }
        assertThat(rig.smmu.read(0x10020, 4)).isZero();
        assertThat(rig.smmu.read(-4, 4)).isZero();
        assertThat(rig.smmu.read(1L << 40, 8)).isZero();
    }

    @Test
    void page1HoldsTheEventQueuesIndexesAndPage0AliasesThem() {
        Rig rig = new Rig(ID);
        rig.write(SmmuRegister.EVENTQ_BASE, Rig.EVENTQ | Rig.EVENTQ_LOG2);
        rig.smmu.write(0x100a8, 4, 5, PhysicalMemory.CPU);
        rig.smmu.write(0x100ac, 4, 3, PhysicalMemory.CPU);
        assertThat(rig.smmu.read(0xa8, 4)).isEqualTo(5);
        assertThat(rig.smmu.read(0xac, 4)).isEqualTo(3);
    }

    @Test
    void tablesAndQueuesAreGuardedByTheirEnables() {
        Rig rig = new Rig(ID).start();
        rig.write(SmmuRegister.STRTAB_BASE, 0x5000_0000L);
        rig.write(SmmuRegister.STRTAB_BASE_CFG, 3);
        rig.write(SmmuRegister.CMDQ_BASE, 0x5000_0003L);
        rig.write(SmmuRegister.CMDQ_CONS, 7);
        rig.write(SmmuRegister.EVENTQ_BASE, 0x5000_0003L);
        rig.write(SmmuRegister.EVENTQ_PROD, 7);
        rig.write(SmmuRegister.CR1, 0xfff);
        rig.write(SmmuRegister.CR2, 0);
        assertThat(rig.read(SmmuRegister.STRTAB_BASE)).isEqualTo(Rig.STRTAB);
        assertThat(rig.read(SmmuRegister.STRTAB_BASE_CFG)).isEqualTo(8);
        assertThat(rig.read(SmmuRegister.CMDQ_BASE)).isEqualTo(Rig.CMDQ | Rig.CMDQ_LOG2);
        assertThat(rig.read(SmmuRegister.CMDQ_CONS)).isZero();
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isZero();
        assertThat(rig.read(SmmuRegister.CR1)).isZero();
        assertThat(rig.read(SmmuRegister.CR2)).isEqualTo(2);
        assertThat(rig.smmu.findings()).hasSize(8).allMatch(f -> f.rule().equals("GUARDED"));
    }

    @Test
    void gbpaNeedsUpdateAndClearsIt() {
        Rig rig = new Rig(ID);
        assertThat(rig.read(SmmuRegister.GBPA)).isEqualTo(0x1000);
        rig.write(SmmuRegister.GBPA, 1 << 20);
        assertThat(rig.pa(1, 0x1000, Access.READ)).isEqualTo(0x1000);
        rig.write(SmmuRegister.GBPA, 1L << 31 | 1 << 20);
        assertThat(rig.read(SmmuRegister.GBPA)).isEqualTo(1 << 20);
        assertThat(rig.go(1, 0x1000, Access.READ))
                .isEqualTo(new Translation.Faulted(java.util.Optional.empty(), false));
    }

    @Test
    void whileDisabledAnAddressBeyondOasIsAbortedSilently() {
        Rig rig = new Rig(ID);
        rig.write(SmmuRegister.EVENTQ_BASE, Rig.EVENTQ | Rig.EVENTQ_LOG2);
        rig.write(SmmuRegister.CR0, 4);
        assertThat(rig.go(1, 1L << 44, Access.READ))
                .isEqualTo(new Translation.Faulted(java.util.Optional.empty(), false));
        assertThat(rig.events()).isEmpty();
    }

    @Test
    void aMisalignedQueueBaseIsAFindingAndIsAligned() {
        Rig rig = new Rig(ID);
        rig.write(SmmuRegister.CMDQ_BASE, Rig.CMDQ + 0x20 | Rig.CMDQ_LOG2);
        assertThat(rig.smmu.findings()).extracting(Finding::rule).containsExactly("ALIGNMENT");
        rig.write(SmmuRegister.CR0, 8);
        long cons = rig.command(new Command.TlbiNsnhAll(), new Command.Sync(1, 0, 0, 0, 0));
        assertThat(cons).isEqualTo(2);
        assertThat(rig.pulses).containsExactly(SmmuInterrupts.Line.CMD_SYNC);
    }

    @Test
    void presetsAdvertiseWhatTheirSystemsDo() {
        assertThat(SmmuIdentity.QEMU_7_2.idr0()).isEqualTo(0x0d40101a);
        assertThat(SmmuIdentity.QEMU_10_2_STAGE2.idr0()).isEqualTo(0x0d441019);
        assertThat(SmmuIdentity.QEMU_10_2_NESTED.idr0()).isEqualTo(0x0d44101b);
        assertThat(SmmuIdentity.QEMU_10_2_NESTED.idr3()).isEqualTo(0x1414);
        SmmuIdentity accel = SmmuIdentity.qemu(SmmuIdentity.Stages.ONE, 48, false, true, 16);
        assertThat(accel.idr0()).isEqualTo(0x0d44141a);
        assertThat(accel.idr1()).isEqualTo(0x02730410);
        assertThat(accel.idr3()).isEqualTo(0x1004);
        assertThat(accel.idr5()).isEqualTo(0x75);
        assertThat(Idr0.ATS.isSet(accel.idr0())).isTrue();
    }

    @Test
    void theOppositeDiffersFromMaxInEveryOptionalFeature() {
        List<Field> zero =
                List.of(
                        Idr0.S2P,
                        Idr0.COHACC,
                        Idr0.HTTU,
                        Idr0.HYP,
                        Idr0.ATS,
                        Idr0.ASID16,
                        Idr0.MSI,
                        Idr0.SEV,
                        Idr0.ATOS,
                        Idr0.PRI,
                        Idr0.VMW,
                        Idr0.VMID16,
                        Idr0.CD2L,
                        Idr0.STALL_MODEL,
                        Idr0.TERM_MODEL,
                        Idr0.ST_LEVEL,
                        Idr0.ATSRECERR);
        assertThat(zero).allMatch(f -> differs(f, MAX.idr0(), OPPOSITE.idr0()));
        assertThat(List.of(Idr1.SIDSIZE, Idr1.SSIDSIZE, Idr1.PRIQS, Idr1.EVENTQS, Idr1.CMDQS))
                .allMatch(f -> differs(f, MAX.idr1(), OPPOSITE.idr1()));
        assertThat(List.of(Idr1.ATTR_PERMS_OVR, Idr1.ATTR_TYPES_OVR))
                .allMatch(f -> differs(f, MAX.idr1(), OPPOSITE.idr1()));
        assertThat(List.of(Idr3.HAD, Idr3.XNX, Idr3.FWB, Idr3.STT, Idr3.RIL, Idr3.BBML))
                .allMatch(f -> differs(f, MAX.idr3(), OPPOSITE.idr3()));
        // One granule both must have.
        assertThat(List.of(Idr5.OAS, Idr5.VAX, Idr5.GRAN4K, Idr5.GRAN64K, Idr5.STALL_MAX))
                .allMatch(f -> differs(f, MAX.idr5(), OPPOSITE.idr5()));
    }

    private static boolean differs(Field field, int a, int b) {
        return field.get(a & 0xffff_ffffL) != field.get(b & 0xffff_ffffL);
    }
}
