package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.LpiConfig;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;

/// An LPI at its Redistributor: whether it is accepted there, and whether its configuration lets it
/// through. Reports the hops LPI and REDISTRIBUTOR.
record LpiArrival(RedistributorView target, ItsTables tables, Probe probe) {

    MsiResult arrive(int intid, int cpu) {
        if (!target.known()) {
            String rule = "The registers of CPU " + cpu + "'s Redistributor could not be read.";
            report(redistributor(cpu).unknown(rule));
            return new MsiResult.Unknown(HopKind.REDISTRIBUTOR, rule);
        }
        if (!target.enableLpis()) {
            return lpisDisabled(intid, cpu);
        }
        if (intid < LpiConfig.FIRST_LPI || intid >= target.limit()) {
            String room = target.limit() == 0 ? "no LPI at all" : "INTIDs below " + target.limit();
            String rule =
                    "INTID "
                            + intid
                            + " is no LPI that the tables of CPU "
                            + cpu
                            + " have room for: GICR_PROPBASER.IDbits allows "
                            + room
                            + " (IHI 0069, GICR_PROPBASER).";
            report(Observation.of(HopKind.LPI).field("INTID", intid).broken(rule));
            return new MsiResult.Dropped(HopKind.LPI, rule);
        }
        target.pend(intid);
        return configured(intid, cpu);
    }

    private MsiResult configured(int intid, int cpu) {
        int byteInForce = target.config(intid);
        Observation.Builder hop = Observation.of(HopKind.LPI);
        if (byteInForce < 0) {
            String rule = "The configuration of LPI " + intid + " could not be read.";
            report(hop.address(target.propbaser().configAddress(intid)).unknown(rule));
            return new MsiResult.Unknown(HopKind.LPI, rule);
        }
        LpiConfig config = new LpiConfig(byteInForce);
        if (probe.on()) {
            describe(hop, intid, config);
        }
        if (!config.enabled()) {
            String rule =
                    "LPI "
                            + intid
                            + " is disabled in its configuration, so it stays pending and CPU "
                            + cpu
                            + " does not take it (IHI 0069 5.1.1).";
            report(hop.broken(rule));
            return new MsiResult.Held(intid, cpu, rule);
        }
        if (probe.on()) {
            String how = " is enabled with priority " + config.priority();
            probe.observe(hop.ok("LPI " + intid + how + " (IHI 0069 5.1.1)."));
            probe.observe(
                    redistributor(cpu)
                            .ok(
                                    "GICR_CTLR.EnableLPIs is 1 at CPU "
                                            + cpu
                                            + ", so the LPI is forwarded to it (IHI 0069,"
                                            + " GICR_CTLR)."));
        }
        return new MsiResult.Delivered(intid, cpu);
    }

    private void describe(Observation.Builder hop, int intid, LpiConfig config) {
        long address = target.propbaser().configAddress(intid);
        long inMemory = tables.byteAt(address);
        hop.read(address, Bytes.ofValue(inMemory, 1))
                .field("INTID", intid)
                .fields(config.fields())
                .hex("pending_address", target.pendbaser().pendingAddress(intid))
                .field("pending", target.pending(intid));
        // Bit 1 carries nothing.
        if (((inMemory ^ config.value()) & 0xfd) != 0) {
            hop.field("stale", "configuration changed in memory, and no INV or INVALL since");
        }
    }

    private MsiResult lpisDisabled(int intid, int cpu) {
        String rule =
                "GICR_CTLR.EnableLPIs is 0 at CPU "
                        + cpu
                        + ", so its Redistributor takes no LPI (IHI 0069, GICR_CTLR).";
        report(
                Observation.of(HopKind.LPI)
                        .field("INTID", intid)
                        .skipped("The Redistributor has no LPI tables while LPIs are disabled."));
        report(redistributor(cpu).broken(rule));
        return new MsiResult.Dropped(HopKind.REDISTRIBUTOR, rule);
    }

    private Observation.Builder redistributor(int cpu) {
        Observation.Builder hop = Observation.of(HopKind.REDISTRIBUTOR);
        if (target.base() != 0) {
            hop.address(target.base());
        }
        hop.field("processor_number", cpu);
        if (target.known()) {
            hop.field("EnableLPIs", target.enableLpis())
                    .hex("GICR_PROPBASER", target.propbaser().value())
                    .hex("GICR_PENDBASER", target.pendbaser().value());
        }
        return hop;
    }

    private void report(Observation observation) {
        if (probe.on()) {
            probe.observe(observation);
        }
    }
}
