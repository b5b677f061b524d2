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

    private final RegisterFile registers;
    private final Translator translator;

    Atos(RegisterFile registers, Translator translator) {
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
        boolean write = !Gatos.RNW.isSet(request);
        boolean instruction = Gatos.IND.isSet(request);
        if (type == 0 || (write && instruction)) {
            return fault(INV_REQ, 0, 0);
        }
        int stream = (int) Gatos.STREAMID.get(sid);
        int ssid = Gatos.SSID_VALID.isSet(sid) ? Gatos.SUBSTREAMID.getInt(sid) : -1;
        Access access = access(write, Gatos.PNU.isSet(request), instruction);
        boolean update = !Gatos.HTTUI.isSet(request);
        StreamConfig config = translator.configuration().stream(stream);
        if (config != null && config.kind() != StreamConfig.Kind.ILLEGAL) {
            boolean missing =
                    ((type & 1) != 0 && !config.stage1()) || ((type & 2) != 0 && !config.stage2());
            if (missing) {
                return fault(INV_STAGE, 0, 0);
            }
        }
        long address = Gatos.ADDR.inPlace(request);
        Translator.Outcome outcome =
                type == 2 && config != null
                        ? translator.stage2Only(config, address, access, update)
                        : translator.translate(
                                stream, ssid, address, access, false, update, Probe.NONE);
        return switch (outcome) {
            case Translator.Outcome.Silent s -> fault(INV_STAGE, 0, 0);
            case Translator.Outcome.Passed(Translation.Mapped m) ->
                    type == 1
                            ? stage1()
                            : success(
                                    m.pa(),
                                    m.blockBits(),
                                    translator.lastAttributes(type == 3, true));
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
        if (type == 1 && f.stage2()) {
            // Only stage 1 was asked for: its output stands, and what stage 2 refused it looks like
            // an aborted fetch (9.1.4).
            return switch (f.cause()) {
                case IN -> stage1();
                case CD -> fault(EventType.F_CD_FETCH.code(), 0, 0);
                case TT, RESERVED -> fault(EventType.F_WALK_EABT.code(), 0, 0);
            };
        }
        int reason = !f.stage2() ? 0 : f.cause() == Cause.CD ? 1 : f.cause() == Cause.TT ? 2 : 3;
        boolean ipa = type == 3 && f.stage2() && f.type().isTranslationRelated();
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
