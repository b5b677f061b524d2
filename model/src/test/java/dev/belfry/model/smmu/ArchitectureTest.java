package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.Test;

/// Where QEMU 10.2.50 and the architecture part ways in translation, found by holding a recorded
/// QEMU against IHI 0070: the architecture's side of each.
class ArchitectureTest {

    private static final SmmuIdentity NESTED = SmmuIdentity.QEMU_10_2_NESTED;
    private static final long IOVA = 0x12_3456_7000L;
    private static final long PAGE = 0x4000_5000L;

    @Test
    void aNextLevelTableBeyondIpsIsAnAddressSizeFault() {
        Rig rig = new Rig(NESTED).start();
        long ttb = rig.allocate(4096);
        rig.stage1(Rig.SID, Rig.cd(ttb));
        rig.words(ttb, 1L << 45 | 3);
        assertThat(rig.fault(Rig.SID, 0x1000, Access.READ)).isEqualTo(EventType.F_ADDR_SIZE);
    }

    @Test
    void s1CdMaxIsIgnoredWithoutSubstreams() {
        Rig rig = new Rig(NESTED).start();
        long ttb = rig.allocate(4096);
        rig.stage1(Rig.SID, Rig.cd(ttb));
        rig.map(ttb, 0, IOVA, PAGE, Rig.LEAF, 3);
        rig.ste(Rig.SID, rig.ste(Rig.SID).with(0, Ste.S1CDMAX, 5).with(0, Ste.S1FMT, 1));
        assertThat(rig.pa(Rig.SID, IOVA + 8, Access.WRITE)).isEqualTo(PAGE + 8);
    }

    @Test
    void aStage2FaultOnALaterStage1TableIsStage2sAndFollowsS2R() {
        Rig rig = new Rig(NESTED).start();
        long s2 = rig.allocate(8192);
        rig.identity(s2);
        long ttb = rig.allocate(4096);
        rig.nested(Rig.SID, Rig.cd(ttb).with(0, Cd.R, 0), s2);
        rig.words(ttb, 0x20_0000_0000L | 3);
        EventRecord event = rig.event(Rig.SID, 0xabcL, Access.READ);
        assertThat(event.type()).isEqualTo(EventType.F_TRANSLATION);
        assertThat(event.stage2()).isTrue();
        assertThat(event.cause()).isEqualTo(Cause.TT);
        assertThat(event.ipa()).isEqualTo(0x20_0000_0000L);
        rig.ste(Rig.SID, rig.ste(Rig.SID).with(2, Ste.S2R, 0));
        assertThat(rig.go(Rig.SID, 0, Access.READ))
                .isInstanceOfSatisfying(
                        Translation.Faulted.class, f -> assertThat(f.recorded()).isFalse());
    }

    @Test
    void concatenatedStartTablesOfStage2AreAllUsed() {
        Rig rig = new Rig(NESTED).start();
        // 42-bit IPAs from level 1: 8 tables side by side.
        long s2 = rig.allocate(8 * 4096);
        long ipa = 5L << 39 | 0x1000;
        rig.ste(Rig.SID, Rig.stage2(Ste.Config.S2, s2).with(2, Ste.S2T0SZ, 22));
        rig.map(s2, 1, ipa, PAGE, Rig.LEAF2, 3);
        assertThat(rig.pa(Rig.SID, ipa + 4, Access.READ)).isEqualTo(PAGE + 4);
        assertThat(rig.fault(Rig.SID, ipa - (1L << 39), Access.READ))
                .isEqualTo(EventType.F_TRANSLATION);
    }

