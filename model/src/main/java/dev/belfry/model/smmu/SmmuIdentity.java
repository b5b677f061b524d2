package dev.belfry.model.smmu;

import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.spec.AddressSize;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;

/// What the ID registers advertise. Everything that is optional in the architecture follows from
/// it.
///
/// @param name preset's name, or a description
public record SmmuIdentity(
        String name,
        int idr0,
        int idr1,
        int idr2,
        int idr3,
        int idr4,
        int idr5,
        int iidr,
        int aidr) {

    /// Which stages an SMMU offers.
    public enum Stages {
        ONE,
        TWO,
        NESTED
    }

    /// QEMU's `arm-smmuv3` with the properties that its accelerated mode has.
    ///
    /// @param stages stages of translation
    /// @param oas output address size in bits: 32, 36, 40, 42, 44, 48 or 52
    /// @param ril range invalidation and level hints
    /// @param ats ATS
    /// @param ssidSize SubstreamID bits, 0..20
    public static SmmuIdentity qemu(
            Stages stages, int oas, boolean ril, boolean ats, int ssidSize) {
        return QEMU_10_2
                .withStages(stages)
                .withOas(oas)
                .withRil(ril)
                .withAts(ats)
                .withSsidSize(ssidSize)
                .named("qemu-10.2");
    }

    /// QEMU 7.2: stage 1 only, 44-bit addresses.
    public static final SmmuIdentity QEMU_7_2 =
            new SmmuIdentity("qemu-7.2", 0x0d40101a, 0x02730010, 0, 0x1404, 0, 0x74, 0, 1);

    /// QEMU 10.2, stage 1 as `virt` has it by default.
    public static final SmmuIdentity QEMU_10_2 =
            QEMU_7_2.withIdr0(Idr0.VMID16, 1).named("qemu-10.2");

    /// QEMU 10.2 with `stage=2`.
    public static final SmmuIdentity QEMU_10_2_STAGE2 =
            QEMU_10_2.withStages(Stages.TWO).named("qemu-10.2-stage2");

    /// QEMU 10.2 with `stage=nested`.
    public static final SmmuIdentity QEMU_10_2_NESTED =
            QEMU_10_2.withStages(Stages.NESTED).named("qemu-10.2-nested");

    /// An SMMU like those of NVIDIA Grace, as Linux shows it when it boots there: `ias 48-bit, oas
    /// 48-bit (features 0x001e1fbf)` and 524,288 entries for each queue, in a log of Linux 6.16-rc5
    /// (linux-serial, 11 July 2025, message cno3lsprrz36gqu27omvwrw27d2ubqtshac3cahfgkhcm2rla7) and
    /// in those of NVIDIA (linux-tegra, 19 December 2025, message aUWeUapsFo3KZP7i). Those features
    /// are both stages, EL2 with E2H, stalls, ATS, PRI, MSIs, both endiannesses, overridden
    /// attributes; they are not range invalidation, S2FWB, hardware updates or 52-bit addresses,
    /// and an SMMU without range invalidation is none of v3.2 (6.3.4). VMMs give its guests 20-bit
    /// SubstreamIDs. StreamIDs have 25 bits at most, or Linux would say so. What no log shows is
    /// plausible, not measured: 16-bit ASIDs and VMIDs, the granules, HAD, XNX, IIDR.
    public static final SmmuIdentity GRACE = grace();

    /// An SMMU like those of Kunpeng 920, as Linux shows it when it boots there, between root ports
    /// 19e5:a120: `ias 48-bit, oas 48-bit (features 0x00000fef)`. Those features are both stages,
    /// stalls, ATS, MSIs, wake-up events, both endiannesses; they are not PRI or EL2. That Linux,
    /// 5.6 or older, did not ask for range invalidation; VMMs that run on Kunpeng use it, and with
    /// it an SMMU is of v3.2 (6.3.4). The rest is plausible, not measured.
    public static final SmmuIdentity KUNPENG920 = kunpeng();

    /// Everything that this model implements.
    public static final SmmuIdentity MAX = max();

    /// Each optional feature as [#MAX] does not have it, as far as the architecture allows both.
    public static final SmmuIdentity OPPOSITE =
            new SmmuIdentity(
                    "opposite",
                    Idr0.S1P.of(1)
                            | Idr0.TTF.of(2)
                            | Idr0.TTENDIAN.of(2)
                            | Idr0.STALL_MODEL.of(1)
                            | Idr0.TERM_MODEL.of(1),
                    // With linear tables only, a StreamID has at most 6 bits (6.3.2).
                    Idr1.SIDSIZE.of(6) | Idr1.EVENTQS.of(8) | Idr1.CMDQS.of(8),
                    0,
                    0,
                    0,
                    Idr5.OAS.of(0) | Idr5.GRAN16K.of(1),
                    0,
                    1);

    private SmmuIdentity(
            String name,
            long idr0,
            long idr1,
            long idr2,
            long idr3,
            long idr4,
            long idr5,
            int iidr,
            int aidr) {
        this(
                name,
                (int) idr0,
                (int) idr1,
                (int) idr2,
                (int) idr3,
                (int) idr4,
                (int) idr5,
                iidr,
                aidr);
    }

    private static SmmuIdentity grace() {
        return new SmmuIdentity(
                "grace",
                bothEndians() | Idr0.HYP.of(1) | Idr0.ATS.of(1) | Idr0.PRI.of(1),
                Idr1.SIDSIZE.of(20)
                        | Idr1.SSIDSIZE.of(20)
                        | Idr1.PRIQS.of(19)
                        | Idr1.EVENTQS.of(19)
                        | Idr1.CMDQS.of(19)
                        | Idr1.ATTR_TYPES_OVR.of(1),
                0,
                Idr3.HAD.of(1) | Idr3.XNX.of(1),
                0,
                Idr5.STALL_MAX.of(32)
                        | Idr5.OAS.of(5)
                        | Idr5.GRAN4K.of(1)
                        | Idr5.GRAN16K.of(1)
                        | Idr5.GRAN64K.of(1),
                0x36b,
                1);
    }

    private static SmmuIdentity kunpeng() {
        return new SmmuIdentity(
                "kunpeng920",
                bothEndians() | Idr0.ATS.of(1) | Idr0.SEV.of(1),
                Idr1.SIDSIZE.of(16)
                        | Idr1.SSIDSIZE.of(16)
                        | Idr1.EVENTQS.of(16)
                        | Idr1.CMDQS.of(18),
                0,
                Idr3.HAD.of(1) | Idr3.RIL.of(1) | Idr3.BBML.of(2),
                0,
                Idr5.STALL_MAX.of(256)
                        | Idr5.OAS.of(5)
                        | Idr5.GRAN4K.of(1)
                        | Idr5.GRAN16K.of(1)
                        | Idr5.GRAN64K.of(1),
                0x30736,
                2);
    }

    private static SmmuIdentity max() {
        return new SmmuIdentity(
                "max",
                nestedBase()
                        | Idr0.HTTU.of(2)
                        | Idr0.HYP.of(1)
                        | Idr0.ATS.of(1)
                        | Idr0.ATOS.of(1)
                        | Idr0.PRI.of(1)
                        | Idr0.SEV.of(1)
                        | Idr0.VMW.of(1)
                        | Idr0.ATSRECERR.of(1),
                Idr1.SIDSIZE.of(32)
                        | Idr1.SSIDSIZE.of(20)
                        | Idr1.PRIQS.of(19)
                        | Idr1.EVENTQS.of(19)
                        | Idr1.CMDQS.of(19)
                        | Idr1.ATTR_PERMS_OVR.of(1)
                        | Idr1.ATTR_TYPES_OVR.of(1),
                0,
                Idr3.HAD.of(1)
                        | Idr3.XNX.of(1)
                        | Idr3.FWB.of(1)
                        | Idr3.STT.of(1)
                        | Idr3.RIL.of(1)
                        | Idr3.BBML.of(2),
                0,
                Idr5.STALL_MAX.of(0xffff)
                        | Idr5.VAX.of(1)
                        | Idr5.OAS.of(6)
                        | Idr5.GRAN4K.of(1)
                        | Idr5.GRAN16K.of(1)
                        | Idr5.GRAN64K.of(1),
                0,
                2);
    }

    private static long bothEndians() {
        return Idr0.TTENDIAN.set(nestedBase(), 0);
    }

    private static long nestedBase() {
        return Idr0.S2P.of(1)
                | Idr0.S1P.of(1)
                | Idr0.TTF.of(2)
                | Idr0.COHACC.of(1)
                | Idr0.ASID16.of(1)
                | Idr0.VMID16.of(1)
                | Idr0.MSI.of(1)
                | Idr0.CD2L.of(1)
                | Idr0.TTENDIAN.of(2)
                | Idr0.ST_LEVEL.of(1);
    }

    /// With another name.
    public SmmuIdentity named(String newName) {
        return new SmmuIdentity(newName, idr0, idr1, idr2, idr3, idr4, idr5, iidr, aidr);
    }

    /// With other stages. Two-stage identities also advertise XNX, as QEMU's do.
    public SmmuIdentity withStages(Stages stages) {
        boolean two = stages != Stages.ONE;
        long newIdr0 = Idr0.S1P.set(idr0, stages == Stages.TWO ? 0 : 1);
        newIdr0 = Idr0.S2P.set(newIdr0, two ? 1 : 0);
        return new SmmuIdentity(
                name,
                (int) newIdr0,
                idr1,
                idr2,
                (int) Idr3.XNX.set(idr3, two ? 1 : 0),
                idr4,
                idr5,
                iidr,
                aidr);
    }

    /// With another output address size: 32, 36, 40, 42, 44, 48 or 52 bits.
    ///
    /// @throws IllegalArgumentException for any other
    public SmmuIdentity withOas(int bits) {
        int code = AddressSize.code(bits);
        if (bits > 52 || AddressSize.bits(code) != bits) {
            throw new IllegalArgumentException("no OAS of " + bits + " bits");
        }
        return new SmmuIdentity(
                name, idr0, idr1, idr2, idr3, idr4, (int) Idr5.OAS.set(idr5, code), iidr, aidr);
    }

    /// With or without range invalidation.
    public SmmuIdentity withRil(boolean ril) {
        int newIdr3 = (int) Idr3.RIL.set(idr3, ril ? 1 : 0);
        return new SmmuIdentity(name, idr0, idr1, idr2, newIdr3, idr4, idr5, iidr, aidr);
    }

    /// With or without ATS.
    public SmmuIdentity withAts(boolean ats) {
        return withIdr0(Idr0.ATS, ats ? 1 : 0);
    }

    /// With SubstreamIDs of `bits` bits; 0 for none.
    public SmmuIdentity withSsidSize(int bits) {
        int newIdr1 = (int) Idr1.SSIDSIZE.set(idr1, bits);
        return new SmmuIdentity(name, idr0, newIdr1, idr2, idr3, idr4, idr5, iidr, aidr);
    }

    /// With a Command queue of at most `1 << log2Size` entries.
    public SmmuIdentity withCommandQueue(int log2Size) {
        int newIdr1 = (int) Idr1.CMDQS.set(idr1, log2Size);
        return new SmmuIdentity(name, idr0, newIdr1, idr2, idr3, idr4, idr5, iidr, aidr);
    }

    /// With a field of IDR0 replaced.
    public SmmuIdentity withIdr0(Field field, int value) {
        return new SmmuIdentity(
                name, (int) field.set(idr0, value), idr1, idr2, idr3, idr4, idr5, iidr, aidr);
    }

    /// Stage 1 is implemented.
    public boolean stage1() {
        return Idr0.S1P.isSet(idr0);
    }

    /// Stage 2 is implemented.
    public boolean stage2() {
        return Idr0.S2P.isSet(idr0);
    }

    /// Output address size, bits.
    public int oas() {
        return Math.min(52, AddressSize.bits(Idr5.OAS.getInt(idr5)));
    }

    /// Intermediate address size, bits: with AArch64 tables only, the OAS (3.4).
    public int ias() {
        return oas();
    }

    /// StreamID size, bits, 0..32.
    public int sidSize() {
        return Math.min(32, Idr1.SIDSIZE.getInt(idr1));
    }

    /// SubstreamID size, bits, 0..20; 0 for none.
    public int ssidSize() {
        return Math.min(20, Idr1.SSIDSIZE.getInt(idr1));
    }

    /// Whether a one-bit feature of IDR0 is there.
    public boolean has0(Field feature) {
        return feature.isSet(idr0);
    }

    /// Whether a one-bit feature of IDR3 is there.
    public boolean has3(Field feature) {
        return feature.isSet(idr3);
    }

    /// Whether VMSAv8-64 tables are supported.
    public boolean aarch64Tables() {
        return (Idr0.TTF.getInt(idr0) & 2) != 0;
    }

    /// 0: stalling and terminating; 1: terminating only; 2: stalling is forced.
    public int stallModel() {
        return Idr0.STALL_MODEL.getInt(idr0);
    }

    /// 0: no hardware updates; 1: access flag; 2: and dirty state.
    public int httu() {
        return Idr0.HTTU.getInt(idr0);
    }

    /// Whether VMSAv8-64 tables of the granule are supported.
    ///
    /// @param granuleBits 12, 14 or 16
    public boolean granule(int granuleBits) {
        return switch (granuleBits) {
            case 12 -> Idr5.GRAN4K.isSet(idr5);
            case 14 -> Idr5.GRAN16K.isSet(idr5);
            case 16 -> Idr5.GRAN64K.isSet(idr5);
            default -> false;
        };
    }

    /// Whether it is SMMUv3.0, which leaves more open than later ones.
    public boolean isVersion30() {
        return (aidr & 0xff) == 0;
    }
}
