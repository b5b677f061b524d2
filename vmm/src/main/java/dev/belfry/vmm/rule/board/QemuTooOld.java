package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import dev.belfry.vmm.version.QemuVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A property that came with a later release of QEMU.
final class QemuTooOld implements Rule {

    private record Since(String driver, String key, String value, QemuVersion release) {}

    /// What cannot be left out without making another machine of it.
    private static final Set<String> NEEDED = Set.of("accel", "msi");

    private static final List<Since> SINCE = since();

    private static List<Since> since() {
        List<Since> out = new ArrayList<>();
        for (String key : List.of("accel", "ril", "ats", "oas", "ssidsize")) {
            out.add(new Since("arm-smmuv3", key, "", QemuVersion.V11_0));
            out.add(new Since("arm-smmuv3", key, "auto", QemuVersion.V11_1));
        }
        for (String key : List.of("cmdqv", "identifier")) {
            out.add(new Since("arm-smmuv3", key, "", QemuVersion.V11_1));
        }
        for (String driver : List.of("vfio-pci", "vfio-pci-nohotplug")) {
            out.add(new Since(driver, "x-vpasid-cap-offset", "", QemuVersion.V11_0));
        }
        out.add(new Since("machine", "msi", "", QemuVersion.V11_0));
        return out;
    }

    private static void tooOld(Subject s, Found found, Option option, Param p, Since since) {
        String what = since.value.isEmpty() ? p.key() : p.key() + "=" + p.value();
        Place place =
                s.machine().smmus().stream()
                        .filter(x -> x.at().equals(option.at()))
                        .findFirst()
                        .map(Place::of)
                        .orElse(Place.before(p.at()));
        String message =
                since.driver.equals("machine")
                        ? "Property 'virt-" + s.qemu() + "-machine." + what + "' not found"
                        : "Property '" + since.driver + "." + what + "' not found";
        found.add(
                place.pointing(p.at()),
                message + ": QEMU " + s.qemu() + " does not have it, " + since.release + " does",
                "use QEMU "
                        + since.release
                        + " or newer"
                        + (NEEDED.contains(p.key()) ? "" : ", or remove " + what),
                NEEDED.contains(p.key())
                        ? new Edit[0]
                        : new Edit[] {new Edit.Remove(option.at(), p.key())});
    }

    @Override
    public About about() {
        return About.error(
                        "QEMU-TOO-OLD",
                        Phase.DEVICE_ADD,
                        "a property that came with a later release of QEMU")
                .because(
                        "released QEMU refuses properties that it does not know",
                        "QEMU hw/arm/smmuv3.c, hw/vfio/pci.c, hw/arm/virt.c of each release");
    }

    @Override
    public void check(Subject s, Found found) {
        for (Option option : s.commandLine().options()) {
            Params params = option.params();
            String driver =
                    switch (option.name()) {
                        case "device" -> params.get("driver", "");
                        case "machine" -> "machine";
                        default -> "";
                    };
            for (Since since : SINCE) {
                if (since.driver.equals(driver) && !s.qemu().isAtLeast(since.release)) {
                    params.find(since.key)
                            .filter(p -> since.value.isEmpty() || since.value.equals(p.value()))
                            .ifPresent(p -> tooOld(s, found, option, p, since));
                }
            }
        }
    }
}
