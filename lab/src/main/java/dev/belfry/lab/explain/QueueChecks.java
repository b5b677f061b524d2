package dev.belfry.lab.explain;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.GitsCbaser;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cmdq;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;
import dev.belfry.model.system.SystemView.Frame;
import java.util.OptionalLong;

/// Queues that stopped: what software changed since is not what the hardware goes by.
///
/// @param inventory what is looked at
/// @param findings where they are added
record QueueChecks(Inventory inventory, FindingList findings) {

    void run() {
        for (int i = 0; i < inventory.view().smmus().size(); i++) {
            smmu(inventory.smmu(i), inventory.walks().smmu(i));
        }
        inventory.view().itss().forEach(this::its);
    }

    private void smmu(Frame frame, Smmu smmu) {
        long active = smmu.register(SmmuRegister.GERROR) ^ smmu.register(SmmuRegister.GERRORN);
        if (!Gerror.CMDQ_ERR.isSet(active)) {
            return;
        }
        long cons = smmu.register(SmmuRegister.CMDQ_CONS);
        int log2 = QueueBase.LOG2SIZE.getInt(smmu.register(SmmuRegister.CMDQ_BASE));
        long index = Cmdq.RD.get(cons) & ((1L << log2) - 1);
        findings.add(
                "command-error",
                "error",
                "%s stopped at command %d of its queue: CMDQ_CONS.ERR is %s"
                        .formatted(frame.name(), index, Hex.of(Cmdq.ERR.get(cons))),
                "Until software acknowledges it in GERRORN no command is done, and what was"
                        + " changed in tables since may not be what the SMMU goes by (IHI 0070"
                        + " 7.1).");
    }

    private void its(Frame its) {
        OptionalLong creadr = its.registers().read64(Gits.GITS_CREADR.offset());
        if (creadr.isEmpty() || !GitsCbaser.STALLED.isSet(creadr.getAsLong())) {
            return;
        }
        findings.add(
                "its-stalled",
                "error",
                "%s stopped at command %d of its queue: GITS_CREADR.Stalled is 1"
                        .formatted(its.name(), GitsCbaser.OFFSET.get(creadr.getAsLong())),
                "No mapping is made until software has it go on (GITS_CWRITER.Retry): the ITS may"
                        + " not know what its driver asked for since (IHI 0069, GITS_CREADR).");
    }
}
