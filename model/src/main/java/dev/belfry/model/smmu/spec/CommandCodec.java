package dev.belfry.model.smmu.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// The layouts of IHI 0070 chapter 4.
final class CommandCodec {

    // First word.
    static final Field OPCODE = bits(7, 0);
    static final Field ATC_GLOBAL = bit(9);
    static final Field SSEC = bit(10);
    static final Field SSV = bit(11);
    static final Field SUBSTREAMID = bits(31, 12);
    static final Field STREAMID = bits(63, 32);
    static final Field NUM = bits(16, 12);
    static final Field SCALE = bits(25, 20);
    static final Field VMID = bits(47, 32);
    static final Field ASID = bits(63, 48);
    static final Field AC = bit(12);
    static final Field AB = bit(13);
    static final Field CS = bits(13, 12);
    static final Field MSH = bits(23, 22);
    static final Field MSIATTR = bits(27, 24);
    static final Field MSIDATA = bits(63, 32);

    // Second word.
    static final Field LEAF = bit(0);
    static final Field RANGE = bits(4, 0);
    static final Field SIZE = bits(4, 0);
    static final Field STRIDE = bits(9, 5);
    static final Field TTL = bits(9, 8);
    static final Field TG = bits(11, 10);
    static final Field ADDRESS = bits(63, 12);
    static final Field ATC_SIZE = bits(5, 0);
    static final Field PRGINDEX = bits(8, 0);
    static final Field RESP = bits(13, 12);
    static final Field STAG = bits(15, 0);
    static final Field MSIADDRESS = bits(55, 2);

    private CommandCodec() {}

    static Command decode(long w0, long w1) {
        int sid = (int) (w0 >>> 32);
        boolean ssec = SSEC.isSet(w0);
        return switch ((int) (w0 & 0xff)) {
            case 0x01 ->
                    new Command.PrefetchConfig(sid, ssec, SUBSTREAMID.getInt(w0), SSV.isSet(w0));
            case 0x02 ->
                    new Command.PrefetchAddr(
                            sid,
                            ssec,
                            SUBSTREAMID.getInt(w0),
                            SSV.isSet(w0),
                            ADDRESS.inPlace(w1),
                            SIZE.getInt(w1),
                            STRIDE.getInt(w1));
            case 0x03 -> new Command.CfgiSte(sid, ssec, LEAF.isSet(w1));
            case 0x04 -> new Command.CfgiSteRange(sid, ssec, RANGE.getInt(w1));
            case 0x05 -> new Command.CfgiCd(sid, ssec, SUBSTREAMID.getInt(w0), LEAF.isSet(w1));
            case 0x06 -> new Command.CfgiCdAll(sid, ssec);
            case 0x07 -> new Command.CfgiVmsPidm(VMID.getInt(w0), ssec);
            case 0x40 ->
                    new Command.AtcInv(
                            sid,
                            SUBSTREAMID.getInt(w0),
                            SSV.isSet(w0),
                            ATC_GLOBAL.isSet(w0),
                            ADDRESS.inPlace(w1),
                            ATC_SIZE.getInt(w1));
            case 0x41 ->
                    new Command.PriResp(
                            sid,
                            SUBSTREAMID.getInt(w0),
                            SSV.isSet(w0),
                            PRGINDEX.getInt(w1),
                            RESP.getInt(w1));
            case 0x44 -> new Command.Resume(sid, ssec, STAG.getInt(w1), AC.isSet(w0), AB.isSet(w0));
            case 0x45 -> new Command.StallTerm(sid, ssec);
            case 0x46 ->
                    new Command.Sync(
                            CS.getInt(w0),
                            MSH.getInt(w0),
                            MSIATTR.getInt(w0),
                            MSIADDRESS.inPlace(w1),
                            (int) MSIDATA.get(w0));
            default -> decodeTlbi(w0, w1);
        };
    }

