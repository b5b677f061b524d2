package dev.belfry.kernel.smmu;

import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.model.smmu.spec.AddressSize;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;
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
/// @param ds IDR5.DS: 52-bit addresses with 4 KiB and 16 KiB granules
/// @param dirty IDR0.HTTU: access flag and dirty state are updated by hardware
/// @param attributeOverrides IDR1.ATTR_TYPES_OVR: the incoming attributes must be asked for
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
        boolean vax,
        boolean ds,
        boolean dirty,
        boolean attributeOverrides) {

    /// StreamIDs that one leaf of the stream table holds: 2^8.
    static final int SPLIT = 8;

    /// A batch of 64 commands and its CMD_SYNC must fit: fewer than 2^7 entries will not do.
    private static final int MIN_CMDQ_LOG2 = 7;

    private static final int MAX_CMDQ_LOG2 = 16;
    private static final int MAX_EVENTQ_LOG2 = 15;
    private static final int MAX_PRIQ_LOG2 = 16;
    private static final int TTENDIAN_BIG = 3;
    private static final int OAS_RESERVED = 7;

    /// Why the driver gives up on an SMMU with these registers (`ENXIO`); empty when it does not.
    static Optional<String> refusal(int idr0, int idr1, int idr5) {
        long ttf = Idr0.TTF.get(idr0);
        if (ttf != 2 && ttf != 3) {
            return Optional.of("IDR0.TTF: AArch64 translation tables are not supported");
        }
        if (Idr0.TTENDIAN.get(idr0) == TTENDIAN_BIG || Idr0.TTENDIAN.get(idr0) == 1) {
            return Optional.of("IDR0.TTENDIAN: little-endian tables are not supported");
        }
        if (!Idr0.S1P.isSet(idr0) && !Idr0.S2P.isSet(idr0)) {
            return Optional.of("IDR0: neither S1P nor S2P");
        }
        if (Idr1.TABLES_PRESET.isSet(idr1)
                || Idr1.QUEUES_PRESET.isSet(idr1)
                || Idr1.REL.isSet(idr1)) {
            return Optional.of("IDR1: preset tables or queues, or relative addresses");
        }
        if (Idr1.CMDQS.get(idr1) < MIN_CMDQ_LOG2) {
            return Optional.of("IDR1.CMDQS: the Command queue cannot hold a batch");
        }
        if ((idr5 & (Idr5.GRAN4K.mask() | Idr5.GRAN16K.mask() | Idr5.GRAN64K.mask())) == 0) {
            return Optional.of("IDR5: no translation granule");
        }
        return Optional.empty();
    }

    /// Decodes the registers.
    ///
    /// @param coherentOverride firmware says that the SMMU is coherent, whatever Idr0.COHACC says
    static SmmuFeatures of(int idr0, int idr1, int idr3, int idr5, boolean coherentOverride) {
        int sidBits = Idr1.SIDSIZE.getInt(idr1);
        return new SmmuFeatures(
                Idr0.ST_LEVEL.get(idr0) == 1 && sidBits > SPLIT,
                Idr0.S1P.isSet(idr0),
                Idr0.S2P.isSet(idr0),
                Idr0.COHACC.isSet(idr0) || coherentOverride,
                Idr0.HYP.isSet(idr0),
                Idr0.ATS.isSet(idr0),
                Idr0.PRI.isSet(idr0),
                Idr0.MSI.isSet(idr0),
                Idr0.STALL_MODEL.getInt(idr0),
                Idr0.CD2L.isSet(idr0),
                Idr0.ASID16.isSet(idr0) ? 16 : 8,
                Idr0.VMID16.isSet(idr0) ? 16 : 8,
                sidBits,
                Idr1.SSIDSIZE.getInt(idr1),
                Math.min(MAX_CMDQ_LOG2, Idr1.CMDQS.getInt(idr1)),
                Math.min(MAX_EVENTQ_LOG2, Idr1.EVENTQS.getInt(idr1)),
                Math.min(MAX_PRIQ_LOG2, Idr1.PRIQS.getInt(idr1)),
                Idr3.RIL.isSet(idr3),
                Idr3.FWB.isSet(idr3),
                granulesOf(idr5),
                outputBits(idr5),
                Idr5.VAX.get(idr5) == 1,
                Idr5.DS.isSet(idr5),
                Idr0.HTTU.get(idr0) == 2,
                Idr1.ATTR_TYPES_OVR.isSet(idr1));
    }

    /// Linux takes an encoding that it does not know for 48 bits.
    private static int outputBits(int idr5) {
        int code = Idr5.OAS.getInt(idr5);
        return code == OAS_RESERVED ? 48 : AddressSize.bits(code);
    }

    private static Set<Granule> granulesOf(int idr5) {
        EnumSet<Granule> set = EnumSet.noneOf(Granule.class);
        if (Idr5.GRAN4K.isSet(idr5)) {
            set.add(Granule.G4K);
        }
        if (Idr5.GRAN16K.isSet(idr5)) {
            set.add(Granule.G16K);
        }
        if (Idr5.GRAN64K.isSet(idr5)) {
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
}