    @Test
    void anUnprivilegedAccessNeedsAp1AndNoApTable0() {
        Rig rig = new Rig(NESTED).start();
        long ttb = rig.allocate(4096);
        rig.stage1(Rig.SID, Rig.cd(ttb));
        rig.map(ttb, 0, IOVA, PAGE, Rig.LEAF & ~0x40L, 3);
        assertThat(rig.fault(Rig.SID, IOVA, Access.WRITE)).isEqualTo(EventType.F_PERMISSION);
        assertThat(rig.pa(Rig.SID, IOVA, Access.PRIVILEGED_WRITE)).isEqualTo(PAGE);
        rig.map(ttb, 0, IOVA, PAGE, Rig.LEAF, 3);
        assertThat(rig.pa(Rig.SID, IOVA, Access.WRITE)).isEqualTo(PAGE);
        rig.words(ttb, rig.ram.read(ttb, 8) | 1L << 61);
        assertThat(rig.fault(Rig.SID, IOVA, Access.READ)).isEqualTo(EventType.F_PERMISSION);
    }

    @Test
    void apTableCountsOnlyOnceTheLeafIsReachedAndValid() {
        Rig rig = new Rig(NESTED).start();
        long ttb = rig.allocate(4096);
        rig.stage1(Rig.SID, Rig.cd(ttb));
        long leaf = rig.map(ttb, 0, IOVA, PAGE, Rig.LEAF, 3);
        rig.words(ttb, rig.ram.read(ttb, 8) | 3L << 61);
        assertThat(rig.fault(Rig.SID, IOVA, Access.WRITE)).isEqualTo(EventType.F_PERMISSION);
        rig.words(leaf, 0);
        assertThat(rig.fault(Rig.SID, IOVA, Access.WRITE)).isEqualTo(EventType.F_TRANSLATION);
        rig.words(leaf, 1L << 45 | Rig.LEAF | 2);
        assertThat(rig.fault(Rig.SID, IOVA, Access.WRITE)).isEqualTo(EventType.F_ADDR_SIZE);
    }

    @Test
    void addressSizeComesBeforeAccessFlagAndPermission() {
        Rig rig = new Rig(NESTED).start();
        long ttb = rig.allocate(4096);
        rig.stage1(Rig.SID, Rig.cd(ttb));
        rig.map(ttb, 0, IOVA, 1L << 44, 1 | 0x80, 3);
        assertThat(rig.fault(Rig.SID, IOVA, Access.WRITE)).isEqualTo(EventType.F_ADDR_SIZE);
        rig.map(ttb, 0, IOVA, PAGE, 1 | 0x80, 3);
        assertThat(rig.fault(Rig.SID, IOVA, Access.WRITE)).isEqualTo(EventType.F_ACCESS);
        rig.map(ttb, 0, IOVA, PAGE, Rig.LEAF | 0x80, 3);
        assertThat(rig.fault(Rig.SID, IOVA, Access.WRITE)).isEqualTo(EventType.F_PERMISSION);
    }

    @Test
    void blocksAboveTheHighestBlockLevelAreTranslationFaults() {
        Rig rig = new Rig(NESTED).start();
        long ttb = rig.allocate(1 << 16);
        rig.stage1(Rig.SID, Rig.cd(ttb));
        rig.words(ttb, Rig.LEAF);
        assertThat(rig.fault(Rig.SID, 0, Access.READ)).isEqualTo(EventType.F_TRANSLATION);
        // 16 KiB, 47-bit input: level 1 first. 64 KiB, 44 of 48 bits: level 1 first.
        for (int tg0 : new int[] {2, 1}) {
            rig.stage1(Rig.SID, Rig.cd(ttb).with(0, Cd.TG0, tg0).with(0, Cd.T0SZ, 17));
            assertThat(rig.fault(Rig.SID, 0, Access.READ)).isEqualTo(EventType.F_TRANSLATION);
        }
        Rig wide = new Rig(NESTED.withOas(52)).start();
        long table = wide.allocate(1 << 16);
        wide.stage1(Rig.SID, Rig.cd(table).with(0, Cd.TG0, 1).with(0, Cd.IPS, 6));
        wide.words(table, Rig.LEAF | 0xa000);
        assertThat(wide.pa(Rig.SID, 0x1_2345, Access.READ)).isEqualTo(10L << 48 | 0x1_2345);
    }

