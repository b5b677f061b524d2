package dev.belfry.vmm.firmware;

/// The device tree's nodes of the devices that are soldered to `virt`.
final class TreeDevices {

    private static final int SPI = 0;
    private static final int EDGE_RISING = 1;
    private static final int LEVEL_HIGH = 4;
    private static final long PAGE = 0x1000;
    private static final long FLASH = 0x400_0000;
    private static final long UART0 = 0x900_0000;
    private static final long UART1 = 0x904_0000;
    private static final long RTC = 0x901_0000;
    private static final long FW_CFG = 0x902_0000;
    private static final long GPIO = 0x903_0000;
    private static final long SECURE_GPIO = 0x90b_0000;
    private static final long VIRTIO = 0xa00_0000;
    private static final long PLATFORM_BUS = 0xc00_0000;
    private static final long SECURE_RAM = 0xe00_0000;
    private static final int TRANSPORTS = 32;
    private static final int TRANSPORT_SIZE = 0x200;
    private static final int KEY_POWER = 116;

    private static final String PRIMECELL = "arm,primecell";

    private final Board board;
    private final FdtNode root;
    private final VirtDeviceTree tree;
    private final int clock;

    TreeDevices(Board board, FdtNode root, VirtDeviceTree tree, int clock) {
        this.board = board;
        this.root = root;
        this.tree = tree;
        this.clock = clock;
    }

    /// The first of two flash devices is the secure world's, if there is one.
    void flash() {
        if (!board.world().secure()) {
            root.child("flash", 0)
                    .strings("compatible", "cfi-flash")
                    .wide("reg", 0, FLASH, FLASH, FLASH)
                    .cells("bank-width", 4);
            return;
        }
        FdtNode secure =
                root.child("secflash", 0)
                        .strings("compatible", "cfi-flash")
                        .wide("reg", 0, FLASH)
                        .cells("bank-width", 4);
        secureOnly(secure);
        root.child("flash", FLASH)
                .strings("compatible", "cfi-flash")
                .wide("reg", FLASH, FLASH)
                .cells("bank-width", 4);
    }

    private static void secureOnly(FdtNode node) {
        node.strings("status", "disabled").strings("secure-status", "okay");
    }

    void serialAndClock() {
        boolean secure = board.world().secure();
        // A second port of the normal world is made first, to keep the older numbering.
        if (board.secondUart()) {
            uart(UART1, 8, "serial1");
        }
        root.child("chosen").strings("stdout-path", "/" + uart(UART0, 1, "serial0").name());
        if (secure) {
            FdtNode uart = uart(UART1, 8, "serial1");
            secureOnly(uart);
            root.child("secure-chosen").strings("stdout-path", "/" + uart.name());
            secureRam();
        }
        wired(
                        root.child("pl031", RTC).strings("compatible", "arm,pl031", PRIMECELL),
                        RTC,
                        PAGE,
                        2,
                        LEVEL_HIGH)
                .cells("clocks", clock)
                .strings("clock-names", "apb_pclk");
    }

    private void secureRam() {
        FdtNode node = root.child("secram", SECURE_RAM).strings("device_type", "memory");
        secureOnly(node.wide("reg", SECURE_RAM, 0x100_0000));
    }

    private FdtNode uart(long base, int spi, String alias) {
        FdtNode node = root.child("pl011", base).strings("compatible", "arm,pl011", PRIMECELL);
        if (board.release().isAtLeast(9, 0)) {
            root.child("aliases").strings(alias, "/" + node.name());
        }
        return wired(node, base, PAGE, spi, LEVEL_HIGH)
                .cells("clocks", clock, clock)
                .strings("clock-names", "uartclk", "apb_pclk");
    }

    private static FdtNode wired(FdtNode node, long base, long size, int spi, int trigger) {
        return node.wide("reg", base, size).cells("interrupts", SPI, spi, trigger);
    }

    void buttonsAndTransports() {
        if (!board.eventDevice()) {
            int keys = gpio(GPIO, 7, false);
            root.child("gpio-keys")
                    .strings("compatible", "gpio-keys")
                    .child("poweroff")
                    .strings("label", "GPIO Key Poweroff")
                    .cells("linux,code", KEY_POWER)
                    .cells("gpios", keys, 3, 0);
        }
        if (board.world().secure() && board.machine().isAtLeast(6, 0)) {
            int lines = gpio(SECURE_GPIO, 0, true);
            secureOnly(
                    root.child("gpio-poweroff")
                            .strings("compatible", "gpio-poweroff")
                            .cells("gpios", lines, 0, 0));
            secureOnly(
                    root.child("gpio-restart")
                            .strings("compatible", "gpio-restart")
                            .cells("gpios", lines, 1, 0));
        }
        for (int i = TRANSPORTS - 1; i >= 0; i--) {
            long base = VIRTIO + (long) i * TRANSPORT_SIZE;
            FdtNode node = root.child("virtio_mmio", base).strings("compatible", "virtio,mmio");
            wired(node, base, TRANSPORT_SIZE, 16 + i, EDGE_RISING).flag("dma-coherent");
        }
        root.child("fw-cfg", FW_CFG)
                .strings("compatible", "qemu,fw-cfg-mmio")
                .wide("reg", FW_CFG, 0x18)
                .flag("dma-coherent");
    }

    private int gpio(long base, int spi, boolean secure) {
        int handle = tree.phandle();
        FdtNode node =
                root.child("pl061", base)
                        .wide("reg", base, PAGE)
                        .strings("compatible", "arm,pl061", PRIMECELL)
                        .cells("#gpio-cells", 2)
                        .flag("gpio-controller")
                        .cells("interrupts", SPI, spi, LEVEL_HIGH)
                        .cells("clocks", clock)
                        .strings("clock-names", "apb_pclk")
                        .cells("phandle", handle);
        if (secure) {
            secureOnly(node);
        }
        return handle;
    }

    /// Below the platform bus, with an address on that.
    private void tpm(FirmwareInputs.Window registers) {
        long offset = registers.base() - PLATFORM_BUS;
        root.child("platform-bus", PLATFORM_BUS)
                .child("tpm_tis", offset)
                .strings("compatible", "tcg,tpm-tis-mmio")
                .cells("reg", offset, registers.size());
    }

    void platformBus(int gic) {
        root.child("platform-bus", PLATFORM_BUS)
                .strings("compatible", "qemu,platform", "simple-bus")
                .cells("#size-cells", 1)
                .cells("#address-cells", 1)
                .cells("ranges", 0, 0, PLATFORM_BUS, 0x200_0000)
                .cells("interrupt-parent", gic);
        board.acpi().tpm().ifPresent(this::tpm);
    }
}
