package dev.belfry.lab.explain;

import dev.belfry.lab.explain.ExplainReport.Command;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.GitsCbaser;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cmdq;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;
import dev.belfry.model.system.SystemView.Frame;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// The commands that the queues of SMMUs and ITSs still hold.
final class CommandHistory {

    private static final int MOST = 8192;

    private final Inventory inventory;
    private final List<SmmuCommand> smmu = new ArrayList<>();
    private final List<ItsEntry> its = new ArrayList<>();

    /// @param smmu index of the SMMU's frame
    record SmmuCommand(int smmu, Ring.Entry entry, dev.belfry.model.smmu.spec.Command command) {}

    /// @param frame the ITS
    record ItsEntry(Frame frame, Ring.Entry entry, ItsCommand command) {}

    CommandHistory(Inventory inventory) {
        this.inventory = inventory;
        PhysicalMemory memory = inventory.memory();
        for (int i = 0; i < inventory.view().smmus().size(); i++) {
            Smmu engine = inventory.walks().smmu(i);
            long base = engine.register(SmmuRegister.CMDQ_BASE);
            Ring ring =
                    Ring.wrapping(
                            memory,
                            QueueBase.ADDR.inPlace(base),
                            2,
                            QueueBase.LOG2SIZE.getInt(base),
                            Cmdq.WR.get(engine.register(SmmuRegister.CMDQ_PROD)),
                            Cmdq.RD.get(engine.register(SmmuRegister.CMDQ_CONS)));
            for (Ring.Entry e : ring.history(MOST)) {
                smmu.add(
                        new SmmuCommand(
                                i,
                                e,
                                dev.belfry.model.smmu.spec.Command.decode(e.word(0), e.word(1))));
            }
        }
        inventory.view().itss().forEach(this::read);
    }

    private void read(Frame frame) {
        long base = frame.registers().read64(Gits.GITS_CBASER.offset()).orElse(0);
        GitsCbaser cbaser = new GitsCbaser(base);
        if (!cbaser.valid()) {
            return;
        }
        int entries = cbaser.bytes() / ItsCommand.BYTES;
        long writer = frame.registers().read64(Gits.GITS_CWRITER.offset()).orElse(0);
        long reader = frame.registers().read64(Gits.GITS_CREADR.offset()).orElse(0);
        int producer = GitsCbaser.OFFSET.getInt(writer) % entries;
        int consumer = GitsCbaser.OFFSET.getInt(reader) % entries;
        Ring ring =
                new Ring(
                        inventory.memory(),
                        cbaser.address(),
                        ItsCommand.BYTES / 8,
                        entries,
                        producer,
                        Math.floorMod(producer - consumer, entries));
        for (Ring.Entry e : ring.history(MOST)) {
            its.add(
                    new ItsEntry(
                            frame,
                            e,
                            ItsCommand.decode(e.word(0), e.word(1), e.word(2), e.word(3))));
        }
    }

    /// The SMMUs' commands, oldest first.
    List<SmmuCommand> smmu() {
        return smmu;
    }

    /// The ITSs' commands, oldest first.
    List<ItsEntry> its() {
        return its;
    }

    /// All of them as the report has them.
    List<Command> told() {
        List<Command> out = new ArrayList<>();
        for (SmmuCommand c : smmu) {
            out.add(
                    new Command(
                            inventory.smmu(c.smmu).name(),
                            c.entry.index(),
                            c.entry.consumed(),
                            c.command.specName(),
                            streamId(c.command),
                            c.command.fields(),
                            c.entry.bytes()));
        }
        for (ItsEntry c : its) {
            out.add(
                    new Command(
                            c.frame.name(),
                            c.entry.index(),
                            c.entry.consumed(),
                            c.command.mnemonic(),
                            deviceId(c.command),
                            fields(c.command),
                            c.entry.bytes()));
        }
        return out;
    }

    private static OptionalLong streamId(dev.belfry.model.smmu.spec.Command command) {
        String id = command.fields().get("StreamID");
        return id == null ? OptionalLong.empty() : OptionalLong.of(Long.decode(id));
    }

    private static OptionalLong deviceId(ItsCommand command) {
        String id = fields(command).get("DeviceID");
        return id == null ? OptionalLong.empty() : OptionalLong.of(Long.decode(id));
    }

