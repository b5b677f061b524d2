package dev.belfry.cli.text;

import dev.belfry.cli.Paint;
import dev.belfry.lab.run.RunReport;
import dev.belfry.lab.run.Step;
import dev.belfry.model.bits.Hex;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A run's report as text: one sentence, the machine, a row a vector, DMA, events, notes.
public final class RunText {

    private final PrintWriter out;
    private final Paint paint;

    public RunText(PrintWriter out, Paint paint) {
        this.out = out;
        this.paint = paint;
    }

    /// Prints the whole report.
    public void print(RunReport report) {
        out.println(headline(report));
        out.println();
        machine(report.machine());
        devices(report);
        vectors(report);
        dma(report);
        events(report);
        notes(report);
    }

    /// Prints what the ITSs on both sides hold of each vector.
    public void printTables(RunReport report) {
        new InterruptTablesText(out, paint).print(report.vectors());
    }

    /// Prints one vector's journey.
    public void printJourney(RunReport report, RunReport.Vector vector) {
        out.println(sentence(vector));
        out.println();
        new JourneyText(out, paint).print(vector.hops());
    }

    /// Prints what came of a step, as soon as it is known.
    public void printStep(Step step) {
        String outcome =
                switch (step.outcome()) {
                    case DONE -> paint.good("done");
                    case REFUSED -> step.expected() ? "refused" : paint.bad("refused");
                    case LOST -> step.expected() ? "lost" : paint.bad("lost");
                };
        out.println(outcome + "  " + step.sentence());
        out.flush();
    }

    /// Prints how a machine stood in the end, after the steps that were done to it.
    public void printEnd(RunReport report) {
        out.println();
        long unexpected = report.steps().stream().filter(s -> !s.expected()).count();
        out.println(headline(report));
        out.printf(
                "%d step%s, %s%n",
                report.steps().size(),
                report.steps().size() == 1 ? "" : "s",
                unexpected == 0 ? "none of them amiss" : unexpected + " of them amiss");
        notes(report);
    }

    private String headline(RunReport report) {
        long fired = report.vectors().stream().filter(v -> !v.masked()).count();
        long delivered = report.vectors().stream().filter(RunReport.Vector::delivered).count();
        long verified = report.dma().stream().filter(RunReport.Dma::verified).count();
        String counts =
                (fired == 0 ? "no vectors" : delivered + " of " + fired + " vectors delivered")
                        + ", "
                        + (report.dma().isEmpty()
                                ? "no DMA"
                                : verified
                                        + " of "
                                        + report.dma().size()
                                        + " DMA transfers verified");
        if (report.allWell()) {
            return paint.good("All well") + ": " + counts + ".";
        }
        Optional<RunReport.Vector> lost =
                report.vectors().stream().filter(v -> !v.delivered() && !v.masked()).findFirst();
        String why =
                lost.map(this::sentence)
                        .or(() ->
                                report.dma().stream()
                                        .filter(d -> !d.verified())
                                        .map(RunReport.Dma::sentence)
                                        .findFirst())
                        .or(() ->
                                report.steps().stream()
                                        .filter(s -> !s.expected())
                                        .map(Step::sentence)
                                        .findFirst())
                        .or(() ->
                                report.notes().stream()
                                        .filter(n -> n.severity().equals("error"))
                                        .map(RunReport.Note::text)
                                        .findFirst())
                        .orElse("");
        return paint.bad("Not well") + ": " + counts + "." + (why.isEmpty() ? "" : "\n" + why);
    }

    private String sentence(RunReport.Vector vector) {
        return vector.sentence();
    }

    private void machine(RunReport.Machine m) {
        out.println(paint.bold("Machine"));
        out.printf(
                "  %s, %d vCPU%s, %s RAM, %s, %s, %s%s%n",
                m.name(),
                m.vcpus(),
                m.vcpus() == 1 ? "" : "s",
                Show.size(m.ramBytes()),
                m.accel(),
                m.gic(),
                m.msiController().equals("none")
                        ? "no MSI controller"
                        : m.msiController() + " with its doorbell at " + Show.hex(m.doorbell()),
                ", " + m.firmware());
        if (!m.guestCommandLine().isEmpty()) {
            out.println("  guest command line: " + m.guestCommandLine());
        }
        out.println("  host: " + m.host());
        Table smmus = new Table("SMMU", "BUS", "BASE", "MODE", "PROPERTIES", "HOST", "PARENT HWPT");
        for (RunReport.GuestSmmu s : m.smmus()) {
            smmus.row(
                    s.id(),
                    s.bus(),
                    Hex.of(s.base()),
                    s.mode(),
                    s.properties(),
                    Show.text(s.host()),
                    Show.number(s.parentHwpt()));
        }
        if (!smmus.isEmpty()) {
            out.println();
            smmus.print(out, "  ");
            m.smmus().forEach(this::commands);
        }
        out.println();
    }

