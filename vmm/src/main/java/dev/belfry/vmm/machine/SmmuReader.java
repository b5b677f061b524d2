package dev.belfry.vmm.machine;

import dev.belfry.model.address.Gpa;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Reads `-device arm-smmuv3`, drafts' spellings included.
final class SmmuReader {

    private static final List<String> KNOWN =
            List.of(
                    """
                    primary-bus accel stage ril ats oas ssidsize cmdqv msi-gpa identifier bus_num \
                    smmu_per_bus memory secure-memory\
                    """
                            .split(" "));
    private static final Map<String, String> DRAFTS =
            Map.of("ssid_size", "ssidsize", "ssidSize", "ssidsize", "pasid", "ssidsize");
    private static final int NO_BUS_YET = -1;

    private final Problems problems;
    private final PlatformBus platformBus;
    private final List<SmmuInstance> smmus = new ArrayList<>();

    SmmuReader(PlatformBus platformBus, Problems problems) {
        this.platformBus = platformBus;
        this.problems = problems;
    }

    List<SmmuInstance> smmus() {
        return List.copyOf(smmus);
    }

    /// The machine's own, which covers every host bridge without bypass.
    void legacy(MachineType type, MachineOptions options) {
        smmus.add(
                new SmmuInstance(
                        "",
                        NO_BUS_YET,
                        true,
                        "pcie.0",
                        false,
                        type.legacySmmuStage(),
                        OnOffAuto.ON,
                        OnOffAuto.OFF,
                        OptionalInt.of(SmmuInstance.DEFAULT_OAS),
                        OptionalInt.of(0),
                        OnOffAuto.OFF,
                        0,
                        VirtMap.SMMU.base(),
                        VirtMap.SPI_SMMU,
                        options.at("iommu")));
    }

    void device(DeviceDraft given) {
        DeviceDraft device = withoutDraftSpellings(given);
        Properties properties = new Properties(device, problems);
        properties.refuseUnknown(KNOWN);
        if (device.params().has("bus")) {
            properties.error(
                    "SMMU-BUS-PROPERTY",
                    "bus",
                    "Device 'arm-smmuv3' can't go on a PCI bus",
                    "write primary-bus=" + device.params().get("bus", "") + " instead of bus=");
        }
        if (device.params().has("msi-gpa")) {
            note(device, "SMMU-MSI-GPA", "msi-gpa", "the machine overwrites msi-gpa");
        }
        PlatformBus.Place place = platformBus.smmu(device);
        smmus.add(
                new SmmuInstance(
                        device.id(),
                        device.order(),
                        false,
                        device.params().get("primary-bus", ""),
                        properties.bool("accel", false),
                        stage(device),
                        properties.onOffAuto("ril"),
                        properties.onOffAuto("ats"),
                        oas(device, properties),
                        ssidsize(device, properties),
                        properties.onOffAuto("cmdqv"),
                        properties.integer("identifier", 0, 255, 0),
                        new Gpa(place.mmio()),
                        place.firstSpi(),
                        device.at()));
    }

    /// An unknown stage silently is stage 1 in QEMU.
    private SmmuInstance.Stage stage(DeviceDraft device) {
        String stage = device.params().get("stage", "1");
        return switch (stage) {
            case "1" -> SmmuInstance.Stage.ONE;
            case "2" -> SmmuInstance.Stage.TWO;
            case "nested" -> SmmuInstance.Stage.NESTED;
            default -> {
                problems.add(
                        device.order(),
                        Problem.of(
                                        Severity.WARNING,
                                        "SMMU-STAGE",
                                        Phase.DEVICE_ADD,
                                        device.at("stage"),
                                        "stage '" + stage + "' is unknown; QEMU takes 1")
                                .because("", "QEMU hw/arm/smmuv3.c, smmuv3_init_id_regs")
                                .fix("write stage=1, stage=2 or stage=nested"));
                yield SmmuInstance.Stage.ONE;
            }
        };
    }

    private OptionalInt oas(DeviceDraft device, Properties properties) {
        if (device.params().get("oas", "auto").equals("auto")) {
            return OptionalInt.empty();
        }
        return properties.integer("oas", 0, 255);
    }

    private OptionalInt ssidsize(DeviceDraft device, Properties properties) {
        if (device.params().get("ssidsize", "auto").equals("auto")) {
            return OptionalInt.empty();
        }
        return properties.integer("ssidsize", 0, 255);
    }

    /// Until version 6 of the series the property was `pasid`, a boolean; other drafts and tools
    /// wrote `ssid_size` and `ssidSize`. None of them ever was in a release.
    private DeviceDraft withoutDraftSpellings(DeviceDraft device) {
        List<Param> params = new ArrayList<>();
        for (Param param : device.params().all()) {
            String now = DRAFTS.get(param.key());
            if (now == null) {
                params.add(param);
                continue;
            }
            String value = param.value();
            if (param.key().equals("pasid")) {
                value = value.equals("on") ? "auto" : "0";
            }
            params.add(new Param(now, value, param.at()));
            problems.add(
                    device.order(),
                    Problem.of(
                                    Severity.WARNING,
                                    "SMMU-DRAFT-SPELLING",
                                    Phase.DEVICE_ADD,
                                    param.at(),
                                    "'"
                                            + param.key()
                                            + "' is a draft's spelling: released QEMU"
                                            + " does not know it; Belfry reads it as "
                                            + now
                                            + "="
                                            + value)
                            .because("", "QEMU hw/arm/smmuv3.c, smmuv3_properties")
                            .fix("write ssidsize=20 or ssidsize=auto"));
        }
        return new DeviceDraft(device.order(), device.driver(), new Params(params), device.at());
    }

    private void note(DeviceDraft device, String rule, String key, String message) {
        problems.add(
                device.order(),
                Problem.of(Severity.NOTE, rule, Phase.DEVICE_ADD, device.at(key), message));
    }
}
