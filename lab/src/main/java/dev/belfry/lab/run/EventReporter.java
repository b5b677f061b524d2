package dev.belfry.lab.run;

import dev.belfry.guest.GuestReport;
import dev.belfry.host.smmu.HostEvent;
import dev.belfry.host.smmu.HostSmmu;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.Where;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.vmm.virt.SmmuUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// SMMU events, with what they mean for interrupts.
record EventReporter(Platform platform) {

    List<RunReport.Event> events(GuestReport guest) {
        List<RunReport.Event> out = new ArrayList<>();
        for (GuestReport.Event e : guest.events()) {
            out.add(event(Where.GUEST, guestName(e.smmu()), e.event(), sentence(e.event())));
        }
        for (HostSmmu smmu : platform.host().smmus().values()) {
            for (HostEvent e : smmu.events()) {
                String fate =
                        e.forwarded()
                                ? "forwarded to the guest's vEVENTQ; "
                                : "only the host kernel sees it; ";
                out.add(event(Where.HOST, e.smmu(), e.event(), fate + sentence(e.event())));
            }
        }
        return out;
    }

    /// Firmware's index by its base address: the order of tables is not that of the command line.
    private String guestName(int index) {
        long base = platform.firmware().smmus().get(index).base();
        return platform.vm().smmus().stream()
                .filter(u -> u.described().mmio().value() == base)
                .findFirst()
                .map(SmmuUnit::described)
                .map(s -> s.label())
                .orElse("SMMU at " + Hex.of(base));
    }

    private static RunReport.Event event(Where where, String smmu, EventRecord e, String sentence) {
        return new RunReport.Event(
                where,
                smmu,
                e.type().label(e.code()),
                e.streamId(),
                e.type().hasAttributes() ? OptionalLong.of(e.inputAddress()) : OptionalLong.empty(),
                Bytes.ofWords(e.words()),
                sentence);
    }

    private String sentence(EventRecord e) {
        boolean inWindow =
                e.type().hasAttributes()
                        && new Causes(platform.handover()).inWindow(e.inputAddress());
        return inWindow
                ? "the address lies in the host's SW_MSI window: this fault is a lost interrupt; the"
                        + " guest's stage 1 has no identity mapping of the window, which an RMR node"
                        + " in the IORT asks for"
                : (e.read() ? "a read" : "a write") + " was terminated";
    }
}