    /// Only where some commands do not go to the VMM.
    private void commands(RunReport.GuestSmmu s) {
        s.commands()
                .cmdqv()
                .ifPresent(q ->
                        out.printf(
                                "  %s: CMDQV at %s, %d queue%s: %d commands went to the hardware"
                                        + " past the VMM, %d were trapped%n",
                                s.id(),
                                Hex.of(q.base()),
                                q.queues(),
                                q.queues() == 1 ? "" : "s",
                                q.commands(),
                                s.commands().trapped()));
    }

    private void devices(RunReport report) {
        out.println(paint.bold("Devices"));
        if (report.devices().isEmpty()) {
            out.println("  none that the guest drives");
            out.println();
            return;
        }
        Table table =
                new Table(
                        "GUEST",
                        "NAME",
                        "DRIVER",
                        "HOST",
                        "STREAM",
                        "HOST STREAM",
                        "SMMU",
                        "POLICY",
                        "HWPT",
                        "ADDRESS SPACE");
        for (RunReport.Device d : report.devices()) {
            table.row(
                    d.device(),
                    d.name(),
                    d.driver(),
                    Show.text(d.hostDevice()),
                    Show.hex(d.streamId()),
                    Show.hex(d.hostStreamId()),
                    Show.text(d.smmu()),
                    d.policy(),
                    Show.text(d.hwpt()),
                    d.addressSpace());
        }
        table.print(out, "  ");
        out.println();
    }

    private void vectors(RunReport report) {
        out.println(paint.bold("Vectors"));
        if (report.vectors().isEmpty()) {
            out.println("  none: no device has MSI or MSI-X vectors in this machine");
            out.println();
            return;
        }
        Table table =
                new Table(
                        "DEVICE",
                        "VEC",
                        "GIOVA > DOORBELL",
                        "KVM ROUTE",
                        "HOST IOVA > IPA > DOORBELL",
                        "HOST LPI",
                        "GUEST INTID > VCPU",
                        "RESULT");
        for (RunReport.Vector v : report.vectors()) {
            RunReport.Way w = v.way();
            table.row(
                    v.device(),
                    Integer.toString(v.vector()),
                    Show.hex(w.giova()) + " > " + Show.hex(w.guestDoorbell()),
                    route(w),
                    w.hostIova().isEmpty()
                            ? "-"
                            : Show.hex(w.hostIova())
                                    + " > "
                                    + Show.hex(w.hostIpa())
                                    + " > "
                                    + Show.hex(w.hostDoorbell()),
                    Show.number(w.hostLpi()),
                    Show.number(w.guestIntid()) + " > " + Show.number(w.vcpu()),
                    result(v));
        }
        table.print(out, "  ");
        out.println();
    }

    private static String route(RunReport.Way w) {
        if (w.gsi().isEmpty()) {
            return "-";
        }
        return "gsi "
                + Show.number(w.gsi())
                + " "
                + Show.hex(w.routeAddress())
                + " data "
                + Show.hex(w.routeData())
                + " dev "
                + Show.hex(w.routeDeviceId());
    }

    private String result(RunReport.Vector v) {
        if (v.delivered()) {
            return paint.good("delivered");
        }
        if (v.masked()) {
            return paint.dim("masked");
        }
        return paint.bad("stopped at " + v.stoppedAt().map(Enum::name).orElse("?"));
    }

    private void dma(RunReport report) {
        if (report.dma().isEmpty()) {
            return;
        }
        out.println(paint.bold("DMA"));
        for (RunReport.Dma d : report.dma()) {
            out.printf(
                    "  %s  %-10s %s %s%s%n",
                    d.device(),
                    d.direction().equals("toDevice") ? "to device" : "from device",
                    Show.size(d.bytes()),
                    d.verified() ? paint.good("verified") : paint.bad("NOT verified"),
                    d.verified() || d.sentence().isEmpty() ? "" : ": " + d.sentence());
        }
        out.println();
    }

    private void events(RunReport report) {
        out.println(paint.bold("SMMU events"));
        if (report.events().isEmpty()) {
            out.println("  none on either side");
        }
        // Faults of one cause come in numbers: a line for each kind, with how often.
        Map<String, Integer> seen = new LinkedHashMap<>();
        report.events().forEach(e -> seen.merge(event(e), 1, Integer::sum));
        seen.forEach((line, times) -> out.printf(line, times == 1 ? "" : times + " times"));
        out.println();
    }

    /// A format with a place for how often.
    private String event(RunReport.Event e) {
        return "  %-5s %s  %s  StreamID %s%s  %%s%n         %s%n"
                .formatted(
                        e.where().key(),
                        e.smmu(),
                        paint.bad(e.type()),
                        Hex.of(e.streamId()),
                        e.address().isPresent() ? "  address " + Show.hex(e.address()) : "",
                        e.sentence().replace("%", "%%"));
    }

    private void notes(RunReport report) {
        if (report.notes().isEmpty()) {
            return;
        }
        out.println(paint.bold("Notes"));
        for (RunReport.Note n : report.notes()) {
            out.println("  " + n.severity() + ": " + n.text());
        }
    }
}
