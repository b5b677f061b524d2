package dev.belfry.model.gic;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.ItsLookup.Step;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.GitsCtlr;
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
    private final ItsHops hops;

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
        this.hops = new ItsHops(frame, look);
    }

    MsiResult run(int deviceId, int eventId) {
        OptionalLong ctlr = frame.registers().read32(Gits.GITS_CTLR.offset());
        if (ctlr.isEmpty()) {
            String rule = "GITS_CTLR of " + frame.name() + " could not be read.";
            Observation.Builder hop = Observation.of(HopKind.ITS).address(frame.base());
            return end(hop, HopKind.ITS, rule, true);
        }
        boolean enabled = new GitsCtlr((int) ctlr.getAsLong()).enabled();
        Observation.Builder its = probe.on() ? hops.its(ctlr.getAsLong()) : NOBODY;
        if (!enabled) {
            return end(
                    its,
                    HopKind.ITS,
                    "GITS_CTLR.Enabled is 0, so the ITS translates no message (IHI 0069,"
                            + " GITS_CTLR).",
                    false);
        }
        ok(its, "GITS_CTLR.Enabled is 1, so the ITS translates messages (IHI 0069, GITS_CTLR).");
        return device(deviceId, eventId);
    }

    private MsiResult device(int deviceId, int eventId) {
        Step step = look.device(deviceId);
        Observation.Builder hop = probe.on() ? hops.dte(deviceId, step) : NOBODY;
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
        Observation.Builder hop = probe.on() ? hops.ite(step) : NOBODY;
        if (step != Step.FOUND) {
            return end(hop, HopKind.ITE, iteRule(who, step), step == Step.UNREADABLE);
        }
        if (!look.ite.physical()) {
            ok(
                    hop,
                    who
                            + " is virtual LPI "
                            + look.ite.intid()
                            + " of vPE "
                            + look.ite.vpeid()
                            + " (IHI 0069 5.3, VMAPTI).");
            return vpe();
        }
        if (probe.on()) {
            String lpi = " is LPI " + look.ite.intid() + " in collection " + look.ite.icid();
            ok(hop, who + lpi + " (IHI 0069 5.3, MAPTI).");
        }
        return collection();
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

    private MsiResult vpe() {
        int vpeid = look.ite.vpeid();
        Step step = look.vpe(vpeid);
        Observation.Builder hop = probe.on() ? hops.vte(vpeid) : NOBODY;
        if (step != Step.FOUND) {
            String rule = "vPE " + vpeid + " is not mapped to a CPU: no VMAPP (IHI 0069 5.3).";
            return end(hop, HopKind.VTE, rule, step == Step.UNREADABLE);
        }
        ok(
                hop,
                "vPE "
                        + vpeid
                        + " is at the Redistributor of CPU "
                        + look.vte.rdbase()
                        + " (IHI 0069 5.3, VMAPP).");
        RedistributorView target = redistributors.apply(look.vte.rdbase());
        return new VirtualArrival(target, probe).arrive(look.ite, look.vte);
    }

    private MsiResult collection() {
        int icid = look.ite.icid();
        Step step = look.collection(icid);
        Observation.Builder hop = probe.on() ? hops.cte(icid, step) : NOBODY;
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

    private static String beyond(int icid, long room) {
        return room == 0
                ? "No collection table is valid (GITS_BASER.Valid is 0), so no interrupt has a CPU"
                        + " (IHI 0069, GITS_BASER)."
                : "Collection "
                        + icid
                        + " is beyond the collection table, which has room for "
                        + room
                        + " (IHI 0069, GITS_BASER).";
    }

    private String cteRule(int icid, Step step) {
        return switch (step) {
            case BEYOND -> beyond(icid, look.tables().collectionCount());
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
