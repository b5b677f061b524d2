package dev.belfry.vmm.firmware;

import static dev.belfry.vmm.firmware.Aml.device;
import static dev.belfry.vmm.firmware.Aml.integer;
import static dev.belfry.vmm.firmware.Aml.method;
import static dev.belfry.vmm.firmware.Aml.name;
import static dev.belfry.vmm.firmware.Aml.string;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// The namespace's devices that are soldered to `virt`, and its CPUs.
final class DsdtBoard {

    /// What `Notify` tells a power button, and an error device.
    static final byte[] HAPPENED = integer(0x80);

    static final String POWER_BUTTON = "PWRB";
    static final String ERROR_DEVICE = "GEDD";

    private static final long FLASH = 0x400_0000;
    private static final long UART0 = 0x900_0000;
    private static final long FW_CFG = 0x902_0000;
    private static final long GPIO = 0x903_0000;
    private static final long UART1 = 0x904_0000;
    private static final long VIRTIO = 0xa00_0000;
    private static final int PAGE = 0x1000;
    private static final int TRANSPORTS = 32;
    private static final int TRANSPORT_SIZE = 0x200;
    private static final int FIRST_TRANSPORT = 48;
    private static final int POWER_PIN = 3;
    private static final int PRESENT_BUT_HIDDEN = 0xb;

    private final FirmwareInputs inputs;
    private final Board board;

    DsdtBoard(FirmwareInputs inputs) {
        this.inputs = inputs;
        this.board = inputs.board();
    }

    /// What comes before PCI.
    List<byte[]> cpusAndPorts() {
        List<byte[]> devices = new ArrayList<>();
        for (int cpu = 0; cpu < inputs.cpus(); cpu++) {
            devices.add(named(String.format("C%03X", cpu), "ACPI0007", OptionalInt.of(cpu)));
        }
        devices.add(uart(0, UART0, 33));
        if (board.secondUart()) {
            devices.add(uart(1, UART1, 40));
        }
        if (!board.machine().isAtLeast(5, 1)) {
            devices.add(flash(0));
            devices.add(flash(1));
        }
        devices.add(firmwareConfiguration());
        for (int i = 0; i < TRANSPORTS; i++) {
            devices.add(transport(i));
        }
        return devices;
    }

    /// The last ones.
    List<byte[]> buttonsAndTpm() {
        List<byte[]> devices = new ArrayList<>();
        devices.add(named(POWER_BUTTON, "PNP0C0C", OptionalInt.of(0)));
        if (board.release().isAtLeast(10, 2)) {
            devices.add(named(ERROR_DEVICE, "PNP0C33", OptionalInt.of(0)));
        }
        board.acpi().tpm().ifPresent(tpm -> devices.add(tpm(tpm)));
        return devices;
    }

    /// Firmware that is not UEFI gets the power button by a pin.
    byte[] gpio() {
        byte[] pins = new ResourceTemplate().pin(POWER_PIN, "GPO0").toAml();
        return named(
                "GPO0",
                "ARMH0061",
                OptionalInt.of(0),
                resources(new ResourceTemplate().fixed(GPIO, PAGE).levelInterrupt(39)),
                name("_AEI", pins),
                method("_E03", 0, AmlCode.notify(POWER_BUTTON, HAPPENED)));
    }

    static byte[] resources(ResourceTemplate template) {
        return name("_CRS", template.toAml());
    }

    /// A device with a hardware ID and, mostly, a number.
    private static byte[] named(String name, String hid, OptionalInt uid, byte[]... rest) {
        List<byte[]> terms = new ArrayList<>();
        terms.add(name("_HID", string(hid)));
        uid.ifPresent(n -> terms.add(name("_UID", integer(n))));
        terms.addAll(List.of(rest));
        return device(name, terms);
    }

    private static byte[] uart(int number, long base, int intId) {
        return named(
                "COM" + number,
                "ARMH0011",
                OptionalInt.of(number),
                resources(new ResourceTemplate().fixed(base, PAGE).levelInterrupt(intId)));
    }

    private static byte[] flash(int number) {
        return named(
                "FLS" + number,
                "LNRO0015",
                OptionalInt.of(number),
                resources(new ResourceTemplate().fixed(number * FLASH, FLASH)));
    }

    private static byte[] firmwareConfiguration() {
        return named(
                "FWCF",
                "QEMU0002",
                OptionalInt.empty(),
                name("_STA", integer(PRESENT_BUT_HIDDEN)),
                name("_CCA", integer(1)),
                resources(new ResourceTemplate().fixed(FW_CFG, 0x18)));
    }

    private static byte[] transport(int number) {
        long base = VIRTIO + (long) number * TRANSPORT_SIZE;
        return named(
                String.format("VR%02d", number),
                "LNRO0005",
                OptionalInt.of(number),
                name("_CCA", integer(1)),
                resources(
                        new ResourceTemplate()
                                .fixed(base, TRANSPORT_SIZE)
                                .levelInterrupt(FIRST_TRANSPORT + number)));
    }

    private static byte[] tpm(FirmwareInputs.Window registers) {
        return device(
                "TPM0",
                name("_HID", string("MSFT0101")),
                name("_STR", string("TPM 2.0 Device")),
                name("_UID", integer(0)),
                resources(new ResourceTemplate().fixed(registers.base(), registers.size())));
    }
}
