package dev.belfry.model.smmu.spec;

import dev.belfry.model.bits.Field;
import java.util.Map;

/// Names of commands and of their parameters, for reports.
final class CommandFields {

    private static final Field WORD = Field.bits(63, 0);

    private CommandFields() {}

    static String name(Command command) {
        return switch (command) {
            case Command.PrefetchConfig c -> "CMD_PREFETCH_CONFIG";
            case Command.PrefetchAddr c -> "CMD_PREFETCH_ADDR";
            case Command.CfgiSte c -> "CMD_CFGI_STE";
            case Command.CfgiSteRange c -> c.all() ? "CMD_CFGI_ALL" : "CMD_CFGI_STE_RANGE";
            case Command.CfgiCd c -> "CMD_CFGI_CD";
            case Command.CfgiCdAll c -> "CMD_CFGI_CD_ALL";
            case Command.CfgiVmsPidm c -> "CMD_CFGI_VMS_PIDM";
            case Command.TlbiNhAll c -> "CMD_TLBI_NH_ALL";
            case Command.TlbiNhAsid c -> "CMD_TLBI_NH_ASID";
            case Command.TlbiNhVa c -> "CMD_TLBI_NH_VA";
            case Command.TlbiNhVaa c -> "CMD_TLBI_NH_VAA";
            case Command.TlbiEl3All c -> "CMD_TLBI_EL3_ALL";
            case Command.TlbiEl3Va c -> "CMD_TLBI_EL3_VA";
            case Command.TlbiEl2All c -> "CMD_TLBI_EL2_ALL";
            case Command.TlbiEl2Asid c -> "CMD_TLBI_EL2_ASID";
            case Command.TlbiEl2Va c -> "CMD_TLBI_EL2_VA";
            case Command.TlbiEl2Vaa c -> "CMD_TLBI_EL2_VAA";
            case Command.TlbiS12Vmall c -> "CMD_TLBI_S12_VMALL";
            case Command.TlbiS2Ipa c -> "CMD_TLBI_S2_IPA";
            case Command.TlbiNsnhAll c -> "CMD_TLBI_NSNH_ALL";
            case Command.AtcInv c -> "CMD_ATC_INV";
            case Command.PriResp c -> "CMD_PRI_RESP";
            case Command.Resume c -> "CMD_RESUME";
            case Command.StallTerm c -> "CMD_STALL_TERM";
            case Command.Sync c -> "CMD_SYNC";
            case Command.Unknown c -> "Reserved";
        };
    }

    static Map<String, String> of(Command command) {
        FieldMap out = new FieldMap();
        switch (command) {
            case Command.PrefetchConfig c -> substream(out, c.streamId(), c.substreamId(), c.ssv());
            case Command.PrefetchAddr c ->
                    number(
                            number(
                                    substream(out, c.streamId(), c.substreamId(), c.ssv())
                                            .hex("Addr", c.address()),
                                    "Size",
                                    c.size()),
                            "Stride",
                            c.stride());
            case Command.CfgiSte c -> flag(stream(out, c.streamId()), "Leaf", c.leaf());
            case Command.CfgiSteRange c -> number(stream(out, c.streamId()), "Range", c.range());
            case Command.CfgiCd c ->
                    flag(
                            number(stream(out, c.streamId()), "SubstreamID", c.substreamId()),
                            "Leaf",
                            c.leaf());
            case Command.CfgiCdAll c -> stream(out, c.streamId());
            case Command.CfgiVmsPidm c -> number(out, "VMID", c.vmid());
            case Command.TlbiNhAll c -> number(out, "VMID", c.vmid());
            case Command.TlbiNhAsid c -> number(number(out, "VMID", c.vmid()), "ASID", c.asid());
            case Command.TlbiNhVa c ->
                    span(number(number(out, "VMID", c.vmid()), "ASID", c.asid()), c.span());
            case Command.TlbiNhVaa c -> span(number(out, "VMID", c.vmid()), c.span());
            case Command.TlbiEl3Va c -> span(out, c.span());
            case Command.TlbiEl2Asid c -> number(out, "ASID", c.asid());
            case Command.TlbiEl2Va c -> span(number(out, "ASID", c.asid()), c.span());
            case Command.TlbiEl2Vaa c -> span(out, c.span());
            case Command.TlbiS12Vmall c -> number(out, "VMID", c.vmid());
            case Command.TlbiS2Ipa c -> span(number(out, "VMID", c.vmid()), c.span());
            case Command.AtcInv c ->
                    number(
                            flag(
                                            substream(out, c.streamId(), c.substreamId(), c.ssv()),
                                            "Global",
                                            c.global())
                                    .hex("Address", c.address()),
                            "Size",
                            c.size());
            case Command.PriResp c ->
                    number(
                            number(
                                    substream(out, c.streamId(), c.substreamId(), c.ssv()),
                                    "PRGIndex",
                                    c.prgIndex()),
                            "Resp",
                            c.resp());
            case Command.Resume c ->
                    flag(
                            flag(
                                    number(stream(out, c.streamId()), "STAG", c.stag()),
                                    "Ac",
                                    c.retry()),
                            "Ab",
                            c.abort());
            case Command.StallTerm c -> stream(out, c.streamId());
            case Command.Sync c ->
                    number(out, "CS", c.cs())
                            .hex("MSIAddress", c.msiAddress())
                            .hex("MSIData", c.msiData() & 0xffff_ffffL);
            case Command.TlbiEl3All c -> {}
            case Command.TlbiEl2All c -> {}
            case Command.TlbiNsnhAll c -> {}
            case Command.Unknown c -> out.hex("opcode", c.opcode());
        }
        return out.map();
    }

    private static FieldMap stream(FieldMap out, int streamId) {
        return out.hex("StreamID", streamId & 0xffff_ffffL);
    }

    private static FieldMap substream(FieldMap out, int streamId, int substreamId, boolean ssv) {
        flag(stream(out, streamId), "SSV", ssv);
        return ssv ? number(out, "SubstreamID", substreamId) : out;
    }

    private static FieldMap span(FieldMap out, Command.Span span) {
        flag(out.hex("Address", span.address()), "Leaf", span.leaf());
        if (span.tg() != 0) {
            number(number(out, "NUM", span.num()), "SCALE", span.scale());
            number(number(out, "TG", span.tg()), "TTL", span.ttl());
        }
        return out;
    }

    private static FieldMap flag(FieldMap out, String name, boolean value) {
        return number(out, name, value ? 1 : 0);
    }

    private static FieldMap number(FieldMap out, String name, long value) {
        return out.number(name, WORD, value);
    }
}
