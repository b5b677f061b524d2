package dev.belfry.host.smmu;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.kernel.smmu.SmmuFeatures;
import dev.belfry.model.bits.Field;
import dev.belfry.model.bits.Hex;
import java.util.Optional;

/// Which fields a guest may set in an invalidation command (`arm_vsmmu_validate_user_cmd`, Linux
/// 7.3): any other bit could be CERROR_ILL to the SMMU, which stops the command queue that all
/// devices of the host share.
///
/// @param smmu the physical SMMU
record GuestCommandRules(SmmuFeatures smmu) {

    // IHI 0070 4.1.3, 4.3, 4.4, 4.5.
    private static final Field OPCODE = bits(7, 0);
    private static final Field GLOBAL = bit(9);
    private static final Field SSV = bit(11);
    private static final Field SUBSTREAM_ID = bits(31, 12);
    private static final Field NUM = bits(16, 12);
    private static final Field SCALE = bits(25, 20);
    private static final Field SCALE_ABOVE_31 = bit(25);
    private static final Field VMID = bits(47, 32);
    private static final Field STREAM_ID = bits(63, 32);
    private static final Field ASID = bits(63, 48);
    private static final Field ASID_8 = bits(55, 48);
    private static final Field LEAF = bit(0);
    private static final Field SIZE = bits(5, 0);
    private static final Field TTL = bits(9, 8);
    private static final Field TG = bits(11, 10);
    private static final Field ADDRESS = bits(63, 12);

    private static final int TG_16K = 2;

    /// `ATC_INV_SIZE_ALL`.
    private static final int WHOLE_ADDRESS_SPACE = 52;

    /// Why the command is not issued (`EIO`); empty when it may be.
    Optional<String> refusal(long w0, long w1) {
        return switch (OPCODE.getInt(w0)) {
            case InvalidationRewriter.TLBI_NSNH_ALL -> reserved(w0, w1, 0, 0);
            case InvalidationRewriter.TLBI_NH_VA -> range(w0, w1, asid());
            case InvalidationRewriter.TLBI_NH_VAA -> range(w0, w1, 0);
            case InvalidationRewriter.TLBI_NH_ASID -> reserved(w0, w1, asid() | VMID.mask(), 0);
            case InvalidationRewriter.TLBI_NH_ALL -> reserved(w0, w1, VMID.mask(), 0);
            case InvalidationRewriter.ATC_INV -> atc(w0, w1);
            case InvalidationRewriter.CFGI_CD ->
                    reserved(
                            w0,
                            w1,
                            STREAM_ID.mask() | (smmu.ssidBits() > 0 ? SUBSTREAM_ID.mask() : 0),
                            LEAF.mask());
            case InvalidationRewriter.CFGI_CD_ALL -> reserved(w0, w1, STREAM_ID.mask(), 0);
            default -> Optional.of("command " + Hex.of(OPCODE.get(w0)) + " is not for guests");
        };
    }

    /// With 8-bit ASIDs the upper bits are RES0.
    private long asid() {
        return smmu.asidBits() == 8 ? ASID_8.mask() : ASID.mask();
    }

    private Optional<String> range(long w0, long w1, long asid) {
        long allowed0 = asid | VMID.mask();
        long allowed1 = LEAF.mask() | ADDRESS.mask();
        if (!smmu.rangeInvalidation()) {
            return reserved(w0, w1, allowed0, allowed1);
        }
        Optional<String> why = reservedRange(w0, w1);
        long scale = smmu.ds() ? SCALE.mask() : SCALE.mask() & ~SCALE_ABOVE_31.mask();
        return why.isPresent()
                ? why
                : reserved(
                        w0, w1, allowed0 | NUM.mask() | scale, allowed1 | TG.mask() | TTL.mask());
    }

    /// Combinations that are Reserved (4.4.1.1).
    private Optional<String> reservedRange(long w0, long w1) {
        boolean range = NUM.isSet(w0) || SCALE.isSet(w0);
        int ttl = TTL.getInt(w1);
        int tg = TG.getInt(w1);
        if (tg == 0) {
            return range || ttl != 0
                    ? Optional.of("NUM, SCALE and TTL are RES0 where TG is 0")
                    : Optional.empty();
        }
        if (tg == TG_16K && ttl == 1 && !smmu.ds()) {
            return Optional.of("TTL = 1 with 16 KiB needs IDR5.DS");
        }
        return range || ttl != 0
                ? Optional.empty()
                : Optional.of("TG without NUM, SCALE and TTL is Reserved");
    }

    private Optional<String> atc(long w0, long w1) {
        if (!smmu.ats()) {
            return Optional.of("the SMMU has no ATS, and CMD_ATC_INV is illegal");
        }
        if (SIZE.getInt(w1) > WHOLE_ADDRESS_SPACE) {
            return Optional.of("Size is at most " + WHOLE_ADDRESS_SPACE);
        }
        long substreams = SSV.mask() | SUBSTREAM_ID.mask() | GLOBAL.mask();
        return reserved(
                w0,
                w1,
                STREAM_ID.mask() | (smmu.ssidBits() > 0 ? substreams : 0),
                SIZE.mask() | ADDRESS.mask());
    }

    private static Optional<String> reserved(long w0, long w1, long allowed0, long allowed1) {
        long other0 = w0 & ~(OPCODE.mask() | allowed0);
        long other1 = w1 & ~allowed1;
        return (other0 | other1) == 0
                ? Optional.empty()
                : Optional.of(
                        "bits that are not the guest's are set: "
                                + Hex.of(other0)
                                + ", "
                                + Hex.of(other1));
    }
}
