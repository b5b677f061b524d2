package dev.belfry.lab.run;

import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.vmm.check.PlugRules;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.refusal.HostRefusal;
import dev.belfry.vmm.virt.GuestFunction;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Devices that come and go: the VMM's rules first, then the host, then the guest, which is told by
/// the slot and takes the device into use or lets it go.
final class Plugging {

    private final Platform platform;
    private final PlugRules rules;
    private final Exercise exercise;
    private final Set<GuestFunction> leaving = new HashSet<>();

    Plugging(Platform platform, PlugRules rules, Exercise exercise) {
        this.platform = platform;
        this.rules = rules;
        this.exercise = exercise;
        platform.vm()
                .onLeave(f -> {
                    leaving.remove(f);
                    rules.removed(f.described().plugged().id());
                });
    }

    Step add(Action.DeviceAdd action) {
        return switch (rules.add(action.properties())) {
            case PlugRules.Verdict.Refused(String errorClass, String message, String fix) ->
                    Step.refused(action, errorClass, message, fix);
            case PlugRules.Verdict.Accepted(PciFunction function) -> add(action, function);
        };
    }

    private Step add(Action.DeviceAdd action, PciFunction wanted) {
        GuestFunction function;
        try {
            function = platform.vm().plug(wanted);
        } catch (CommandLineError e) {
            Optional<String> errno =
                    e instanceof HostRefusal h ? Optional.of(h.errno().name()) : Optional.empty();
            return Step.refused(action, PlugRules.GENERIC, message(wanted, e), e.fix(), errno);
        }
        rules.added();
        platform.guest().lookAfterSlots();
        Bdf bdf = function.hardware().bdf();
        boolean driven =
                platform.guest().report().devices().stream()
                        .anyMatch(d -> d.bdf().equals(bdf) && d.driven());
        return driven ? exercise.whole(action, bdf, "is there") : notDriven(action, bdf);
    }

    private Step notDriven(Action action, Bdf bdf) {
        List<String> problems = platform.guest().report().problems();
        return new Step(
                action.key(),
                action.device(),
                Step.Outcome.LOST,
                false,
                action.key()
                        + " "
                        + action.device()
                        + " ("
                        + bdf.withoutSegment()
                        + "): it is there, but the guest does not take it into use"
                        + (problems.isEmpty() ? "" : ": " + problems.getLast()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of());
    }

    /// As `vfio_pci_realize` puts it.
    private static String message(PciFunction wanted, CommandLineError e) {
        if (!(wanted instanceof PciFunction.Vfio v)) {
            return e.sentence();
        }
        if (e.rule().equals("VFIO-NO-DEVICE")) {
            return "vfio /sys/bus/pci/devices/"
                    + v.host()
                    + ": no such host device: No such file or directory";
        }
        boolean compared = e.rule().startsWith("HOST-");
        if (!(e instanceof HostRefusal) && !compared) {
            return e.sentence();
        }
        boolean viommu = compared || e.rule().equals("SMMU-ATTACH");
        String part = viommu ? "Failed to set vIOMMU: " : "";
        return "vfio " + v.host() + ": " + part + e.sentence();
    }

    Step remove(Action.DeviceDel action) {
        return switch (rules.remove(action.device())) {
            case PlugRules.Verdict.Refused(String errorClass, String message, String fix) ->
                    Step.refused(action, errorClass, message, fix);
            case PlugRules.Verdict.Accepted(PciFunction function) -> remove(action, function);
        };
    }

    private Step remove(Action.DeviceDel action, PciFunction described) {
        String id = described.plugged().id();
        GuestFunction function =
                platform.vm().functions().stream()
                        .filter(f -> f.described().plugged().id().equals(id))
                        .findFirst()
                        .orElseThrow();
        if (leaving.contains(function)) {
            return Step.refused(
                    action,
                    PlugRules.GENERIC,
                    "Device " + id + " is already in the process of unplug",
                    "");
        }
        Optional<String> blocker = platform.vm().unplugBlocker(function);
        if (blocker.isPresent()) {
            return Step.refused(action, PlugRules.GENERIC, blocker.get(), "");
        }
        leaving.add(function);
        Optional<String> host =
                platform.vm().passedThrough().of(function).map(d -> d.vfio().hostName());
        String place = function.hardware().bdf().withoutSegment();
        if (!platform.vm().askForRemoval(function)) {
            leaving.remove(function);
            return Step.refused(
                    action,
                    PlugRules.GENERIC,
                    "Hot-unplug failed: guest is busy (power indicator blinking)",
                    "");
        }
        platform.guest().lookAfterSlots();
        boolean gone = !leaving.contains(function);
        return new Step(
                action.key(),
                id,
                gone ? Step.Outcome.DONE : Step.Outcome.LOST,
                gone,
                action.key()
                        + " "
                        + id
                        + " ("
                        + place
                        + "): "
                        + (gone
                                ? "the guest let go of it"
                                        + host.map(h -> "; " + h + " is the host's again")
                                                .orElse("")
                                : "the guest has not let go of it"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of());
    }
}