    @Test
    void s2HaAndS2HdWithoutHttuAreBadStes() {
        Rig rig = new Rig(NESTED).start();
        long s2 = rig.allocate(8192);
        rig.identity(s2);
        Ste good = Rig.stage2(Ste.Config.S2, s2);
        for (Ste bad : new Ste[] {good.with(2, Ste.S2HA, 1), good.with(2, Ste.S2HD, 1)}) {
            rig.ste(Rig.SID, bad);
            assertThat(rig.fault(Rig.SID, Rig.RAM, Access.READ)).isEqualTo(EventType.C_BAD_STE);
        }
    }

    @Test
    void theSmallestS2T0szIs64MinusIasWhateverS2PsIs() {
        Rig rig = new Rig(NESTED).start();
        long s2 = rig.allocate(16 * 4096);
        Ste wide = Rig.stage2(Ste.Config.S2, s2).with(2, Ste.S2T0SZ, 21).with(2, Ste.S2PS, 1);
        rig.map(s2, 1, 1L << 42, PAGE, Rig.LEAF2, 3);
        rig.ste(Rig.SID, wide);
        assertThat(rig.pa(Rig.SID, 1L << 42, Access.READ)).isEqualTo(PAGE);
        rig.ste(Rig.SID, wide.with(2, Ste.S2T0SZ, 19).with(2, Ste.S2SL0, 2));
        assertThat(rig.fault(Rig.SID, 0, Access.READ)).isEqualTo(EventType.C_BAD_STE);
    }

    @Test
    void aStartLevelAboveWhatS2T0szNeedsIsABadSte() {
        Rig rig = new Rig(NESTED).start();
        long s2 = rig.allocate(8192);
        rig.ste(
                Rig.SID,
                Rig.stage2(Ste.Config.S2, s2).with(2, Ste.S2T0SZ, 26).with(2, Ste.S2SL0, 2));
        assertThat(rig.fault(Rig.SID, 0, Access.READ)).isEqualTo(EventType.C_BAD_STE);
        rig.ste(
                Rig.SID,
                Rig.stage2(Ste.Config.S2, s2).with(2, Ste.S2T0SZ, 24).with(2, Ste.S2SL0, 0));
        assertThat(rig.fault(Rig.SID, 0, Access.READ)).isEqualTo(EventType.C_BAD_STE);
    }

    @Test
    void stage2OnlyInputBeyondIasIsStage1sAddressSizeFaultAndAlwaysRecorded() {
        Rig rig = new Rig(NESTED).start();
        long s2 = rig.allocate(8192);
        rig.ste(Rig.SID, Rig.stage2(Ste.Config.S2, s2).with(2, Ste.S2R, 0));
        EventRecord event = rig.event(Rig.SID, 1L << 44, Access.READ);
        assertThat(event.type()).isEqualTo(EventType.F_ADDR_SIZE);
        assertThat(event.stage2()).isFalse();
        assertThat(event.cause()).isEqualTo(Cause.IN);
        assertThat(rig.go(Rig.SID, 1L << 43, Access.READ))
                .isInstanceOfSatisfying(
                        Translation.Faulted.class, f -> assertThat(f.recorded()).isFalse());
    }

    @Test
    void badStreamIdsAreRecordedOnlyWithRecInvSid() {
        Rig rig = new Rig(NESTED).start();
        assertThat(rig.fault(0x100, 0, Access.READ)).isEqualTo(EventType.C_BAD_STREAMID);
        rig.write(SmmuRegister.CR0, 0xc);
        rig.write(SmmuRegister.CR2, 0);
        rig.write(SmmuRegister.CR0, 0xd);
        assertThat(rig.go(0x100, 0, Access.READ))
                .isInstanceOfSatisfying(
                        Translation.Faulted.class, f -> assertThat(f.recorded()).isFalse());
        assertThat(rig.events()).isEmpty();
    }

