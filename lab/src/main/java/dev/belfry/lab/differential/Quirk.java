package dev.belfry.lab.differential;

import java.util.Locale;

/// A way in which a QEMU's SMMUv3 goes another way than the architecture, as [Opinion] can take it.
/// What each one is, who is right and which versions have it stands in `known-differences.yaml`
/// under [#id]; one that is not there is not taken.
enum Quirk {
    STREAM_TABLE_HALF_ALIGNED,
    STICKY_TWO_LEVEL,
    L1STD_SPAN_UNCHECKED,
    L1STD_TWICE_THE_STES,
    L2PTR_UNALIGNED,
    BAD_STREAMID_ALWAYS_RECORDED,
    S1CDMAX_NOT_IGNORED,
    S1CONTEXTPTR_UNCHECKED,
    S1CONTEXTPTR_CUT_TO_48_BITS,
    TTB_CUT_TO_51_BITS,
    TTB_ALIGNED_BELOW_64_BYTES,
    BYPASS_SIZE_UNCHECKED,
    GBPA_ABSENT,
    UNPRIVILEGED_IGNORED,
    APTABLE_BEFORE_LEAF,
    TLB_FORGETS_APTABLE,
    ACCESS_FLAG_IGNORED,
    OUTPUT_SIZE_UNCHECKED,
    OUTPUT_SIZE_CHECKED_LAST,
    TABLE_SIZE_UNCHECKED,
    BLOCK_AT_ANY_LEVEL,
    TBI1_TAKEN_FROM_TBI0,
    TT1_FOR_LOW_ADDRESSES,
    EVENT_CLASS_ZERO,
    CD_FETCH_ADDRESS_IN_WORDS_4_5,
    EVENTQ_FULL_IS_AN_ABORT,
    EVENTQ_ABORT_DOES_NOT_STOP,
    QUEUE_BASE_UNALIGNED,
    SSEC_IN_PREFETCH_IGNORED,
    ABSENT_FEATURES_COMMANDS_IGNORED,
    SYNC_CS_3_IGNORED,
    TLBI_RESERVED_TG_IGNORED,
    REGISTERS_KEPT_AS_WRITTEN,
    STALE_CONFIGURATION,
    STALE_TRANSLATION;

    /// Its name in the file.
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
