package dev.belfry.kernel.smmu;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.model.bits.Field;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// What the driver made of the ID registers.
///
/// @param twoLevelStreamTable IDR0.ST_LEVEL allows it and there are more than 8 bits of StreamID
/// @param stage1 IDR0.S1P
/// @param stage2 IDR0.S2P
/// @param coherent table walks and queues see the CPU's caches
/// @param hyp IDR0.HYP: EL2 streams are possible
/// @param ats IDR0.ATS
/// @param pri IDR0.PRI
/// @param msi IDR0.MSI
/// @param stalls IDR0.STALL_MODEL: 0 = both models, 1 = terminate only, 2 = stall only
/// @param cd2Level IDR0.CD2L
/// @param asidBits 8 or 16
/// @param vmidBits 8 or 16
/// @param sidBits IDR1.SIDSIZE
/// @param ssidBits IDR1.SSIDSIZE
/// @param commandQueueLog2 IDR1.CMDQS, at most 16
/// @param eventQueueLog2 IDR1.EVENTQS, at most 15
/// @param priQueueLog2 IDR1.PRIQS, at most 16
/// @param rangeInvalidation IDR3.RIL
/// @param fwb IDR3.FWB
/// @param granules IDR5.GRAN*
/// @param outputBits IDR5.OAS, 32..52
/// @param vax IDR5.VAX: 52-bit virtual addresses
public record SmmuFeatures(
        boolean twoLevelStreamTable,
        boolean stage1,
        boolean stage2,
        boolean coherent,
        boolean hyp,
        boolean ats,
        boolean pri,
        boolean msi,
        int stalls,
        boolean cd2Level,
        int asidBits,
        int vmidBits,
        int sidBits,
        int ssidBits,
        int commandQueueLog2,
        int eventQueueLog2,
        int priQueueLog2,
        boolean rangeInvalidation,
        boolean fwb,
        Set<Granule> granules,
        int outputBits,
        boolean vax) {

    private static final Field S2P = bit(0);
    private static final Field S1P = bit(1);
    private static final Field TTF = bits(3, 2);
    private static final Field COHACC = bit(4);
    private static final Field HYP = bit(9);
    private static final Field ATS = bit(10);
    private static final Field ASID16 = bit(12);
    private static final Field MSI = bit(13);
    private static final Field PRI = bit(16);
    private static final Field VMID16 = bit(18);
    private static final Field CD2L = bit(19);
    private static final Field TTENDIAN = bits(22, 21);
    private static final Field STALL_MODEL = bits(25, 24);
    private static final Field ST_LEVEL = bits(28, 27);

    private static final Field SIDSIZE = bits(5, 0);
    private static final Field SSIDSIZE = bits(10, 6);
    private static final Field PRIQS = bits(15, 11);
    private static final Field EVENTQS = bits(20, 16);
    private static final Field CMDQS = bits(25, 21);
    private static final Field REL = bit(28);
    private static final Field QUEUES_PRESET = bit(29);
    private static final Field TABLES_PRESET = bit(30);

    private static final Field FWB = bit(8);
    private static final Field RIL = bit(10);

    private static final Field OAS = bits(2, 0);
    private static final Field GRAN4K = bit(4);
    private static final Field GRAN16K = bit(5);
    private static final Field GRAN64K = bit(6);
    private static final Field VAX = bits(11, 10);

    /// StreamIDs that one leaf of the stream table holds: 2^8.
    static final int SPLIT = 8;

    /// A batch of 64 commands and its CMD_SYNC must fit: fewer than 2^7 entries will not do.
    private static final int MIN_CMDQ_LOG2 = 7;

    private static final int MAX_CMDQ_LOG2 = 16;
    private static final int MAX_EVENTQ_LOG2 = 15;
    private static final int MAX_PRIQ_LOG2 = 16;
    private static final int TTENDIAN_BIG = 3;
    private static final int[] OAS_BITS = {32, 36, 40, 42, 44, 48, 52, 52};

    /// Why the driver gives up on an SMMU with these registers (`ENXIO`); empty when it does not.
    static Optional<String> refusal(int idr0, int idr1, int idr5) {
        long ttf = TTF.get(idr0);
        if (ttf != 2 && ttf != 3) {
            return Optional.of("IDR0.TTF: AArch64 translation tables are not supported");
        }
        if (TTENDIAN.get(idr0) == TTENDIAN_BIG || TTENDIAN.get(idr0) == 1) {
            return Optional.of("IDR0.TTENDIAN: little-endian tables are not supported");
        }
        if (!S1P.isSet(idr0) && !S2P.isSet(idr0)) {
            return Optional.of("IDR0: neither S1P nor S2P");
        }
        if (TABLES_PRESET.isSet(idr1) || QUEUES_PRESET.isSet(idr1) || REL.isSet(idr1)) {
            return Optional.of("IDR1: preset tables or queues, or relative addresses");
        }
        if (CMDQS.get(idr1) < MIN_CMDQ_LOG2) {
            return Optional.of("IDR1.CMDQS: the Command queue cannot hold a batch");
        }
        if ((idr5 & (GRAN4K.mask() | GRAN16K.mask() | GRAN64K.mask())) == 0) {
            return Optional.of("IDR5: no translation granule");
        }
        return Optional.empty();
    }

    /// Decodes the registers.
    ///
    /// @param coherentOverride firmware says that the SMMU is coherent, whatever COHACC says
    static SmmuFeatures of(int idr0, int idr1, int idr3, int idr5, boolean coherentOverride) {
        int sidBits = SIDSIZE.getInt(idr1);
        return new SmmuFeatures(
                ST_LEVEL.get(idr0) == 1 && sidBits > SPLIT,
                S1P.isSet(idr0),
                S2P.isSet(idr0),
                COHACC.isSet(idr0) || coherentOverride,
                HYP.isSet(idr0),
                ATS.isSet(idr0),
                PRI.isSet(idr0),
                MSI.isSet(idr0),
                STALL_MODEL.getInt(idr0),
                CD2L.isSet(idr0),
                ASID16.isSet(idr0) ? 16 : 8,
                VMID16.isSet(idr0) ? 16 : 8,
                sidBits,
                SSIDSIZE.getInt(idr1),
                Math.min(MAX_CMDQ_LOG2, CMDQS.getInt(idr1)),
                Math.min(MAX_EVENTQ_LOG2, EVENTQS.getInt(idr1)),
                Math.min(MAX_PRIQ_LOG2, PRIQS.getInt(idr1)),
                RIL.isSet(idr3),
                FWB.isSet(idr3),
                granulesOf(idr5),
                OAS_BITS[OAS.getInt(idr5)],
                VAX.get(idr5) == 1);
    }

    private static Set<Granule> granulesOf(int idr5) {
        EnumSet<Granule> set = EnumSet.noneOf(Granule.class);
        if (GRAN4K.isSet(idr5)) {
            set.add(Granule.G4K);
        }
        if (GRAN16K.isSet(idr5)) {
            set.add(Granule.G16K);
        }
        if (GRAN64K.isSet(idr5)) {
            set.add(Granule.G64K);
        }
        return set;
    }

    public SmmuFeatures {
        granules = Set.copyOf(granules);
    }

    /// The granule for a kernel with pages of `wanted`: that one, else the largest smaller, else
    /// the smallest larger.
    public Granule granuleFor(Granule wanted) {
        if (granules.contains(wanted)) {
            return wanted;
        }
        Comparator<Granule> bySize = Comparator.comparingInt(Granule::shift);
        return granules.stream()
                .filter(g -> g.shift() < wanted.shift())
                .max(bySize)
                .or(() -> granules.stream().min(bySize))
                .orElseThrow();
    }

    /// CD.IPS and STE.S2PS for [#outputBits] (IHI 0070 5.4).
    public static int encodeOutputSize(int bits) {
        for (int i = 0; i < OAS_BITS.length; i++) {
            if (OAS_BITS[i] == bits) {
                return i;
            }
        }
        throw new IllegalArgumentException("no such output size: " + bits);
    }
}