    @Test
    void s1ContextPtrBeyondOasIsABadSte() {
        Rig rig = new Rig(NESTED).start();
        rig.ste(Rig.SID, Ste.ZERO.withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5) | 1L << 44));
        assertThat(rig.fault(Rig.SID, 0, Access.READ)).isEqualTo(EventType.C_BAD_STE);
    }

    @Test
    void aBypassedAddressBeyondOasIsAnAddressSizeFault() {
        Rig rig = new Rig(NESTED).start();
        rig.ste(Rig.SID, Ste.bypass());
        assertThat(rig.pa(Rig.SID, (1L << 44) - 1, Access.READ)).isEqualTo((1L << 44) - 1);
        assertThat(rig.fault(Rig.SID, 1L << 44, Access.READ)).isEqualTo(EventType.F_ADDR_SIZE);
    }

    @Test
    void s2PtwForbidsTablesAndCdsInDeviceMemory() {
        Rig rig = new Rig(NESTED).start();
        long s2 = rig.allocate(8192);
        rig.identity(s2);
        long ttb = rig.allocate(4096);
        rig.nested(Rig.SID, Rig.cd(ttb), s2);
        rig.map(ttb, 0, IOVA, PAGE, Rig.LEAF, 3);
        assertThat(rig.pa(Rig.SID, IOVA, Access.READ)).isEqualTo(PAGE);
        rig.map(s2, 1, Rig.RAM, Rig.RAM, Rig.LEAF2 & ~0x3cL, 1);
        assertThat(rig.pa(Rig.SID, IOVA, Access.READ)).isEqualTo(PAGE);
        rig.ste(Rig.SID, rig.ste(Rig.SID).with(2, Ste.S2PTW, 1));
        EventRecord event = rig.event(Rig.SID, IOVA, Access.READ);
        assertThat(event.type()).isEqualTo(EventType.F_PERMISSION);
        assertThat(event.cause()).isEqualTo(Cause.CD);
    }

    @Test
    void theUnusedHalfOfTheCdDoesNotFault() {
        Rig rig = new Rig(NESTED).start();
        long s2 = rig.allocate(8192);
        rig.identity(s2);
        long ttb = rig.allocate(4096);
        // TTB1 is enabled, at an IPA that stage 2 does not map.
        Cd cd =
                Rig.cd(ttb)
                        .with(0, Cd.EPD1, 0)
                        .with(0, Cd.T1SZ, 16)
                        .with(0, Cd.TG1, 2)
                        .withWord(2, 0x10_0000_0000L);
        rig.nested(Rig.SID, cd, s2);
        rig.map(ttb, 0, IOVA, PAGE, Rig.LEAF, 3);
        assertThat(rig.pa(Rig.SID, IOVA, Access.READ)).isEqualTo(PAGE);
        assertThat(rig.event(Rig.SID, -4096, Access.READ).cause()).isEqualTo(Cause.TT);
    }

    @Test
    void s1StalldIsIgnoredWhenStage1Bypasses() {
        Rig rig = new Rig(NESTED).start();
        rig.ste(Rig.SID, Ste.bypass().with(1, Ste.S1STALLD, 1));
        assertThat(rig.pa(Rig.SID, 0x1000, Access.READ)).isEqualTo(0x1000);
        long ttb = rig.allocate(4096);
        rig.stage1(Rig.SID, Rig.cd(ttb));
        rig.ste(Rig.SID, rig.ste(Rig.SID).with(1, Ste.S1STALLD, 1));
        assertThat(rig.fault(Rig.SID, 0x1000, Access.READ)).isEqualTo(EventType.C_BAD_STE);
    }

    @Test
    void tbi1CountsForTheUpperHalfAndTbi0ForTheLower() {
        Rig rig = new Rig(NESTED).start();
        long low = rig.allocate(4096);
        long high = rig.allocate(4096);
        Cd cd =
                Rig.cd(low)
                        .with(0, Cd.EPD1, 0)
                        .with(0, Cd.T1SZ, 16)
                        .with(0, Cd.TG1, 2)
                        .withWord(2, high);
        rig.map(low, 0, 0x1000, PAGE, Rig.LEAF, 3);
        rig.map(high, 0, 0xf000, PAGE + 0x1000, Rig.LEAF, 3);
        long upper = 0xffff_0000_0000_f000L;
        rig.stage1(Rig.SID, cd);
        assertThat(rig.pa(Rig.SID, upper, Access.READ)).isEqualTo(PAGE + 0x1000);
        assertThat(rig.fault(Rig.SID, upper & ~(1L << 60), Access.READ))
                .isEqualTo(EventType.F_TRANSLATION);
        rig.stage1(Rig.SID, cd.with(0, Cd.TBI0, 1));
        assertThat(rig.fault(Rig.SID, upper & ~(1L << 60), Access.READ))
                .isEqualTo(EventType.F_TRANSLATION);
        assertThat(rig.pa(Rig.SID, 0x1000 | 0xa5L << 56, Access.READ)).isEqualTo(PAGE);
        rig.stage1(Rig.SID, cd.with(0, Cd.TBI1, 1));
        assertThat(rig.pa(Rig.SID, upper & ~(1L << 60), Access.READ)).isEqualTo(PAGE + 0x1000);
        assertThat(rig.fault(Rig.SID, 0x1000 | 0xa5L << 56, Access.READ))
                .isEqualTo(EventType.F_TRANSLATION);
    }

    @Test
    void eachDescriptorsOwnIpaIsTranslated() {
        Rig rig = new Rig(NESTED).start();
        long s2 = rig.allocate(8192);
        long shadow = rig.allocate(1 << 14);
        // IPA 0x1_0000_0000 is a 16 KiB start table, scattered over swapped pages of RAM.
        long ipa = 0x1_0000_0000L;
        for (int i = 0; i < 4; i++) {
            rig.map(s2, 1, ipa + i * 4096L, shadow + (3 - i) * 4096L, Rig.LEAF2, 3);
        }
        rig.map(s2, 1, Rig.RAM, Rig.RAM, Rig.LEAF2, 1);
        Cd cd = Rig.cd(ipa).with(0, Cd.TG0, 2).with(0, Cd.T0SZ, 28);
        rig.nested(Rig.SID, cd, s2);
        // 36-bit input with 16 KiB granules: level 2, 2048 descriptors; number 1536 is in page 3.
        rig.words(shadow, (PAGE & -(1L << 25)) | Rig.LEAF);
        long input = 1536L << 25;
        assertThat(rig.pa(Rig.SID, input + 0x123, Access.READ))
                .isEqualTo((PAGE & -(1L << 25)) + 0x123);
    }

    @Test
    void aTranslatedTtbIsAPhysicalAddressAndNotCutToIps() {
        Rig rig = new Rig(NESTED).start();
        long s2 = rig.allocate(8192);
        long ttb = rig.allocate(4096);
        long cdPage = rig.allocate(4096);
        // Stage 1's output size is 32 bits; the tables' IPAs fit, their PAs need not.
        rig.map(s2, 1, 0x1000, ttb, Rig.LEAF2, 3);
        rig.map(s2, 1, 0x2000, cdPage, Rig.LEAF2, 3);
        rig.map(s2, 1, 0x8000_0000L, Rig.RAM, Rig.LEAF2, 1);
        rig.words(cdPage, Rig.cd(0x1000).with(0, Cd.IPS, 0).words());
        Ste ste = Rig.stage2(Ste.Config.NESTED, s2);
        rig.ste(Rig.SID, ste.withWord(0, ste.w0() | 0x2000));
        rig.words(ttb, (rig.allocate(4096) + 0x4000_0000L) | 3);
        assertThat(rig.fault(Rig.SID, 0, Access.READ)).isEqualTo(EventType.F_TRANSLATION);
    }

    @Test
    void stage2CanMoveTheStartTableOfStage1AndTheNextWalkSeesIt() {
        Rig rig = new Rig(NESTED, new CacheMode.Adversarial()).start();
        long s2 = rig.allocate(8192);
        rig.identity(s2);
        long one = rig.allocate(4096);
        long two = rig.allocate(4096);
        rig.map(s2, 1, 0x1000, one, Rig.LEAF2, 3);
        rig.nested(Rig.SID, Rig.cd(0x1000), s2);
        rig.map(one, 0, IOVA, PAGE, Rig.LEAF, 3);
        rig.map(two, 0, IOVA, PAGE + 0x1000, Rig.LEAF, 3);
        assertThat(rig.pa(Rig.SID, IOVA, Access.READ)).isEqualTo(PAGE);
        rig.map(s2, 1, 0x1000, two, Rig.LEAF2, 3);
        rig.command(new dev.belfry.model.smmu.spec.Command.TlbiS12Vmall(7));
        assertThat(rig.pa(Rig.SID, IOVA, Access.READ)).isEqualTo(PAGE + 0x1000);
    }

    @Test
    void aLinearTableIsLinearAgainAfterTwoLevels() {
        Rig rig = new Rig(NESTED);
        rig.write(SmmuRegister.STRTAB_BASE_CFG, 1 << 16 | 8 << 6 | 8);
        rig.start();
        rig.ste(Rig.SID, Ste.bypass());
        assertThat(rig.pa(Rig.SID, 0x1000, Access.READ)).isEqualTo(0x1000);
    }

    @Test
    void strtabBaseIsAlignedToTheWholeTable() {
        Rig rig = new Rig(NESTED);
        rig.write(SmmuRegister.STRTAB_BASE, Rig.STRTAB + 0x2040);
        rig.write(SmmuRegister.CR0, 0);
        rig.start();
        rig.write(SmmuRegister.CR0, 0);
        rig.write(SmmuRegister.STRTAB_BASE, Rig.STRTAB + 0x2040);
        rig.write(SmmuRegister.CR0, 0xd);
        rig.ste(Rig.SID, Ste.bypass());
        assertThat(rig.pa(Rig.SID, 0x1000, Access.READ)).isEqualTo(0x1000);
    }

    @Test
    void stage1FaultsCarryClassInAndTheFlagsInTheUpperHalfOfWordOne() {
        Rig rig = new Rig(NESTED).start();
        long ttb = rig.allocate(4096);
        rig.stage1(Rig.SID, Rig.cd(ttb));
        EventRecord event = rig.event(Rig.SID, 0xabcd_e123L, Access.PRIVILEGED_EXECUTE);
        assertThat(event)
                .isEqualTo(new EventRecord(0x12_0000_0010L, 0x20e_0000_0000L, 0xabcd_e123L, 0));
    }

    @Test
    void attributesAreThoseAfterTheStesOverride() {
        Rig rig = new Rig(SmmuIdentity.MAX).start();
        assertThat(Idr1.ATTR_PERMS_OVR.isSet(SmmuIdentity.MAX.idr1())).isTrue();
        long ttb = rig.allocate(4096);
        rig.stage1(Rig.SID, Rig.cd(ttb));
        rig.ste(Rig.SID, rig.ste(Rig.SID).with(1, Ste.PRIVCFG, 3).with(1, Ste.INSTCFG, 3));
        EventRecord read = rig.event(Rig.SID, 0x1000, Access.READ);
        assertThat(read.privileged()).isTrue();
        assertThat(read.instruction()).isTrue();
        EventRecord write = rig.event(Rig.SID, 0x1000, Access.WRITE);
        assertThat(write.privileged()).isTrue();
        assertThat(write.instruction()).isFalse();
    }
}
