package dev.belfry.model.smmu.spec;

/// Event numbers (IHI 0070 7.3).
public enum EventType {
    F_UUT(0x01),
    C_BAD_STREAMID(0x02),
    F_STE_FETCH(0x03),
    C_BAD_STE(0x04),
    F_BAD_ATS_TREQ(0x05),
    F_STREAM_DISABLED(0x06),
    F_TRANSL_FORBIDDEN(0x07),
    C_BAD_SUBSTREAMID(0x08),
    F_CD_FETCH(0x09),
    C_BAD_CD(0x0a),
    F_WALK_EABT(0x0b),
    F_TRANSLATION(0x10),
    F_ADDR_SIZE(0x11),
    F_ACCESS(0x12),
    F_PERMISSION(0x13),
    F_TLB_CONFLICT(0x20),
    F_CFG_CONFLICT(0x21),
    E_PAGE_REQUEST(0x24),
    F_VMS_FETCH(0x25),
    /// 0xE0..0xEF.
    IMPDEF(0xe0),
    /// Any other number.
    RESERVED(0x00);

    private final int code;

    EventType(int code) {
        this.code = code;
    }

    /// Bits 7:0 of the record.
    public int code() {
        return code;
    }

    /// The type of an event number; total.
    public static EventType of(int code) {
        return switch (code) {
            case 0x01 -> F_UUT;
            case 0x02 -> C_BAD_STREAMID;
            case 0x03 -> F_STE_FETCH;
            case 0x04 -> C_BAD_STE;
            case 0x05 -> F_BAD_ATS_TREQ;
            case 0x06 -> F_STREAM_DISABLED;
            case 0x07 -> F_TRANSL_FORBIDDEN;
            case 0x08 -> C_BAD_SUBSTREAMID;
            case 0x09 -> F_CD_FETCH;
            case 0x0a -> C_BAD_CD;
            case 0x0b -> F_WALK_EABT;
            case 0x10 -> F_TRANSLATION;
            case 0x11 -> F_ADDR_SIZE;
            case 0x12 -> F_ACCESS;
            case 0x13 -> F_PERMISSION;
            case 0x20 -> F_TLB_CONFLICT;
            case 0x21 -> F_CFG_CONFLICT;
            case 0x24 -> E_PAGE_REQUEST;
            case 0x25 -> F_VMS_FETCH;
            default -> (code & 0xf0) == 0xe0 ? IMPDEF : RESERVED;
        };
    }

    /// Whether it is one of the four that may stall and that CD.R or STE.S2R govern.
    public boolean isTranslationRelated() {
        return this == F_TRANSLATION
                || this == F_ADDR_SIZE
                || this == F_ACCESS
                || this == F_PERMISSION;
    }

    /// Whether its records have PnU, InD and RnW.
    public boolean hasAttributes() {
        return isTranslationRelated()
                || this == F_UUT
                || this == F_WALK_EABT
                || this == F_TLB_CONFLICT;
    }

    /// Whether its records have InputAddr.
    public boolean hasInputAddress() {
        return hasAttributes()
                || this == F_TRANSL_FORBIDDEN
                || this == F_BAD_ATS_TREQ
                || this == E_PAGE_REQUEST;
    }

    /// Whether its records have FetchAddr.
    public boolean hasFetchAddress() {
        return this == F_STE_FETCH
                || this == F_CD_FETCH
                || this == F_WALK_EABT
                || this == F_VMS_FETCH;
    }

    /// Its name; for Reserved and IMPLEMENTATION DEFINED numbers with the number.
    public String label(int number) {
        return this == IMPDEF || this == RESERVED ? name() + " " + number : name();
    }
}
