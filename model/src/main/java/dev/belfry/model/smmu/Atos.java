package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Gatos;

/// Address translation operations by software: GATOS_SID and GATOS_ADDR in, GATOS_PAR out (IHI 0070
/// chapter 9).
final class Atos {

    private static final int INV_REQ = 0xff;
    private static final int INV_STAGE = 0xfe;

    /// GATOS_ADDR.TYPE.
    private static final int STAGE_1 = 1;

    private static final int STAGE_2 = 2;
    private static final int BOTH = 3;

    private final SmmuIdentity id;
    private final RegisterFile registers;
    private final Translator translator;

    Atos(SmmuIdentity id, RegisterFile registers, Translator translator) {
        this.id = id;
        this.registers = registers;
        this.translator = translator;
    }

    /// GATOS_CTRL.RUN was set: translates, and clears it.
    void run() {
        if (registers.smmuEnabled()) {
            registers.set(SmmuRegister.GATOS_PAR, result());
        }
        registers.set(SmmuRegister.GATOS_CTRL, 0);
    }

    private long result() {
        long sid = registers.get(SmmuRegister.GATOS_SID);
        long request = registers.get(SmmuRegister.GATOS_ADDR);
        int type = Gatos.TYPE.getInt(request);
        int stream = (int) Gatos.STREAMID.get(sid);
        int ssid = Gatos.SSID_VALID.isSet(sid) ? Gatos.SUBSTREAMID.getInt(sid) : -1;
        if (!answerable(type, ssid)) {
            return fault(INV_REQ, 0, 0);
        }
        StreamConfig config = translator.configuration().stream(stream);
        if (config != null && config.kind() != StreamConfig.Kind.ILLEGAL) {
            boolean missing =
                    ((type & STAGE_1) != 0 && !config.stage1())
                            || ((type & STAGE_2) != 0 && !config.stage2());
            if (missing) {
                return fault(INV_STAGE, 0, 0);
            }
        }
        boolean write = !Gatos.RNW.isSet(request);
        // InD of a write is IGNORED (6.3.39).
        boolean instruction = !write && Gatos.IND.isSet(request);
        Access access = access(write, Gatos.PNU.isSet(request), instruction);
        boolean update = !Gatos.HTTUI.isSet(request);
        long address = Gatos.ADDR.inPlace(request);
        if (type == STAGE_2 && config != null && config.kind() != StreamConfig.Kind.ILLEGAL) {
            return answer(
                    translator.stage2Only(config, address, Overrides.NONE.need(access), update),
                    type);
        }
        translator.beginOperation(update);
        Configuration.Result found =
                translator.configuration().find(stream, ssid, false, Probe.NONE);
        Fault fault = found.fault();
        if (fault != null) {
            return failed(fault, type);
        }
        Route route = found.route();
        if (route == null) {
            return fault(INV_STAGE, 0, 0);
        }
        return type == STAGE_1 && route.cd() == null
                ? skipped(address)
                : answer(translator.operate(route.withoutOverrides(), address, access), type);
    }

    /// Whether the SMMU has the stages that are asked for; a SubstreamID is of stage 1 (9.1.3).
    private boolean answerable(int type, int ssid) {
        return type != 0
                && ((type & STAGE_1) == 0 || id.stage1())
                && ((type & STAGE_2) == 0 || id.stage2())
                && (type != STAGE_2 || ssid < 0);
    }

    /// STE.S1DSS lets the request pass stage 1: its own address, of any size (9.1.3).
    private long skipped(long address) {
        return Bits.fits(address, id.ias())
                ? success(address, 12, Attributes.DEFAULT)
                : fault(EventType.F_ADDR_SIZE.code(), 0, 0);
    }

    private long answer(Translator.Outcome outcome, int type) {
        return switch (outcome) {
            case Translator.Outcome.Silent s -> fault(INV_STAGE, 0, 0);
            case Translator.Outcome.Passed(Translation.Mapped m, int p) ->
                    type == STAGE_1
                            ? stage1()
                            : success(
                                    m.pa(),
                                    m.blockBits(),
                                    translator.lastAttributes(type == BOTH, true));
            case Translator.Outcome.Failed f -> failed(f.fault(), type);
        };
    }

    private long stage1() {
        return success(
                translator.lastIpa(),
                translator.lastIpaBits(),
                translator.lastAttributes(true, false));
    }

    private static Access access(boolean write, boolean privileged, boolean instruction) {
        if (write) {
            return privileged ? Access.PRIVILEGED_WRITE : Access.WRITE;
        }
        if (instruction) {
            return privileged ? Access.PRIVILEGED_EXECUTE : Access.EXECUTE;
        }
        return privileged ? Access.PRIVILEGED_READ : Access.READ;
    }

    private long failed(Fault f, int type) {
        if (type == STAGE_1 && f.stage2()) {
            // Only stage 1 was asked for: its output stands, and what stage 2 refused it looks like
            // an aborted fetch (9.1.4).
            return switch (f.cause()) {
                case IN -> stage1();
                case CD -> fault(EventType.F_CD_FETCH.code(), 0, 0);
                case TT, RESERVED -> fault(EventType.F_WALK_EABT.code(), 0, 0);
            };
        }
        // What stops a request for stage 2 alone is stage 2's, but for its input's size (9.1.4).
        boolean second = f.stage2() || (type == STAGE_2 && f.type() != EventType.F_ADDR_SIZE);
        int reason = !second ? 0 : f.cause() == Cause.CD ? 1 : f.cause() == Cause.TT ? 2 : 3;
        boolean ipa = type == BOTH && f.stage2() && f.type().isTranslationRelated();
        return fault(f.type().code(), reason, ipa ? f.address() : 0);
    }

    private static long fault(int code, int reason, long address) {
        return Gatos.FAULT.of(1)
                | Gatos.REASON.of(reason)
                | Gatos.FAULTCODE.of(code)
                | (address & 0x00ff_ffff_ffff_f000L);
    }

    /// The size is shown by the lowest bit set in ADDR, when it is more than 4 KiB (6.3.40).
    private static long success(long address, int blockBits, Attributes attributes) {
        int bits = Math.min(blockBits, 52);
        long base = Bits.alignDown(address, Math.max(12, bits));
        long size = bits > 12 ? (1L << 11) | (1L << (bits - 1)) : 0;
        return base
                | size
                | (long) attributes.memory() << 56
                | (long) attributes.shareability() << 8;
    }
}
