package dev.belfry.model.gic;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.ItsLookup.Step;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.GitsCbaser;
import dev.belfry.model.gic.spec.GitsCtlr;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.system.SystemView;
import java.util.OptionalLong;
import java.util.function.IntFunction;

/// The way of one message through an ITS, told hop by hop: ITS, DTE, ITE, CTE, and then the
/// Redistributor's part ([LpiArrival]). It stops at the first hop that is broken.
final class ItsWalk {

    private final SystemView.Frame frame;
    private final ItsLookup look;
    private final IntFunction<RedistributorView> redistributors;
    private final boolean unreadableIsUnknown;
    private final Probe probe;

    /// @param unreadableIsUnknown whether memory that does not answer means that we cannot tell, as
    ///   in a capture, rather than that the ITS could not read it
    ItsWalk(
            SystemView.Frame frame,
            ItsLookup look,
            IntFunction<RedistributorView> redistributors,
            boolean unreadableIsUnknown,
            Probe probe) {
        this.frame = frame;
        this.look = look;
        this.redistributors = redistributors;
        this.unreadableIsUnknown = unreadableIsUnknown;
        this.probe = probe;
    }

    MsiResult run(int deviceId, int eventId) {
        OptionalLong ctlr = frame.registers().read32(Gits.GITS_CTLR.offset());
        if (ctlr.isEmpty()) {
            String rule = "GITS_CTLR of " + frame.name() + " could not be read.";
            Observation.Builder hop = Observation.of(HopKind.ITS).address(frame.base());
            return end(hop, HopKind.ITS, rule, true);
        }
        boolean enabled = new GitsCtlr((int) ctlr.getAsLong()).enabled();
        Observation.Builder its = probe.on() ? itsHop(ctlr.getAsLong()) : NOBODY;
        if (!enabled) {
            return end(
                    its,
                    HopKind.ITS,
                    "GITS_CTLR.Enabled is 0, so the ITS translates no message (IHI 0069, GITS_CTLR).",
                    false);
        }
        ok(its, "GITS_CTLR.Enabled is 1, so the ITS translates messages (IHI 0069, GITS_CTLR).");
        return device(deviceId, eventId);
    }

    private MsiResult device(int deviceId, int eventId) {
        Step step = look.device(deviceId);
        Observation.Builder hop = probe.on() ? dteHop(deviceId, step) : NOBODY;
        if (step != Step.FOUND) {
            return end(hop, HopKind.DTE, dteRule(deviceId, step), step == Step.UNREADABLE);
        }
        if (probe.on()) {
            ok(
                    hop,
                    "DeviceID "
                            + Hex.of(deviceId)
                            + " is mapped to an interrupt translation table of "
                            + look.dte.events()
                            + " events (IHI 0069 5.2).");
        }
        return event(deviceId, eventId);
    }

    private String dteRule(int deviceId, Step step) {
        String who = "DeviceID " + Hex.of(deviceId);
        return switch (step) {
            case BEYOND ->
                    look.tables().deviceCount() == 0
                            ? "No device table is valid (GITS_BASER.Valid is 0), so no message is"
                                    + " translated (IHI 0069, GITS_BASER)."
                            : who
                                    + " is beyond the device table, which has room for "
                                    + look.tables().deviceCount()
                                    + " (IHI 0069, GITS_BASER).";
            case NO_PAGE ->
                    "The level-1 entry of the device table for "
                            + who
                            + " is not valid, so the device is not mapped (IHI 0069 5.2).";
            case UNREADABLE -> "The device table entry of " + who + " could not be read.";
            case FOUND, INVALID, BAD_TARGET ->
                    "The device table entry of "
                            + who
                            + " is not valid: no MAPD mapped the device (IHI 0069 5.3).";
        };
    }

    private MsiResult event(int deviceId, int eventId) {
        Step step = look.event(eventId);
        String who = "EventID " + Hex.of(eventId) + " of DeviceID " + Hex.of(deviceId);
        Observation.Builder hop = probe.on() ? Observation.of(HopKind.ITE) : NOBODY;
        if (probe.on() && step != Step.BEYOND && step != Step.UNREADABLE) {
            hop.read(look.iteAddress, ite()).fields(look.ite.fields());
        } else if (probe.on()) {
            hop.address(look.iteAddress);
        }
        if (step != Step.FOUND) {
            return end(hop, HopKind.ITE, iteRule(who, step), step == Step.UNREADABLE);
        }
        if (probe.on()) {
            String lpi = " is LPI " + look.ite.intid() + " in collection " + look.ite.icid();
            ok(hop, who + lpi + " (IHI 0069 5.3, MAPTI).");
        }
        return collection();
    }

