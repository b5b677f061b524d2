package dev.belfry.vmm.firmware;

import static dev.belfry.vmm.firmware.Aml.integer;
import static dev.belfry.vmm.firmware.Aml.method;
import static dev.belfry.vmm.firmware.Aml.name;
import static dev.belfry.vmm.firmware.Aml.path;
import static dev.belfry.vmm.firmware.Aml.uuid;
import static dev.belfry.vmm.firmware.AmlCode.and;
import static dev.belfry.vmm.firmware.AmlCode.argument;
import static dev.belfry.vmm.firmware.AmlCode.dwordField;
import static dev.belfry.vmm.firmware.AmlCode.equal;
import static dev.belfry.vmm.firmware.AmlCode.giveBack;
import static dev.belfry.vmm.firmware.AmlCode.local;
import static dev.belfry.vmm.firmware.AmlCode.not;
import static dev.belfry.vmm.firmware.AmlCode.or;
import static dev.belfry.vmm.firmware.AmlCode.otherwise;
import static dev.belfry.vmm.firmware.AmlCode.store;
import static dev.belfry.vmm.firmware.AmlCode.when;

import dev.belfry.vmm.version.QemuVersion;
import java.util.List;

/// `_OSC` of a PCI host bridge (PCI Firmware 3.3, 4.5): the system asks which services of PCI
/// Express it may control, and gets all of them.
final class OperatingSystem {

    private static final String PCI_OSC = "33db4d5b-1ff7-401c-9657-7441c03dd766";
    private static final int ALL_SERVICES = 0x1f;
    private static final int UNKNOWN_UUID = 1 << 2;
    private static final int UNKNOWN_REVISION = 1 << 3;
    private static final int MASKED = 1 << 4;

    private OperatingSystem() {}

    /// Until 10.0, what was asked for was kept in names.
    static List<byte[]> capabilities(QemuVersion release) {
        return release.isAtLeast(10, 1)
                ? List.of(withLocal())
                : List.of(name("SUPP", integer(0)), name("CTRL", integer(0)), withNames());
    }

    private static byte[] withLocal() {
        return method(
                "_OSC",
                4,
                dwordField(argument(3), 0, "CDW1"),
                when(
                        equal(argument(0), uuid(PCI_OSC)),
                        dwordField(argument(3), 4, "CDW2"),
                        dwordField(argument(3), 8, "CDW3"),
                        grant(local(0))),
                otherwise(complain(UNKNOWN_UUID)),
                giveBack(argument(3)));
    }

    private static byte[] withNames() {
        return method(
                "_OSC",
                4,
                dwordField(argument(3), 0, "CDW1"),
                when(
                        equal(argument(0), uuid(PCI_OSC)),
                        dwordField(argument(3), 4, "CDW2"),
                        dwordField(argument(3), 8, "CDW3"),
                        store(path("CDW2"), path("SUPP")),
                        grant(path("CTRL")),
                        giveBack(argument(3))),
                otherwise(complain(UNKNOWN_UUID), giveBack(argument(3))));
    }

    private static byte[] grant(byte[] control) {
        byte[] asked = path("CDW3");
        return Aml.join(
                store(asked, control),
                and(control, integer(ALL_SERVICES), control),
                when(not(equal(argument(1), integer(1))), complain(UNKNOWN_REVISION)),
                when(not(equal(asked, control)), complain(MASKED)),
                store(control, asked));
    }

    private static byte[] complain(int what) {
        return or(path("CDW1"), integer(what), path("CDW1"));
    }
}
