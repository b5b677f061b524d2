package dev.belfry.model.gic;

import dev.belfry.model.gic.ItsLookup.Step;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.GitsCbaser;
import dev.belfry.model.gic.spec.GitsCtlr;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.system.SystemView;

/// What a walk shows of each entry: where it lies and its bytes, and what they mean. Mappings that
/// an ITS keeps to itself have a meaning only.
///
/// @param frame the ITS's registers
/// @param look the walk
record ItsHops(SystemView.Frame frame, ItsLookup look) {

    private static final String HELD = "held";
    private static final String BY_THE_ITS = "by the ITS; in memory after a save only";

    Observation.Builder its(long ctlr) {
        SystemView.Registers r = frame.registers();
        Observation.Builder hop =
                Observation.of(HopKind.ITS)
                        .read(frame.base() + Gits.GITS_CTLR.offset(), Bytes.ofValue(ctlr, 4))
                        .field("Enabled", new GitsCtlr((int) ctlr).enabled());
        hop.hex("GITS_BASER_devices", look.tables().devices().value());
        hop.hex("GITS_BASER_collections", look.tables().collections().value());
        r.read64(Gits.GITS_CWRITER.offset()).ifPresent(v -> hop.hex("GITS_CWRITER", v));
        r.read64(Gits.GITS_CREADR.offset())
                .ifPresent(v ->
                        hop.hex("GITS_CREADR", v).field("Stalled", GitsCbaser.STALLED.isSet(v)));
        return hop;
    }

    Observation.Builder dte(int deviceId, Step step) {
        Observation.Builder hop = Observation.of(HopKind.DTE);
        return switch (look) {
            case MemoryLookup m -> dte(hop, m, deviceId, step);
            case HeldLookup h -> held(hop, step == Step.FOUND ? h.dte.fields() : NONE);
        };
    }

    private static final java.util.Map<String, String> NONE = java.util.Map.of();

    private static Observation.Builder held(
            Observation.Builder hop, java.util.Map<String, String> fields) {
        return hop.fields(fields).field(HELD, BY_THE_ITS);
    }

    private static Observation.Builder dte(
            Observation.Builder hop, MemoryLookup m, int deviceId, Step step) {
        ItsTables tables = m.tables();
        long l1 = tables.devices().indirect() ? tables.deviceL1(deviceId) : -1;
        if (step == Step.NO_PAGE) {
            hop.read(l1, Bytes.ofWords(tables.word(l1)));
        } else if (m.dteSlot >= 0 && step != Step.UNREADABLE) {
            hop.read(m.dteSlot, Bytes.ofWords(tables.word(m.dteSlot))).fields(m.dte.fields());
        } else if (m.dteSlot >= 0) {
            hop.address(m.dteSlot);
        }
        if (l1 >= 0 && step != Step.BEYOND) {
            hop.hex("L1_address", l1).hex("L1", tables.word(l1));
        }
        return hop;
    }

    Observation.Builder ite(Step step) {
        Observation.Builder hop = Observation.of(HopKind.ITE);
        boolean read = step != Step.BEYOND && step != Step.UNREADABLE;
        return switch (look) {
            case MemoryLookup m ->
                    read
                            ? hop.read(m.iteAddress, iteBytes(m)).fields(m.ite.fields())
                            : hop.address(m.iteAddress);
            case HeldLookup h -> held(hop, step == Step.FOUND ? h.ite.fields() : NONE);
        };
    }

    private static Bytes iteBytes(MemoryLookup m) {
        byte[] bytes = new byte[m.tables().format().iteSize()];
        m.tables().copy(m.iteAddress, bytes);
        return Bytes.of(bytes);
    }

    Observation.Builder cte(int icid, Step step) {
        Observation.Builder hop = Observation.of(HopKind.CTE);
        switch (look) {
            case MemoryLookup m -> {
                if (m.tables().answers(m.cteSlot)) {
                    hop.read(m.cteSlot, Bytes.ofWords(m.tables().word(m.cteSlot)))
                            .fields(m.tables().cte(m.cteSlot).fields());
                } else if (m.cteSlot >= 0) {
                    hop.address(m.cteSlot);
                }
            }
            case HeldLookup h -> held(hop, step == Step.FOUND ? h.cte.fields() : NONE);
        }
        return hop.field("ICID", icid);
    }

    Observation.Builder vte(int vpeid) {
        Observation.Builder hop = Observation.of(HopKind.VTE);
        if (look instanceof MemoryLookup m && m.tables().answers(m.vteSlot)) {
            hop.read(m.vteSlot, Bytes.ofWords(m.tables().word(m.vteSlot))).fields(m.vte.fields());
        }
        return hop.field("vPEID", vpeid);
    }
}