    private Bytes ite() {
        byte[] bytes = new byte[look.tables().format().iteSize()];
        look.tables().copy(look.iteAddress, bytes);
        return Bytes.of(bytes);
    }

    private String iteRule(String who, Step step) {
        return switch (step) {
            case BEYOND ->
                    who
                            + " is beyond its interrupt translation table, which has room for "
                            + look.dte.events()
                            + " (IHI 0069 5.3, MAPD).";
            case UNREADABLE -> "The entry of " + who + " could not be read.";
            case BAD_TARGET ->
                    who + " is mapped to a virtual LPI, which this ITS does not support (GICv4).";
            case FOUND, NO_PAGE, INVALID ->
                    who + " is not mapped: no MAPTI or MAPI, or a DISCARD since (IHI 0069 5.3).";
        };
    }

    private MsiResult collection() {
        int icid = look.ite.icid();
        Step step = look.collection(icid);
        Observation.Builder hop = probe.on() ? cteHop(icid) : NOBODY;
        if (step != Step.FOUND) {
            return end(hop, HopKind.CTE, cteRule(icid, step), step == Step.UNREADABLE);
        }
        if (probe.on()) {
            String cpu = " goes to the Redistributor of CPU " + look.cte.rdbase();
            ok(hop, "Collection " + icid + cpu + " (IHI 0069 5.3, MAPC).");
        }
        RedistributorView target = redistributors.apply(look.cte.rdbase());
        return new LpiArrival(target, look.tables(), probe)
                .arrive(look.ite.intid(), look.cte.rdbase());
    }

    private String cteRule(int icid, Step step) {
        return switch (step) {
            case BEYOND ->
                    "Collection "
                            + icid
                            + " is beyond the collection table, which has room for "
                            + look.tables().collectionCount()
                            + " (IHI 0069, GITS_BASER).";
            case UNREADABLE -> "The entry of collection " + icid + " could not be read.";
            case BAD_TARGET ->
                    "Collection "
                            + icid
                            + " names processor number "
                            + look.cte.rdbase()
                            + ", which no Redistributor has (IHI 0069 5.3, MAPC).";
            case FOUND, NO_PAGE, INVALID ->
                    "Collection " + icid + " is not mapped to a CPU: no MAPC (IHI 0069 5.3).";
        };
    }

    private Observation.Builder itsHop(long ctlr) {
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

    private Observation.Builder dteHop(int deviceId, Step step) {
        ItsTables tables = look.tables();
        Observation.Builder hop = Observation.of(HopKind.DTE);
        long l1 = tables.devices().indirect() ? tables.deviceL1(deviceId) : -1;
        if (step == Step.NO_PAGE) {
            hop.read(l1, Bytes.ofWords(tables.word(l1)));
        } else if (look.dteSlot >= 0 && step != Step.UNREADABLE) {
            hop.read(look.dteSlot, Bytes.ofWords(tables.word(look.dteSlot)))
                    .fields(look.dte.fields());
        } else if (look.dteSlot >= 0) {
            hop.address(look.dteSlot);
        }
        if (l1 >= 0 && step != Step.BEYOND) {
            hop.hex("L1_address", l1).hex("L1", tables.word(l1));
        }
        return hop;
    }

    private Observation.Builder cteHop(int icid) {
        Observation.Builder hop = Observation.of(HopKind.CTE);
        long slot = look.cteSlot;
        if (look.tables().answers(slot)) {
            hop.read(slot, Bytes.ofWords(look.tables().word(slot)))
                    .fields(look.tables().cte(slot).fields());
        } else if (slot >= 0) {
            hop.address(slot);
        }
        return hop.field("ICID", icid);
    }

    // What is filled in when nobody watches, and never looked at.
    private static final Observation.Builder NOBODY = Observation.of(HopKind.ITS);

    private void ok(Observation.Builder hop, String rule) {
        if (probe.on()) {
            probe.observe(hop.ok(rule));
        }
    }

    private MsiResult end(
            Observation.Builder hop, HopKind kind, String rule, boolean couldNotRead) {
        boolean unknown = couldNotRead && unreadableIsUnknown;
        if (probe.on()) {
            probe.observe(unknown ? hop.unknown(rule) : hop.broken(rule));
        }
        return unknown ? new MsiResult.Unknown(kind, rule) : new MsiResult.Dropped(kind, rule);
    }
}
