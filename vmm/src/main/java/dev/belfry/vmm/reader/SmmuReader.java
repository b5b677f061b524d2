package dev.belfry.vmm.reader;

import dev.belfry.model.address.Gpa;
import dev.belfry.vmm.catalog.Catalog;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.MachineType;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.version.QemuVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Reads `-device arm-smmuv3`.
final class SmmuReader {

    private static final int MOST = 64;
    private static final String DRIVER = "arm-smmuv3";
    private static final int NO_BUS_YET = -1;

    private final QemuVersion qemu;
    private final PropertyCheck check;
    private final Problems problems;
    private final SmmuDrafts drafts;
    private final PlatformBus platformBus;
    private final List<SmmuInstance> smmus = new ArrayList<>();

    SmmuReader(PlatformBus platformBus, QemuVersion qemu, PropertyCheck check, Problems problems) {
        this.check = check;
        this.qemu = qemu;
        this.platformBus = platformBus;
        this.problems = problems;
        this.drafts = new SmmuDrafts(problems);
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
                        VirtMap.SMMU.base(),
                        VirtMap.SPI_SMMU,
                        options.at("iommu")));
    }

    void device(DeviceDraft given) {
        DeviceDraft device = drafts.read(given);
        Properties properties = new Properties(device, problems);
        Catalog.device(DRIVER).ifPresent(known -> check.check(device, known));
        if (device.params().has("bus")) {
            String bus = device.params().get("bus", "");
            properties.error(
                    "SMMU-BUS-PROPERTY",
                    "bus",
                    "Device 'arm-smmuv3' can't go on PCIE bus",
                    "write primary-bus=" + bus + " instead of bus=",
                    new Edit.Rename(device.at(), "bus", "primary-bus", bus));
        }
        overwritten(device, "SMMU-MSI-GPA", "msi-gpa");
        overwritten(device, "SMMU-IDENTIFIER", "identifier");
        properties.integer("identifier", 0, 255, 0);
        PlatformBus.Place place = platformBus.smmu(device);
        if (smmus.size() == MOST) {
            return; // told by the platform bus, which is full long before
        }
        smmus.add(
                new SmmuInstance(
                        device.id(),
                        device.order(),
                        false,
                        device.params().get("primary-bus", ""),
                        properties.bool("accel", false),
                        stage(device),
                        properties.onOffAuto("ril", decided(OnOffAuto.ON)),
                        properties.onOffAuto("ats", decided(OnOffAuto.OFF)),
                        oas(device, properties),
                        ssidsize(device, properties),
                        properties.onOffAuto("cmdqv", decided(OnOffAuto.OFF)),
                        new Gpa(place.mmio()),
                        place.firstSpi(),
                        device.at()));
    }

    /// What the machine decides, whatever the command line says.
    private void overwritten(DeviceDraft device, String rule, String key) {
        if (device.params().has(key)) {
            problems.add(
                    device.order(),
                    Problem.of(
                                    Severity.NOTE,
                                    rule,
                                    Phase.DEVICE_ADD,
                                    device.at(key),
                                    "the machine overwrites " + key)
                            .fix("remove " + key + "=")
                            .repair(new Edit.Remove(device.at(), key)));
        }
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
                                .fix("write stage=1, stage=2 or stage=nested")
                                .repair(new Edit.Set(device.at(), "stage", "1")));
                yield SmmuInstance.Stage.ONE;
            }
        };
    }

    /// Before `auto` came, its place had a fixed value.
    private OnOffAuto decided(OnOffAuto before) {
        return qemu.isAtLeast(QemuVersion.V11_1) ? OnOffAuto.AUTO : before;
    }

    private OptionalInt decided(int before) {
        return qemu.isAtLeast(QemuVersion.V11_1) ? OptionalInt.empty() : OptionalInt.of(before);
    }

    private OptionalInt oas(DeviceDraft device, Properties properties) {
        if (device.params().get("oas", "auto").equals("auto")) {
            return decided(SmmuInstance.DEFAULT_OAS);
        }
        return properties.integer("oas", 0, 255);
    }

    private OptionalInt ssidsize(DeviceDraft device, Properties properties) {
        if (device.params().get("ssidsize", "auto").equals("auto")) {
            return decided(0);
        }
        return properties.integer("ssidsize", 0, 255);
    }
}