    private static Command decodeTlbi(long w0, long w1) {
        int vmid = VMID.getInt(w0);
        int asid = ASID.getInt(w0);
        return switch ((int) (w0 & 0xff)) {
            case 0x10 -> new Command.TlbiNhAll(vmid);
            case 0x11 -> new Command.TlbiNhAsid(vmid, asid);
            case 0x12 -> new Command.TlbiNhVa(vmid, asid, span(w0, w1));
            case 0x13 -> new Command.TlbiNhVaa(vmid, span(w0, w1));
            case 0x18 -> new Command.TlbiEl3All();
            case 0x1a -> new Command.TlbiEl3Va(span(w0, w1));
            case 0x20 -> new Command.TlbiEl2All();
            case 0x21 -> new Command.TlbiEl2Asid(asid);
            case 0x22 -> new Command.TlbiEl2Va(asid, span(w0, w1));
            case 0x23 -> new Command.TlbiEl2Vaa(span(w0, w1));
            case 0x28 -> new Command.TlbiS12Vmall(vmid);
            case 0x2a -> new Command.TlbiS2Ipa(vmid, span(w0, w1));
            case 0x30 -> new Command.TlbiNsnhAll();
            default -> new Command.Unknown(w0, w1);
        };
    }

    private static Command.Span span(long w0, long w1) {
        return new Command.Span(
                ADDRESS.inPlace(w1),
                LEAF.isSet(w1),
                NUM.getInt(w0),
                SCALE.getInt(w0),
                TG.getInt(w1),
                TTL.getInt(w1));
    }

    static int opcode(Command command) {
        return switch (command) {
            case Command.PrefetchConfig c -> 0x01;
            case Command.PrefetchAddr c -> 0x02;
            case Command.CfgiSte c -> 0x03;
            case Command.CfgiSteRange c -> 0x04;
            case Command.CfgiCd c -> 0x05;
            case Command.CfgiCdAll c -> 0x06;
            case Command.CfgiVmsPidm c -> 0x07;
            case Command.TlbiNhAll c -> 0x10;
            case Command.TlbiNhAsid c -> 0x11;
            case Command.TlbiNhVa c -> 0x12;
            case Command.TlbiNhVaa c -> 0x13;
            case Command.TlbiEl3All c -> 0x18;
            case Command.TlbiEl3Va c -> 0x1a;
            case Command.TlbiEl2All c -> 0x20;
            case Command.TlbiEl2Asid c -> 0x21;
            case Command.TlbiEl2Va c -> 0x22;
            case Command.TlbiEl2Vaa c -> 0x23;
            case Command.TlbiS12Vmall c -> 0x28;
            case Command.TlbiS2Ipa c -> 0x2a;
            case Command.TlbiNsnhAll c -> 0x30;
            case Command.AtcInv c -> 0x40;
            case Command.PriResp c -> 0x41;
            case Command.Resume c -> 0x44;
            case Command.StallTerm c -> 0x45;
            case Command.Sync c -> 0x46;
            case Command.Unknown(long w0, long w1) -> OPCODE.getInt(w0);
        };
    }

