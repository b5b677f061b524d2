package dev.belfry.model.smmu.spec;

import java.util.Map;

/// A Command queue entry (IHI 0070 chapter 4): 16 bytes, two 64-bit words.
///
/// [#decode] is total: what is no command of the Non-secure queue becomes [Unknown]. Whether a
/// command is ILLEGAL depends on the SMMU's features and is not decided here.
public sealed interface Command {

    /// Size in memory, bytes.
    int BYTES = 16;

    /// StreamIDs of a command with this SSec are Secure: ILLEGAL on the Non-secure queue (4.1.6).
    record PrefetchConfig(int streamId, boolean ssec, int substreamId, boolean ssv)
            implements Command {}

    /// @param address bits 63:12 of the first address
    /// @param size log2 of the number of addresses
    /// @param stride log2 of the distance between two of them, minus 12
    record PrefetchAddr(
            int streamId,
            boolean ssec,
            int substreamId,
            boolean ssv,
            long address,
            int size,
            int stride)
            implements Command {}

    record CfgiSte(int streamId, boolean ssec, boolean leaf) implements Command {}

    /// @param range log2 of the number of StreamIDs, minus 1; 31 is CMD_CFGI_ALL
    record CfgiSteRange(int streamId, boolean ssec, int range) implements Command {
        /// Whether it is CMD_CFGI_ALL.
        public boolean all() {
            return range == 31;
        }

        /// The first StreamID, aligned to the range.
        public int first() {
            return all() ? 0 : streamId & -(1 << (range + 1));
        }

        /// Whether `sid`, unsigned, lies in the range.
        public boolean contains(int sid) {
            return all() || ((sid ^ streamId) & -(1 << (range + 1))) == 0;
        }
    }

    record CfgiCd(int streamId, boolean ssec, int substreamId, boolean leaf) implements Command {}

    record CfgiCdAll(int streamId, boolean ssec) implements Command {}

    record CfgiVmsPidm(int vmid, boolean ssec) implements Command {}

    record TlbiNhAll(int vmid) implements Command {}

    record TlbiNhAsid(int vmid, int asid) implements Command {}

    record TlbiNhVa(int vmid, int asid, Span span) implements Command {}

    record TlbiNhVaa(int vmid, Span span) implements Command {}

    record TlbiEl3All() implements Command {}

    record TlbiEl3Va(Span span) implements Command {}

    record TlbiEl2All() implements Command {}

    record TlbiEl2Asid(int asid) implements Command {}

    record TlbiEl2Va(int asid, Span span) implements Command {}

    record TlbiEl2Vaa(Span span) implements Command {}

    record TlbiS12Vmall(int vmid) implements Command {}

    record TlbiS2Ipa(int vmid, Span span) implements Command {}

    record TlbiNsnhAll() implements Command {}

    /// @param size log2 of the span in units of 4 KiB; 52 is everything
    record AtcInv(
            int streamId, int substreamId, boolean ssv, boolean global, long address, int size)
            implements Command {}

    /// @param resp 0 ResponseFailure, 1 InvalidRequest, 2 Success, 3 ILLEGAL
    record PriResp(int streamId, int substreamId, boolean ssv, int prgIndex, int resp)
            implements Command {}

    /// @param retry Ac = 1: try again; else terminate, by an abort when `abort`
    record Resume(int streamId, boolean ssec, int stag, boolean retry, boolean abort)
            implements Command {}

    record StallTerm(int streamId, boolean ssec) implements Command {}

    /// @param cs completion signal: 0 none, 1 SIG_IRQ, 2 SIG_SEV, 3 Reserved
    /// @param msiAddress where to write `msiData` for SIG_IRQ; 0 for the wired interrupt
    record Sync(int cs, int msh, int msiAttr, long msiAddress, int msiData) implements Command {}

    /// A Reserved, IMPLEMENTATION DEFINED or Secure-only opcode.
    record Unknown(long w0, long w1) implements Command {}

    /// The addresses of a CMD_TLBI by address (4.4.1.1).
    ///
    /// @param address VA or IPA, bits 11:0 zero
    /// @param leaf only last-level entries need to go
    /// @param num with TG: granules are (num + 1) << scale
    /// @param scale 0..63
    /// @param tg 0 no range; 1 4 KiB, 2 16 KiB, 3 64 KiB
    /// @param ttl 0 any level; 1..3 level of the leaf
    record Span(long address, boolean leaf, int num, int scale, int tg, int ttl) {
        /// One address of any granule and level.
        public static Span of(long address, boolean leaf) {
            return new Span(address, leaf, 0, 0, 0, 0);
        }

        /// log2 of the granule that TG names; 0 when it names none.
        public int granuleBits() {
            return tg == 0 ? 0 : 10 + 2 * tg;
        }
    }

    /// Decodes the two words of a queue entry.
    static Command decode(long w0, long w1) {
        return CommandCodec.decode(w0, w1);
    }

    /// Bits 7:0 of the first word.
    default int opcode() {
        return CommandCodec.opcode(this);
    }

    /// The first word as it lies in the queue.
    default long w0() {
        return CommandCodec.w0(this);
    }

    /// The second word as it lies in the queue.
    default long w1() {
        return CommandCodec.w1(this);
    }

    /// The two words as they lie in the queue.
    default long[] encode() {
        return new long[] {w0(), w1()};
    }

    /// `CMD_…`, as the specification spells it; `Reserved` for what it does not define.
    default String specName() {
        return CommandFields.name(this);
    }

    /// Decoded parameters under the specification's names.
    default Map<String, String> fields() {
        return CommandFields.of(this);
    }
}
