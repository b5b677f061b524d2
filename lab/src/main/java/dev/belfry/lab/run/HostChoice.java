package dev.belfry.lab.run;

import dev.belfry.host.description.DescriptionError;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.description.IdentityWish;
import dev.belfry.host.description.RequestedDevice;
import dev.belfry.lab.InputError;
import dev.belfry.lab.InputFile;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.PciAddress;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.SmmuInstance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which host a machine runs on: one that is described, a preset, or one made up to fit.
public final class HostChoice {

    private HostChoice() {}

    /// With nothing plugged in later.
    static HostDescription of(Optional<String> asked, MachineDescription machine)
            throws InputError {
        return of(asked, machine, List.of());
    }

    /// @param later devices that will be plugged in
    static HostDescription of(
            Optional<String> asked, MachineDescription machine, List<Map<String, String>> later)
            throws InputError {
        return asked.isEmpty()
                ? HostDescription.inventFor(requested(machine, later), machine.memory().size())
                : named(asked.get());
    }

    /// A host made up to fit.
    static HostDescription invented(MachineDescription machine) {
        return HostDescription.inventFor(requested(machine, List.of()), machine.memory().size());
    }

    /// A preset, this host, or what a file describes.
    ///
    /// @throws InputError when it cannot be used
    public static HostDescription named(String name) throws InputError {
        try {
            if (name.equals(HostLab.PROBE) || name.startsWith(HostLab.PROBE + ":")) {
                return HostLab.description(name);
            }
            if (HostDescription.presets().contains(name)) {
                return HostDescription.preset(name);
            }
            return HostDescription.read(name, textOf(name));
        } catch (DescriptionError e) {
            throw new InputError("--host " + e.getMessage(), "");
        }
    }

    private static String textOf(String name) throws InputError {
        try {
            return InputFile.read(Path.of(name));
        } catch (InputError e) {
            throw new InputError(
                    "--host " + e.text(),
                    "give a file, probe for this host, or a preset: "
                            + String.join(", ", HostDescription.presets()));
        }
    }

    /// Devices that must share a physical SMMU are those behind one accelerated SMMU of the guest;
    /// those of one PCI segment of the host are taken to share one as well, as on hosts with one
    /// SMMU a segment.
    private static List<RequestedDevice> requested(
            MachineDescription machine, List<Map<String, String>> later) {
        Map<String, String> shares = new HashMap<>();
        List<RequestedDevice> out = new ArrayList<>();
        for (PciFunction.Vfio v : machine.pci().vfio()) {
            out.add(requested(shares, machine.smmuOf(v), v.host()));
        }
        for (Map<String, String> p : later) {
            Optional<SmmuInstance> smmu =
                    machine.pci().rootAbove(p.getOrDefault("bus", "")).flatMap(machine::smmuOf);
            PciAddress.host(p.getOrDefault("host", ""))
                    .filter(bdf -> out.stream().noneMatch(r -> r.bdf().equals(bdf)))
                    .ifPresent(bdf -> out.add(requested(shares, smmu, bdf)));
        }
        return out;
    }

    private static RequestedDevice requested(
            Map<String, String> shares, Optional<SmmuInstance> behind, Bdf host) {
        Optional<SmmuInstance> smmu = behind.filter(SmmuInstance::accel);
        String segment = "segment " + host.segment();
        String share =
                smmu.map(s -> shares.computeIfAbsent(s.primaryBus(), bus -> segment))
                        .orElse(segment);
        return new RequestedDevice(
                host, share, smmu.map(HostChoice::wish).orElse(IdentityWish.NONE));
    }

    private static IdentityWish wish(SmmuInstance s) {
        return new IdentityWish(
                s.oas(),
                s.ssidsize(),
                s.ats() == OnOffAuto.ON,
                s.ril() == OnOffAuto.ON,
                s.cmdqv() == OnOffAuto.ON);
    }
}
