package dev.belfry.kernel.smmu;

import dev.belfry.model.smmu.spec.Command.AtcInv;
import dev.belfry.model.smmu.spec.Command.CfgiCd;
import dev.belfry.model.smmu.spec.Command.CfgiCdAll;
import dev.belfry.model.smmu.spec.Command.CfgiSte;
import dev.belfry.model.smmu.spec.Command.CfgiSteRange;
import dev.belfry.model.smmu.spec.Command.PrefetchConfig;
import dev.belfry.model.smmu.spec.Command.Span;
import dev.belfry.model.smmu.spec.Command.Sync;
import dev.belfry.model.smmu.spec.Command.TlbiEl2All;
import dev.belfry.model.smmu.spec.Command.TlbiEl2Asid;
import dev.belfry.model.smmu.spec.Command.TlbiEl2Va;
import dev.belfry.model.smmu.spec.Command.TlbiNhAll;
import dev.belfry.model.smmu.spec.Command.TlbiNhAsid;
import dev.belfry.model.smmu.spec.Command.TlbiNhVa;
import dev.belfry.model.smmu.spec.Command.TlbiNsnhAll;
import dev.belfry.model.smmu.spec.Command.TlbiS12Vmall;
import dev.belfry.model.smmu.spec.Command.TlbiS2Ipa;

/// A command as it lies in the Command queue, and those that the driver issues. Their layouts are
/// [dev.belfry.model.smmu.spec.Command]'s.
///
/// @param w0 bits 63:0
/// @param w1 bits 127:64
public record Command(long w0, long w1) {

    private static final int CS_NONE = 0;
    private static final int CS_IRQ = 1;
    private static final int CS_SEV = 2;
    private static final int INNER_SHAREABLE = 3;
    private static final int OIWB = 15;
    private static final int RANGE_ALL = 31;

    /// Which translation regime a TLB invalidation means.
    public enum Regime {
        /// NS-EL1, the usual one.
        NH,
        /// NS-EL2 with E2H.
        EL2,
        /// Stage 2.
        STAGE2
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

    /// Its opcode.
    int opcode() {
        return (int) w0 & 0xff;
    }

    private static Command of(dev.belfry.model.smmu.spec.Command command) {
        return new Command(command.w0(), command.w1());
    }

    /// CMD_PREFETCH_CONFIG.
    public static Command prefetchConfig(int streamId) {
        return of(new PrefetchConfig(streamId, false, 0, false));
    }

    /// CMD_CFGI_STE.
    public static Command cfgiSte(int streamId, boolean leaf) {
        return of(new CfgiSte(streamId, false, leaf));
    }

    /// CMD_CFGI_ALL: CFGI_STE_RANGE with Range = 31.
    public static Command cfgiAll() {
        return of(new CfgiSteRange(0, false, RANGE_ALL));
    }

    /// CMD_CFGI_CD.
    public static Command cfgiCd(int streamId, int substreamId, boolean leaf) {
        return of(new CfgiCd(streamId, false, substreamId, leaf));
    }

    /// CMD_CFGI_CD_ALL.
    public static Command cfgiCdAll(int streamId) {
        return of(new CfgiCdAll(streamId, false));
    }

    /// CMD_TLBI_NSNH_ALL.
    public static Command tlbiNsnhAll() {
        return of(new TlbiNsnhAll());
    }

    /// CMD_TLBI_EL2_ALL.
    public static Command tlbiEl2All() {
        return of(new TlbiEl2All());
    }

    /// CMD_TLBI_NH_ALL of a VMID.
    public static Command tlbiNhAll(int vmid) {
        return of(new TlbiNhAll(vmid));
    }

    /// Everything of an address space: TLBI_NH_ASID, TLBI_EL2_ASID or TLBI_S12_VMALL.
    public static Command tlbiAll(Regime regime, int asid, int vmid) {
        return of(
                switch (regime) {
                    case NH -> new TlbiNhAsid(vmid, asid);
                    case EL2 -> new TlbiEl2Asid(asid);
                    case STAGE2 -> new TlbiS12Vmall(vmid);
                });
    }

    /// An address or a range: TLBI_NH_VA, TLBI_EL2_VA or TLBI_S2_IPA.
    public static Command tlbiAddress(
            Regime regime, int asid, int vmid, long address, boolean leaf, Range range) {
        Span span = new Span(address, leaf, range.num, range.scale, range.tg, range.ttl);
        return of(
                switch (regime) {
                    case NH -> new TlbiNhVa(vmid, asid, span);
                    case EL2 -> new TlbiEl2Va(asid, span);
                    case STAGE2 -> new TlbiS2Ipa(vmid, span);
                });
    }

    /// CMD_ATC_INV of `2^log2Pages` 4 KiB pages; 52 is everything.
    public static Command atcInvalidate(int streamId, long address, int log2Pages) {
        return of(new AtcInv(streamId, 0, false, false, address, log2Pages));
    }

    /// CMD_ATC_INV of a substream.
    public static Command atcInvalidate(
            int streamId, int substreamId, long address, int log2Pages) {
        return of(new AtcInv(streamId, substreamId, true, false, address, log2Pages));
    }

    /// CMD_SYNC that signals an event (CS = SIG_SEV); software polls CMDQ_CONS.
    public static Command sync() {
        return of(new Sync(CS_SEV, INNER_SHAREABLE, OIWB, 0, 0));
    }

    /// CMD_SYNC without a signal (CS = SIG_NONE).
    static Command syncPolled() {
        return of(new Sync(CS_NONE, INNER_SHAREABLE, OIWB, 0, 0));
    }

    /// CMD_SYNC that writes 0 to `address` when it is done.
    public static Command syncMsi(long address) {
        return of(new Sync(CS_IRQ, INNER_SHAREABLE, OIWB, address, 0));
    }
}
