package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Names that only drafts of the series for accelerated SMMUs had, and tools that copied them.
///
/// The first drafts had devices of their own (`arm-smmuv3-nested`, `arm-smmuv3-accel`) on `bus=`;
/// until version 6 SubstreamIDs were `pasid=on`; others wrote `ssid_size` and `ssidSize`. None of
/// them ever was in a release.
final class SmmuDrafts {

    private static final Set<String> DEVICES = Set.of("arm-smmuv3-nested", "arm-smmuv3-accel");
    private static final Map<String, String> KEYS =
            Map.of(
                    "ssid_size", "ssidsize",
                    "ssidSize", "ssidsize",
                    "ssid-size", "ssidsize",
                    "pasid", "ssidsize",
                    "primaryBus", "primary-bus",
                    "primary_bus", "primary-bus");
    private static final String SUBSTREAMS = "20";

    private final Problems problems;

    SmmuDrafts(Problems problems) {
        this.problems = problems;
    }

    /// Whether drafts had a device of that name.
    static boolean hasDevice(String driver) {
        return DEVICES.contains(driver);
    }

    /// The device as it is written today.
    DeviceDraft read(DeviceDraft device) {
        boolean draft = hasDevice(device.driver());
        List<Param> params = new ArrayList<>();
        for (Param param : device.params().all()) {
            params.add(read(device, param, draft));
        }
        if (draft) {
            params.add(new Param("accel", "on", device.at()));
            tell(
                    device,
                    device.at(),
                    device.driver(),
                    "arm-smmuv3,accel=on",
                    new Edit.Set(device.at(), "driver", "arm-smmuv3"),
                    new Edit.Set(device.at(), "accel", "on"));
        }
        return new DeviceDraft(device.order(), "arm-smmuv3", new Params(params), device.at());
    }

    private Param read(DeviceDraft device, Param param, boolean draftDevice) {
        String now = KEYS.get(param.key());
        if (draftDevice && param.key().equals("bus")) {
            now = "primary-bus";
        }
        if (now == null) {
            return param;
        }
        boolean flag = param.key().equals("pasid");
        boolean on = flag && Quantities.bool(param.value()).orElse(false);
        String value = !flag ? param.value() : on ? SUBSTREAMS : "0";
        tell(
                device,
                param.at(),
                param.key(),
                now + "=" + value,
                new Edit.Rename(device.at(), param.key(), now, value));
        // What the flag stood for changed from draft to draft: the host may decide.
        return new Param(now, on ? "auto" : value, param.at());
    }

    private void tell(
            DeviceDraft device, Position at, String written, String today, Edit... edits) {
        problems.add(
                device.order(),
                Problem.error(
                                "SMMU-DRAFT-SPELLING",
                                Phase.DEVICE_ADD,
                                at,
                                "'"
                                        + written
                                        + "' is a draft's spelling: released QEMU does not know it;"
                                        + " it is "
                                        + today
                                        + " today")
                        .fix("write " + today)
                        .repair(edits));
    }
}