    static long w0(Command command) {
        long op = opcode(command);
        return switch (command) {
            case Command.PrefetchConfig(int sid, boolean ssec, int ssid, boolean ssv) ->
                    op | stream(sid, ssec) | substream(ssid, ssv);
            case Command.PrefetchAddr c ->
                    op | stream(c.streamId(), c.ssec()) | substream(c.substreamId(), c.ssv());
            case Command.CfgiSte c -> op | stream(c.streamId(), c.ssec());
            case Command.CfgiSteRange c -> op | stream(c.streamId(), c.ssec());
            case Command.CfgiCd c ->
                    op | stream(c.streamId(), c.ssec()) | SUBSTREAMID.of(c.substreamId());
            case Command.CfgiCdAll c -> op | stream(c.streamId(), c.ssec());
            case Command.CfgiVmsPidm c -> op | VMID.of(c.vmid()) | SSEC.of(c.ssec() ? 1 : 0);
            case Command.TlbiNhAll c -> op | VMID.of(c.vmid());
            case Command.TlbiNhAsid c -> op | VMID.of(c.vmid()) | ASID.of(c.asid());
            case Command.TlbiNhVa c -> op | VMID.of(c.vmid()) | ASID.of(c.asid()) | low(c.span());
            case Command.TlbiNhVaa c -> op | VMID.of(c.vmid()) | low(c.span());
            case Command.TlbiEl3Va c -> op | low(c.span());
            case Command.TlbiEl2Asid c -> op | ASID.of(c.asid());
            case Command.TlbiEl2Va c -> op | ASID.of(c.asid()) | low(c.span());
            case Command.TlbiEl2Vaa c -> op | low(c.span());
            case Command.TlbiS12Vmall c -> op | VMID.of(c.vmid());
            case Command.TlbiS2Ipa c -> op | VMID.of(c.vmid()) | low(c.span());
            case Command.TlbiEl3All c -> op;
            case Command.TlbiEl2All c -> op;
            case Command.TlbiNsnhAll c -> op;
            case Command.AtcInv c ->
                    op
                            | stream(c.streamId(), false)
                            | substream(c.substreamId(), c.ssv())
                            | ATC_GLOBAL.of(c.global() ? 1 : 0);
            case Command.PriResp c ->
                    op | stream(c.streamId(), false) | substream(c.substreamId(), c.ssv());
            case Command.Resume c ->
                    op
                            | stream(c.streamId(), c.ssec())
                            | AC.of(c.retry() ? 1 : 0)
                            | AB.of(c.abort() ? 1 : 0);
            case Command.StallTerm c -> op | stream(c.streamId(), c.ssec());
            case Command.Sync c ->
                    op
                            | CS.of(c.cs())
                            | MSH.of(c.msh())
                            | MSIATTR.of(c.msiAttr())
                            | MSIDATA.of(c.msiData());
            case Command.Unknown c -> c.w0();
        };
    }

    static long w1(Command command) {
        return switch (command) {
            case Command.PrefetchAddr c ->
                    ADDRESS.inPlace(c.address()) | SIZE.of(c.size()) | STRIDE.of(c.stride());
            case Command.CfgiSte c -> LEAF.of(c.leaf() ? 1 : 0);
            case Command.CfgiSteRange c -> RANGE.of(c.range());
            case Command.CfgiCd c -> LEAF.of(c.leaf() ? 1 : 0);
            case Command.TlbiNhVa c -> high(c.span());
            case Command.TlbiNhVaa c -> high(c.span());
            case Command.TlbiEl3Va c -> high(c.span());
            case Command.TlbiEl2Va c -> high(c.span());
            case Command.TlbiEl2Vaa c -> high(c.span());
            case Command.TlbiS2Ipa c -> high(c.span());
            case Command.AtcInv c -> ADDRESS.inPlace(c.address()) | ATC_SIZE.of(c.size());
            case Command.PriResp c -> PRGINDEX.of(c.prgIndex()) | RESP.of(c.resp());
            case Command.Resume c -> STAG.of(c.stag());
            case Command.Sync c -> MSIADDRESS.inPlace(c.msiAddress());
            case Command.Unknown c -> c.w1();
            case Command.PrefetchConfig c -> 0;
            case Command.CfgiCdAll c -> 0;
            case Command.CfgiVmsPidm c -> 0;
            case Command.TlbiNhAll c -> 0;
            case Command.TlbiNhAsid c -> 0;
            case Command.TlbiEl3All c -> 0;
            case Command.TlbiEl2All c -> 0;
            case Command.TlbiEl2Asid c -> 0;
            case Command.TlbiS12Vmall c -> 0;
            case Command.TlbiNsnhAll c -> 0;
            case Command.StallTerm c -> 0;
        };
    }

    private static long stream(int streamId, boolean ssec) {
        return STREAMID.of(streamId) | SSEC.of(ssec ? 1 : 0);
    }

    private static long substream(int substreamId, boolean ssv) {
        return SUBSTREAMID.of(substreamId) | SSV.of(ssv ? 1 : 0);
    }

    private static long low(Command.Span span) {
        return NUM.of(span.num()) | SCALE.of(span.scale());
    }

    private static long high(Command.Span span) {
        return ADDRESS.inPlace(span.address())
                | LEAF.of(span.leaf() ? 1 : 0)
                | TTL.of(span.ttl())
                | TG.of(span.tg());
    }
}
