package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;

/// Which commands an SMMU of an identity calls ILLEGAL on its Non-secure queue (IHI 0070 chapter
/// 4).
final class CommandRules {

    private CommandRules() {}

    /// Why `command` is ILLEGAL; empty when it is not.
    static String illegal(Command command, SmmuIdentity id) {
        return switch (command) {
            case Command.PrefetchConfig c -> ssec(c.ssec());
            case Command.PrefetchAddr c -> ssec(c.ssec());
            case Command.CfgiSte c -> ssec(c.ssec());
            case Command.CfgiSteRange c -> ssec(c.ssec());
            case Command.CfgiCd c -> id.stage1() ? ssec(c.ssec()) : "IDR0.S1P = 0 (4.3.3)";
            case Command.CfgiCdAll c -> id.stage1() ? ssec(c.ssec()) : "IDR0.S1P = 0 (4.3.4)";
            case Command.CfgiVmsPidm c ->
                    id.has3(Idr3.MPAM) ? ssec(c.ssec()) : "IDR3.MPAM = 0 (4.3.5)";
            case Command.TlbiNhAll c -> stage1(id);
            case Command.TlbiNhAsid c -> stage1(id);
            case Command.TlbiNhVa c -> id.stage1() ? span(c.span(), id) : stage1(id);
            case Command.TlbiNhVaa c -> id.stage1() ? span(c.span(), id) : stage1(id);
            case Command.TlbiEl3All c -> "EL3 is of the Secure queue (4.4.2.5)";
            case Command.TlbiEl3Va c -> "EL3 is of the Secure queue (4.4.2.6)";
            case Command.TlbiEl2All c -> hyp(id);
            case Command.TlbiEl2Asid c -> hyp(id);
            case Command.TlbiEl2Va c -> id.has0(Idr0.HYP) ? span(c.span(), id) : hyp(id);
            case Command.TlbiEl2Vaa c -> id.has0(Idr0.HYP) ? span(c.span(), id) : hyp(id);
            case Command.TlbiS12Vmall c -> stage2(id);
            case Command.TlbiS2Ipa c -> id.stage2() ? span(c.span(), id) : stage2(id);
            case Command.TlbiNsnhAll c -> "";
            case Command.AtcInv c -> id.has0(Idr0.ATS) ? "" : "IDR0.ATS = 0 (4.5.1)";
            case Command.PriResp c ->
                    !id.has0(Idr0.PRI)
                            ? "IDR0.PRI = 0 (4.5.2)"
                            : c.resp() == 3 ? "Resp = 0b11 is Reserved (4.5.2)" : "";
            case Command.Resume c -> id.stallModel() == 1 ? noStall() : ssec(c.ssec());
            case Command.StallTerm c -> id.stallModel() == 1 ? noStall() : ssec(c.ssec());
            case Command.Sync c -> c.cs() == 3 ? "CS = 0b11 is Reserved (4.7.3)" : "";
            case Command.Unknown c -> "Reserved opcode (4.1.3)";
        };
    }

    private static String ssec(boolean ssec) {
        return ssec ? "SSec = 1 on the Non-secure queue (4.1.6)" : "";
    }

    private static String stage1(SmmuIdentity id) {
        return id.stage1() ? "" : "IDR0.S1P = 0 (4.4.2)";
    }

    private static String stage2(SmmuIdentity id) {
        return id.stage2() ? "" : "IDR0.S2P = 0 (4.4.3)";
    }

    private static String hyp(SmmuIdentity id) {
        return id.has0(Idr0.HYP) ? "" : "IDR0.Hyp = 0 (4.4.2)";
    }

    private static String noStall() {
        return "IDR0.STALL_MODEL = 0b01 (4.7.1)";
    }

    /// TG without a range and without a level hint is Reserved (4.4.1.1).
    private static String span(Command.Span span, SmmuIdentity id) {
        boolean reserved =
                id.has3(Idr3.RIL)
                        && span.tg() != 0
                        && span.num() == 0
                        && span.scale() == 0
                        && span.ttl() == 0;
        return reserved ? "TG != 0 with NUM = SCALE = TTL = 0 is Reserved (4.4.1.1)" : "";
    }
}
