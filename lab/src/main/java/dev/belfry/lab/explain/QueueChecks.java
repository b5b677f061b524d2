package dev.belfry.lab.explain;

import dev.belfry.model.bits.Field;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.GitsCbaser;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cmdq;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import dev.belfry.model.smmu.spec.SmmuRegister.OutputQueue;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;
import dev.belfry.model.system.SystemView.Frame;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/// Queues that stopped: what software changed since is not what the hardware goes by.
///
/// @param inventory what is looked at
/// @param findings where they are added
record QueueChecks(Inventory inventory, FindingList findings) {

    private static final Map<Field, String> ABORTED = aborted();

    private static Map<Field, String> aborted() {
        Map<Field, String> out = new LinkedHashMap<>();
        out.put(Gerror.EVENTQ_ABT_ERR, "a record to its event queue");
        out.put(Gerror.PRIQ_ABT_ERR, "a request to its page request queue");
        out.put(Gerror.MSI_CMDQ_ABT_ERR, "the MSI of its command queue");
        out.put(Gerror.MSI_EVENTQ_ABT_ERR, "the MSI of its event queue");
        out.put(Gerror.MSI_PRIQ_ABT_ERR, "the MSI of its page request queue");
        out.put(Gerror.MSI_GERROR_ABT_ERR, "the MSI of its global errors");
        return out;
    }

    void run() {
        for (int i = 0; i < inventory.view().smmus().size(); i++) {
            smmu(inventory.smmu(i), inventory.walks().smmu(i));
        }
        inventory.view().itss().forEach(this::its);
    }

    private void smmu(Frame frame, Smmu smmu) {
        if (frame.registers().read32(SmmuRegister.CR0.offset()).isEmpty()) {
            return;
        }
        long active = smmu.register(SmmuRegister.GERROR) ^ smmu.register(SmmuRegister.GERRORN);
        if (Gerror.CMDQ_ERR.isSet(active)) {
            commandError(frame, smmu);
        } else {
            commandsWaiting(frame, smmu);
        }
        if (Gerror.SFM_ERR.isSet(active)) {
            findings.add(
                    "service-failure",
                    "error",
                    frame.name() + " is in Service Failure Mode: GERROR.SFM_ERR is active",
                    "It terminates all transactions, whatever its tables say (IHI 0070 12.3).");
        }
        for (Map.Entry<Field, String> e : ABORTED.entrySet()) {
            if (e.getKey().isSet(active)) {
                findings.add(
                        "queue-abort",
                        "error",
                        "%s could not write %s: GERROR is %s, GERRORN %s"
                                .formatted(
                                        frame.name(),
                                        e.getValue(),
                                        Hex.of(smmu.register(SmmuRegister.GERROR)),
                                        Hex.of(smmu.register(SmmuRegister.GERRORN))),
                        "What should have been there is lost, so that a fault may have left no"
                                + " trace (IHI 0070 6.3.19).");
            }
        }
        output(frame, smmu, Output.EVENTS);
        output(frame, smmu, Output.REQUESTS);
    }

    private void commandError(Frame frame, Smmu smmu) {
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

    /// Commands that wait: with a queue that is off for ever, else perhaps for a moment.
    private void commandsWaiting(Frame frame, Smmu smmu) {
        long waiting =
                Cmdq.WR.get(smmu.register(SmmuRegister.CMDQ_PROD))
                        ^ Cmdq.RD.get(smmu.register(SmmuRegister.CMDQ_CONS));
        int log2 = QueueBase.LOG2SIZE.getInt(smmu.register(SmmuRegister.CMDQ_BASE));
        if ((waiting & (2L << Math.min(log2, 19)) - 1) == 0) {
            return;
        }
        boolean on = Cr0.CMDQEN.isSet(smmu.register(SmmuRegister.CR0ACK));
        findings.add(
                "commands-waiting",
                on ? "warning" : "error",
                "%s has commands that it has not done: CMDQ_PROD is %s, CMDQ_CONS %s%s"
                        .formatted(
                                frame.name(),
                                Hex.of(smmu.register(SmmuRegister.CMDQ_PROD)),
                                Hex.of(smmu.register(SmmuRegister.CMDQ_CONS)),
                                on ? "" : ", and CR0.CMDQEN is 0"),
                "What was changed in tables may not be what the SMMU goes by yet (IHI 0070 4.7.3)"
                        + (on ? "; look again whether it stays so." : "."));
    }

    /// A queue that the SMMU writes.
    private enum Output {
        EVENTS(
                "event",
                SmmuRegister.EVENTQ_PROD,
                SmmuRegister.EVENTQ_CONS,
                Cr0.EVENTQEN,
                "a fault may have left no trace"),
        REQUESTS(
                "page request",
                SmmuRegister.PRIQ_PROD,
                SmmuRegister.PRIQ_CONS,
                Cr0.PRIQEN,
                "a page request may wait for an answer that never comes");

        private final String name;
        private final SmmuRegister prod;
        private final SmmuRegister cons;
        private final Field enable;
        private final String follows;

        Output(String name, SmmuRegister prod, SmmuRegister cons, Field enable, String follows) {
            this.name = name;
            this.prod = prod;
            this.cons = cons;
            this.enable = enable;
            this.follows = follows;
        }
    }

    private void output(Frame frame, Smmu smmu, Output queue) {
        boolean on = queue.enable.isSet(smmu.register(SmmuRegister.CR0ACK));
        boolean flags =
                OutputQueue.OVFLG.isSet(smmu.register(queue.prod))
                        != OutputQueue.OVACKFLG.isSet(smmu.register(queue.cons));
        if (on && flags) {
            findings.add(
                    "queue-overflow",
                    "warning",
                    "%s's %s queue overflowed: OVFLG is not OVACKFLG"
                            .formatted(frame.name(), queue.name),
                    "Records were lost: " + queue.follows + " (IHI 0070 7.4).");
        }
        boolean off = Cr0.SMMUEN.isSet(smmu.register(SmmuRegister.CR0ACK)) && !on;
        if (off && queue == Output.EVENTS) {
            findings.add(
                    "event-queue-off",
                    "warning",
                    frame.name() + "'s event queue is off: CR0.EVENTQEN is 0",
                    "No fault is recorded anywhere (IHI 0070 6.3.9).");
        }
    }

    private void its(Frame its) {
        OptionalLong creadr = its.registers().read64(Gits.GITS_CREADR.offset());
        OptionalLong cwriter = its.registers().read64(Gits.GITS_CWRITER.offset());
        if (creadr.isEmpty()) {
            return;
        }
        if (!GitsCbaser.STALLED.isSet(creadr.getAsLong())) {
            if (cwriter.isPresent()
                    && GitsCbaser.OFFSET.get(cwriter.getAsLong())
                            != GitsCbaser.OFFSET.get(creadr.getAsLong())) {
                findings.add(
                        "its-commands-waiting",
                        "warning",
                        "%s has commands that it has not done: GITS_CWRITER is %s, GITS_CREADR %s"
                                .formatted(
                                        its.name(),
                                        Hex.of(cwriter.getAsLong()),
                                        Hex.of(creadr.getAsLong())),
                        "It may not know yet what its driver asked for; look again whether it stays"
                                + " so (IHI 0069, GITS_CREADR).");
            }
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
