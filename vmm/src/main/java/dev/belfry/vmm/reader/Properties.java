package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.util.OptionalInt;

/// Reads a device's properties; what [PropertyCheck] refuses has its default here.
final class Properties {

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

    boolean bool(String key, boolean absent) {
        return device.params().find(key).flatMap(p -> Quantities.bool(p.value())).orElse(absent);
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
                .flatMap(p -> OnOffAuto.of(p.value()))
                .orElse(OnOffAuto.AUTO);
    }

    int integer(String key, int lowest, int highest, int absent) {
        return integer(key, lowest, highest).orElse(absent);
    }

    /// A number, or empty when it was not given or is out of bounds.
    OptionalInt integer(String key, int lowest, int highest) {
        return device.params().get(key).stream()
                .flatMapToLong(v -> Quantities.number(v).stream())
                .filter(v -> v >= lowest && v <= highest)
                .mapToInt(v -> (int) v)
                .findFirst();
    }
}
