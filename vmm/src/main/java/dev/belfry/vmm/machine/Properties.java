package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Quantities;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Reads a device's properties with QEMU's complaints about them.
final class Properties {

    private static final Set<String> OF_EVERY_DEVICE = Set.of("driver", "id", "bus");

    private final DeviceDraft device;
    private final Problems problems;

    Properties(DeviceDraft device, Problems problems) {
        this.device = device;
        this.problems = problems;
    }

    void error(String rule, String key, String message, String fix, Edit... edits) {
        problems.add(
                device.order(),
                Problem.error(rule, Phase.DEVICE_ADD, device.at(key), message)
                        .fix(fix)
                        .repair(edits));
    }

    /// Complains about every property that is not among `known`.
    void refuseUnknown(Collection<String> known) {
        for (String key : device.params().keys()) {
            if (!known.contains(key) && !OF_EVERY_DEVICE.contains(key)) {
                error(
                        "PROPERTY-UNKNOWN",
                        key,
                        "property '" + device.driver() + "." + key + "' not found",
                        Nearest.hint(key, known, ""),
                        Nearest.to(key, known)
                                .map(n ->
                                        new Edit[] {
                                            new Edit.Rename(
                                                    device.at(),
                                                    key,
                                                    n,
                                                    device.params().get(key, ""))
                                        })
                                .orElse(new Edit[0]));
            }
        }
    }

    boolean bool(String key, boolean absent) {
        return device.params()
                .find(key)
                .map(p -> Quantities.bool(p.value()).orElseGet(() -> wrong(p, absent, "on, off")))
                .orElse(absent);
    }

    OnOffAuto onOffAuto(String key) {
        return onOffAuto(key, OnOffAuto.AUTO);
    }

    /// @param auto what `auto`, or nothing, stands for
    OnOffAuto onOffAuto(String key, OnOffAuto auto) {
        OnOffAuto given = given(key);
        return given == OnOffAuto.AUTO ? auto : given;
    }

    private OnOffAuto given(String key) {
        return device.params()
                .find(key)
                .map(p ->
                        OnOffAuto.of(p.value())
                                .orElseGet(() -> wrong(p, OnOffAuto.AUTO, "on, off, auto")))
                .orElse(OnOffAuto.AUTO);
    }

    int integer(String key, int lowest, int highest, int absent) {
        return integer(key, lowest, highest).orElse(absent);
    }

    /// A number, or empty when it was not given or is wrong.
    OptionalInt integer(String key, int lowest, int highest) {
        Optional<Param> param = device.params().find(key);
        if (param.isEmpty()) {
            return OptionalInt.empty();
        }
        long value = Quantities.number(param.get().value()).orElse(-1);
        if (value < lowest || value > highest) {
            return wrong(param.get(), OptionalInt.empty(), lowest + " to " + highest);
        }
        return OptionalInt.of((int) value);
    }

    private <T> T wrong(Param param, T instead, String right) {
        error(
                "PROPERTY-VALUE",
                param.key(),
                "property '"
                        + device.driver()
                        + "."
                        + param.key()
                        + "' doesn't take value '"
                        + param.value()
                        + "'",
                "it takes " + right);
        return instead;
    }
}
