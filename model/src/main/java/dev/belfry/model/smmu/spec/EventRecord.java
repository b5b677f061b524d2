package dev.belfry.model.smmu.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import java.util.Map;

/// An event record: four 64-bit words as they lie in the Event queue (IHI 0070 7.3).
public record EventRecord(long w0, long w1, long w2, long w3) {

    /// Size in memory, bytes.
    public static final int BYTES = 32;

    // Word 0.
    public static final Field TYPE = bits(7, 0);
    public static final Field SSV = bit(11);
    public static final Field SUBSTREAMID = bits(31, 12);
    public static final Field STREAMID = bits(63, 32);

    // Word 1.
    public static final Field STAG = bits(15, 0);

    /// The same bits as STAG, in records of fetches.
    public static final Field REASON = bits(15, 0);

    public static final Field STALL = bit(31);
    public static final Field PNU = bit(33);
    public static final Field IND = bit(34);
    public static final Field RNW = bit(35);
    public static final Field NSIPA = bit(36);
    public static final Field S2 = bit(39);
    public static final Field CLASS = bits(41, 40);
    public static final Field TTRNW = bit(44);

    // Word 2 is InputAddr.

    // Word 3.
    /// In place: bits 55:12 of the address.
    public static final Field IPA = bits(55, 12);

    /// In place: bits 55:3 of the address.
    public static final Field FETCHADDR = bits(55, 3);

    /// What kind of access caused the fault: the CLASS field.
    public enum Cause {
        /// Fetch of a CD.
        CD,
        /// Fetch of a stage 1 descriptor.
        TT,
        /// The input address.
        IN,
        RESERVED;

        /// The field's value.
        public int bits() {
            return switch (this) {
                case CD -> 0;
                case TT -> 1;
                case IN -> 2;
                case RESERVED -> 3;
            };
        }

        static Cause of(int bits) {
            return switch (bits) {
                case 0 -> CD;
                case 1 -> TT;
                case 2 -> IN;
                default -> RESERVED;
            };
        }
    }

    /// The transaction that led to an event.
    ///
    /// @param streamId StreamID
    /// @param substreamId SubstreamID, or negative for SSV = 0
    /// @param address InputAddr, as it came in
    /// @param read RnW
    /// @param privileged PnU, after the STE's override
    /// @param instruction InD, after the STE's override
    public record Transaction(
            int streamId,
            int substreamId,
            long address,
            boolean read,
            boolean privileged,
            boolean instruction) {

        long header(EventType type) {
            return TYPE.of(type.code())
                    | STREAMID.of(streamId)
                    | (substreamId < 0 ? 0 : SSV.of(1) | SUBSTREAMID.of(substreamId));
        }

        long attributes() {
            return RNW.of(read ? 1 : 0)
                    | PNU.of(privileged ? 1 : 0)
                    // InD == 0 when RnW == 0 (7.3.13).
                    | IND.of(instruction && read ? 1 : 0);
        }
    }

    /// F_UUT: unsupported upstream transaction.
    public static EventRecord unsupportedTransaction(Transaction t, int reason) {
        return new EventRecord(
                t.header(EventType.F_UUT), t.attributes() | REASON.of(reason), t.address(), 0);
    }

    /// C_BAD_STREAMID.
    public static EventRecord badStreamId(Transaction t) {
        return plain(EventType.C_BAD_STREAMID, t);
    }

    /// F_STE_FETCH.
    ///
    /// @param fetchAddress physical address of the STE or L1STD
    public static EventRecord steFetch(Transaction t, long fetchAddress) {
        return new EventRecord(
                t.header(EventType.F_STE_FETCH), 0, 0, FETCHADDR.inPlace(fetchAddress));
    }

    /// C_BAD_STE.
    public static EventRecord badSte(Transaction t) {
        return plain(EventType.C_BAD_STE, t);
    }

    /// F_STREAM_DISABLED.
    public static EventRecord streamDisabled(Transaction t) {
        return plain(EventType.F_STREAM_DISABLED, t);
    }

    /// F_TRANSL_FORBIDDEN.
    public static EventRecord translationForbidden(Transaction t) {
        return new EventRecord(
                t.header(EventType.F_TRANSL_FORBIDDEN), RNW.of(t.read() ? 1 : 0), t.address(), 0);
    }

    /// F_BAD_ATS_TREQ, without the Span and permission fields of 7.3.6.
    public static EventRecord badAtsRequest(Transaction t) {
        return new EventRecord(
                t.header(EventType.F_BAD_ATS_TREQ), 0, Bits.alignDown(t.address(), 12), 0);
    }

    /// C_BAD_SUBSTREAMID. SubstreamID is always valid in it; SSV is no field of it (7.3.9).
    ///
    /// @param index index of the CD that was looked for
    public static EventRecord badSubstreamId(Transaction t, int index) {
        return new EventRecord(
                TYPE.of(EventType.C_BAD_SUBSTREAMID.code())
                        | STREAMID.of(t.streamId())
                        | SUBSTREAMID.of(index),
                0,
                0,
                0);
    }

    /// F_CD_FETCH.
    ///
    /// @param fetchAddress physical address of the CD or L1CD
    public static EventRecord cdFetch(Transaction t, long fetchAddress) {
        return new EventRecord(
                t.header(EventType.F_CD_FETCH), 0, 0, FETCHADDR.inPlace(fetchAddress));
    }

