package dev.belfry.kernel.smmu;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// A command as it lies in the Command queue (IHI 0070 chapter 4), and those that the driver
/// issues.
///
/// @param w0 bits 63:0
/// @param w1 bits 127:64
public record Command(long w0, long w1) {

    private static final Field OPCODE = bits(7, 0);
    private static final Field SSV = bit(11);
    private static final Field SUBSTREAM_ID = bits(31, 12);
    private static final Field STREAM_ID = bits(63, 32);

    private static final Field NUM = bits(16, 12);
    private static final Field SCALE = bits(24, 20);
    private static final Field VMID = bits(47, 32);
    private static final Field ASID = bits(63, 48);
    private static final Field LEAF = bit(0);
    private static final Field TTL = bits(9, 8);
    private static final Field TG = bits(11, 10);
    private static final Field ADDRESS = bits(63, 12);

    private static final Field RANGE = bits(4, 0);
    private static final Field SIZE = bits(5, 0);

    private static final Field SYNC_CS = bits(13, 12);
    private static final Field SYNC_MSH = bits(23, 22);
    private static final Field SYNC_MSI_ATTR = bits(27, 24);
    private static final Field SYNC_MSI_ADDRESS = bits(51, 2);

    private static final int CS_IRQ = 1;
    private static final int CS_SEV = 2;
    private static final int INNER_SHAREABLE = 3;
    private static final int OIWB = 15;
    private static final int RANGE_ALL = 31;

    private static final int PREFETCH_CONFIG = 0x01;
    private static final int CFGI_STE = 0x03;
    private static final int CFGI_STE_RANGE = 0x04;
    private static final int CFGI_CD = 0x05;
    private static final int CFGI_CD_ALL = 0x06;
    private static final int TLBI_NH_ALL = 0x10;
    private static final int TLBI_NH_ASID = 0x11;
    private static final int TLBI_NH_VA = 0x12;
    private static final int TLBI_EL2_ALL = 0x20;
    private static final int TLBI_EL2_ASID = 0x21;
    private static final int TLBI_EL2_VA = 0x22;
    private static final int TLBI_S12_VMALL = 0x28;
    private static final int TLBI_S2_IPA = 0x2a;
    private static final int TLBI_NSNH_ALL = 0x30;
    private static final int ATC_INV = 0x40;
    private static final int SYNC = 0x46;

    /// Which translation regime a TLB invalidation means.
    public enum Regime {
        /// NS-EL1, the usual one.
        NH(TLBI_NH_ASID, TLBI_NH_VA),
        /// NS-EL2 with E2H.
        EL2(TLBI_EL2_ASID, TLBI_EL2_VA),
        /// Stage 2.
        STAGE2(TLBI_S12_VMALL, TLBI_S2_IPA);

        private final int all;
        private final int address;

        Regime(int all, int address) {
            this.all = all;
            this.address = address;
        }
    }

    /// A range of a TLB invalidation (IHI 0070 4.4.1.1).
    ///
    /// @param num NUM, ranges less one
    /// @param scale SCALE
    /// @param tg TG: 0 = no range, 1 = 4 KiB, 2 = 16 KiB, 3 = 64 KiB
    /// @param ttl TTL: level of the leaf, 0 = any
    public record Range(int num, int scale, int tg, int ttl) {
        /// One address, no hints.
        public static final Range NONE = new Range(0, 0, 0, 0);
    }

    private static Command of(int opcode, long fields0, long w1) {
        return new Command(OPCODE.of(opcode) | fields0, w1);
    }

    /// CMD_PREFETCH_CONFIG.
    public static Command prefetchConfig(int streamId) {
        return of(PREFETCH_CONFIG, STREAM_ID.of(streamId), 0);
    }

    /// CMD_CFGI_STE.
    public static Command cfgiSte(int streamId, boolean leaf) {
        return of(CFGI_STE, STREAM_ID.of(streamId), LEAF.of(leaf ? 1 : 0));
    }

    /// CMD_CFGI_ALL: CFGI_STE_RANGE with Range = 31.
    public static Command cfgiAll() {
        return of(CFGI_STE_RANGE, 0, RANGE.of(RANGE_ALL));
    }

    /// CMD_CFGI_CD.
    public static Command cfgiCd(int streamId, int substreamId, boolean leaf) {
        long w0 = STREAM_ID.of(streamId) | SUBSTREAM_ID.of(substreamId);
        return of(CFGI_CD, w0, LEAF.of(leaf ? 1 : 0));
    }

    /// CMD_CFGI_CD_ALL.
    public static Command cfgiCdAll(int streamId) {
        return of(CFGI_CD_ALL, STREAM_ID.of(streamId), 0);
    }

    /// CMD_TLBI_NSNH_ALL.
    public static Command tlbiNsnhAll() {
        return of(TLBI_NSNH_ALL, 0, 0);
    }

    /// CMD_TLBI_EL2_ALL.
    public static Command tlbiEl2All() {
        return of(TLBI_EL2_ALL, 0, 0);
    }

    /// CMD_TLBI_NH_ALL of a VMID.
    public static Command tlbiNhAll(int vmid) {
        return of(TLBI_NH_ALL, VMID.of(vmid), 0);
    }

    /// Everything of an address space: TLBI_NH_ASID, TLBI_EL2_ASID or TLBI_S12_VMALL.
    public static Command tlbiAll(Regime regime, int asid, int vmid) {
        return of(regime.all, ASID.of(asid) | VMID.of(vmid), 0);
    }

    /// An address or a range: TLBI_NH_VA, TLBI_EL2_VA or TLBI_S2_IPA.
    public static Command tlbiAddress(
            Regime regime, int asid, int vmid, long address, boolean leaf, Range range) {
        long w0 = ASID.of(asid) | VMID.of(vmid) | NUM.of(range.num) | SCALE.of(range.scale);
        long w1 =
                ADDRESS.inPlace(address)
                        | TG.of(range.tg)
                        | TTL.of(range.ttl)
                        | LEAF.of(leaf ? 1 : 0);
        return of(regime.address, w0, w1);
    }

    /// CMD_ATC_INV of `2^log2Pages` 4 KiB pages; 52 is everything.
    public static Command atcInvalidate(int streamId, long address, int log2Pages) {
        return of(ATC_INV, STREAM_ID.of(streamId), ADDRESS.inPlace(address) | SIZE.of(log2Pages));
    }

    /// CMD_ATC_INV of a substream.
    public static Command atcInvalidate(
            int streamId, int substreamId, long address, int log2Pages) {
        Command plain = atcInvalidate(streamId, address, log2Pages);
        return new Command(plain.w0 | SSV.mask() | SUBSTREAM_ID.of(substreamId), plain.w1);
    }

    /// CMD_SYNC that signals an event (CS = SIG_SEV); software polls CMDQ_CONS.
    public static Command sync() {
        return of(SYNC, syncAttributes(CS_SEV), 0);
    }

    /// CMD_SYNC that writes 0 to `address` when it is done.
    public static Command syncMsi(long address) {
        return of(SYNC, syncAttributes(CS_IRQ), SYNC_MSI_ADDRESS.inPlace(address));
    }

    private static long syncAttributes(int cs) {
        return SYNC_CS.of(cs) | SYNC_MSH.of(INNER_SHAREABLE) | SYNC_MSI_ATTR.of(OIWB);
    }
}
