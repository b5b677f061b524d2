package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventRecord.Transaction;
import dev.belfry.model.smmu.spec.EventType;

/// What stopped a transaction, before it becomes an event record.
///
/// @param type the event
/// @param stage2 S2: stage 2's fault
/// @param cause CLASS
/// @param address IPA for stage 2 faults, FetchAddr for aborted fetches
/// @param tableRead TTRnW
/// @param unconditional recorded and aborted whatever R, S and A say
/// @param rule a sentence with the clause
record Fault(
        EventType type,
        boolean stage2,
        Cause cause,
        long address,
        boolean tableRead,
        boolean unconditional,
        String rule) {

    static Fault stage1(EventType type, String rule) {
        return new Fault(type, false, Cause.IN, 0, true, false, rule);
    }

    /// A configuration error, or a stage 1 fault although stage 1 does not translate.
    static Fault configuration(EventType type, long address, String rule) {
        return new Fault(type, false, Cause.IN, address, true, true, rule);
    }

    /// The record that the architecture defines.
    EventRecord record(Transaction t) {
        return switch (type) {
            case C_BAD_STREAMID -> EventRecord.badStreamId(t);
            case F_STE_FETCH -> EventRecord.steFetch(t, address);
            case C_BAD_STE -> EventRecord.badSte(t);
            case F_STREAM_DISABLED -> EventRecord.streamDisabled(t);
            case C_BAD_SUBSTREAMID -> EventRecord.badSubstreamId(t, (int) address);
            case F_CD_FETCH -> EventRecord.cdFetch(t, address);
            case C_BAD_CD -> EventRecord.badCd(t);
            case F_WALK_EABT -> EventRecord.walkAbort(t, stage2, cause, address);
            case F_TRANSLATION, F_ADDR_SIZE, F_ACCESS, F_PERMISSION ->
                    stage2
                            ? EventRecord.stage2Fault(type, t, cause, address, tableRead)
                            : EventRecord.stage1Fault(type, t);
            case F_TRANSL_FORBIDDEN -> EventRecord.translationForbidden(t);
            case F_BAD_ATS_TREQ -> EventRecord.badAtsRequest(t);
            case F_UUT,
                    F_TLB_CONFLICT,
                    F_CFG_CONFLICT,
                    E_PAGE_REQUEST,
                    F_VMS_FETCH,
                    IMPDEF,
                    RESERVED ->
                    EventRecord.unsupportedTransaction(t, 0);
        };
    }
}