    /// C_BAD_CD.
    public static EventRecord badCd(Transaction t) {
        return plain(EventType.C_BAD_CD, t);
    }

    /// F_WALK_EABT.
    ///
    /// @param stage2 whether a stage 2 descriptor was fetched
    /// @param cause what the walk was for; TT for a stage 1 descriptor
    /// @param fetchAddress physical address of the descriptor
    public static EventRecord walkAbort(
            Transaction t, boolean stage2, Cause cause, long fetchAddress) {
        return new EventRecord(
                t.header(EventType.F_WALK_EABT),
                t.attributes() | S2.of(stage2 ? 1 : 0) | CLASS.of(cause.bits()),
                t.address(),
                FETCHADDR.inPlace(fetchAddress));
    }

    /// F_TRANSLATION, F_ADDR_SIZE, F_ACCESS or F_PERMISSION at stage 1.
    ///
    /// @throws IllegalArgumentException for any other type
    public static EventRecord stage1Fault(EventType type, Transaction t) {
        requireTranslation(type);
        return new EventRecord(
                t.header(type), t.attributes() | CLASS.of(Cause.IN.bits()), t.address(), 0);
    }

    /// F_TRANSLATION, F_ADDR_SIZE, F_ACCESS or F_PERMISSION at stage 2.
    ///
    /// @param cause what was translated
    /// @param ipa its address
    /// @param tableRead for F_PERMISSION and CLASS = TT: whether the descriptor was read, not
    ///   written
    /// @throws IllegalArgumentException for any other type
    public static EventRecord stage2Fault(
            EventType type, Transaction t, Cause cause, long ipa, boolean tableRead) {
        requireTranslation(type);
        boolean ttrnw = type == EventType.F_PERMISSION && cause == Cause.TT && tableRead;
        return new EventRecord(
                t.header(type),
                t.attributes() | S2.of(1) | CLASS.of(cause.bits()) | TTRNW.of(ttrnw ? 1 : 0),
                t.address(),
                IPA.inPlace(ipa));
    }

    private static void requireTranslation(EventType type) {
        if (!type.isTranslationRelated()) {
            throw new IllegalArgumentException(type + " is not translation-related");
        }
    }

    private static EventRecord plain(EventType type, Transaction t) {
        return new EventRecord(t.header(type), 0, 0, 0);
    }

    /// With Stall = 1 and the tag that CMD_RESUME answers with.
    public EventRecord stalled(int stag) {
        return new EventRecord(w0, w1 | STALL.of(1) | STAG.of(stag), w2, w3);
    }

    /// From the four words of a queue entry.
    public static EventRecord decode(long w0, long w1, long w2, long w3) {
        return new EventRecord(w0, w1, w2, w3);
    }

    /// The event number's meaning.
    public EventType type() {
        return EventType.of(code());
    }

    /// The event number, 0..255.
    public int code() {
        return TYPE.getInt(w0);
    }

    public int streamId() {
        return (int) STREAMID.get(w0);
    }

    /// Whether the record has a SubstreamID.
    public boolean ssv() {
        return SSV.isSet(w0) || type() == EventType.C_BAD_SUBSTREAMID;
    }

    /// The SubstreamID; only valid with [#ssv].
    public int substreamId() {
        return SUBSTREAMID.getInt(w0);
    }

    public int stag() {
        return STAG.getInt(w1);
    }

    public boolean stall() {
        return STALL.isSet(w1) && type().isTranslationRelated();
    }

    /// PnU.
    public boolean privileged() {
        return PNU.isSet(w1);
    }

    /// InD.
    public boolean instruction() {
        return IND.isSet(w1);
    }

    /// RnW.
    public boolean read() {
        return RNW.isSet(w1);
    }

    /// S2.
    public boolean stage2() {
        return S2.isSet(w1);
    }

    /// CLASS.
    public Cause cause() {
        return Cause.of(CLASS.getInt(w1));
    }

    /// InputAddr.
    public long inputAddress() {
        return w2;
    }

    /// IPA, bits 55:12.
    public long ipa() {
        return IPA.inPlace(w3);
    }

    /// FetchAddr, bits 55:3.
    public long fetchAddress() {
        return FETCHADDR.inPlace(w3);
    }

    /// The words as they lie in memory.
    public long[] words() {
        return new long[] {w0, w1, w2, w3};
    }

    /// Decoded fields, in the specification's order; only those that the type has.
    public Map<String, String> fields() {
        EventType type = type();
        FieldMap out = new FieldMap().text("type", type.label(code()));
        out.hex("StreamID", streamId() & 0xffff_ffffL);
        if (ssv()) {
            out.number("SubstreamID", SUBSTREAMID, w0);
        }
        if (type.isTranslationRelated()) {
            out.number("STAG", STAG, w1).number("Stall", STALL, w1);
        }
        if (type.hasAttributes()) {
            out.number("PnU", PNU, w1).number("InD", IND, w1).number("RnW", RNW, w1);
        }
        if (type.isTranslationRelated() || type == EventType.F_WALK_EABT) {
            out.number("S2", S2, w1).text("CLASS", cause().name());
        }
        if (type.hasInputAddress()) {
            out.hex("InputAddr", w2);
        }
        if (type.hasFetchAddress()) {
            out.hex("FetchAddr", fetchAddress());
        } else if (type.isTranslationRelated() && stage2()) {
            out.hex("IPA", ipa());
        }
        return out.map();
    }
}