    private static Map<String, String> fields(ItsCommand command) {
        return switch (command) {
            case ItsCommand.Mapd c ->
                    device(c.deviceId())
                            .and("V", c.valid() ? "1" : "0")
                            .and("ITT_addr", Hex.of(c.ittAddr()))
                            .and("Size", Integer.toString(c.size()))
                            .fields;
            case ItsCommand.Mapc c ->
                    new Parameters()
                            .and("ICID", Integer.toString(c.icid()))
                            .and("RDbase", Hex.of(c.rdbase()))
                            .and("V", c.valid() ? "1" : "0")
                            .fields;
            case ItsCommand.Mapti c ->
                    event(c.deviceId(), c.eventId())
                            .and("pINTID", Integer.toString(c.pIntid()))
                            .and("ICID", Integer.toString(c.icid()))
                            .fields;
            case ItsCommand.Mapi c ->
                    event(c.deviceId(), c.eventId()).and("ICID", Integer.toString(c.icid())).fields;
            case ItsCommand.Movi c ->
                    event(c.deviceId(), c.eventId()).and("ICID", Integer.toString(c.icid())).fields;
            case ItsCommand.Movall c ->
                    new Parameters()
                            .and("RDbase1", Hex.of(c.rdbase1()))
                            .and("RDbase2", Hex.of(c.rdbase2()))
                            .fields;
            case ItsCommand.Inv c -> event(c.deviceId(), c.eventId()).fields;
            case ItsCommand.Invall c ->
                    new Parameters().and("ICID", Integer.toString(c.icid())).fields;
            case ItsCommand.Int c -> event(c.deviceId(), c.eventId()).fields;
            case ItsCommand.Clear c -> event(c.deviceId(), c.eventId()).fields;
            case ItsCommand.Discard c -> event(c.deviceId(), c.eventId()).fields;
            case ItsCommand.Sync c -> new Parameters().and("RDbase", Hex.of(c.rdbase())).fields;
            case ItsCommand.Vmapp c ->
                    vpe(c.vpeid())
                            .and("V", c.valid() ? "1" : "0")
                            .and("RDbase", Hex.of(c.rdbase()))
                            .and("VPT_addr", Hex.of(c.vptAddr()))
                            .and("VPT_size", Integer.toString(c.vptSize()))
                            .fields;
            case ItsCommand.Vmapti c ->
                    event(c.deviceId(), c.eventId())
                            .and("vPEID", Integer.toString(c.vpeid()))
                            .and("vINTID", Integer.toString(c.vIntid()))
                            .and("Dbell_pINTID", Integer.toString(c.doorbell()))
                            .fields;
            case ItsCommand.Vmapi c ->
                    event(c.deviceId(), c.eventId())
                            .and("vPEID", Integer.toString(c.vpeid()))
                            .and("Dbell_pINTID", Integer.toString(c.doorbell()))
                            .fields;
            case ItsCommand.Vmovi c ->
                    event(c.deviceId(), c.eventId())
                            .and("vPEID", Integer.toString(c.vpeid()))
                            .and("D", c.movesDoorbell() ? "1" : "0")
                            .and("Dbell_pINTID", Integer.toString(c.doorbell()))
                            .fields;
            case ItsCommand.Vmovp c -> vpe(c.vpeid()).and("RDbase", Hex.of(c.rdbase())).fields;
            case ItsCommand.Vsync c -> vpe(c.vpeid()).fields;
            case ItsCommand.Vinvall c -> vpe(c.vpeid()).fields;
            case ItsCommand.Unknown c -> new Parameters().and("DW0", Hex.of(c.dw0())).fields;
        };
    }

    private static Parameters vpe(int vpeid) {
        return new Parameters().and("vPEID", Integer.toString(vpeid));
    }

    private static Parameters device(int deviceId) {
        return new Parameters().and("DeviceID", Hex.of(deviceId));
    }

    private static Parameters event(int deviceId, int eventId) {
        return device(deviceId).and("EventID", Integer.toUnsignedString(eventId));
    }

    private static final class Parameters {
        private final Map<String, String> fields = new LinkedHashMap<>();

        Parameters and(String name, String value) {
            fields.put(name, value);
            return this;
        }
    }
}
