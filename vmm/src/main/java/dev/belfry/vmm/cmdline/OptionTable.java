package dev.belfry.vmm.cmdline;

import dev.belfry.vmm.cmdline.OptionSpec.Use;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The options of `qemu-system-aarch64`, up to release 11.1, and of earlier releases where scripts
/// still carry them.
final class OptionTable {

    private static final String IGNORED_FLAGS =
            """
            h help version nographic S s usb portrait full-screen snapshot mem-prealloc daemonize \
            no-reboot no-shutdown preconfig singlestep one-insn-per-tb semihosting old-param \
            async-teardown enable-sync-profile xen-attach xen-domid-restrict audio-help \
            no-fd-bootchk no-hpet no-user-config nouserconfig perfmap jitdump no-kvm-irqchip \
            win2k-hack sdl curses no-frame no-quit alt-grab ctrl-grab\
            """;

    private static final String IGNORED_WITH_ARGUMENT =
            """
            qtest qtest-log run-with compat vnc spice tb-size realtime balloon clock hdachs \
            watchdog soundhw chroot runas audio audiodev smbios acpitable plugin msg dump-vmstate \
            icount incoming loadvm fw_cfg seed sandbox tpmdev iscsi add-fd fda fdb hda hdb hdc hdd \
            cdrom mtdblock sd g prom-env rotate L D d k mem-path boot name uuid rtc watchdog-action \
            action echr option-rom pidfile mon monitor qmp qmp-pretty serial parallel debugcon \
            chardev fsdev virtfs usbdevice display vga gdb dfilter overcommit semihosting-config \
            xen-domid trace tdf nodefconfig dtb-overlay redir bt ui teardown\
            """;

    private static final Map<String, OptionSpec> BY_NAME = table();

    private OptionTable() {}

    static Optional<OptionSpec> find(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    static Set<String> names() {
        return BY_NAME.keySet();
    }

    private static Map<String, OptionSpec> table() {
        Map<String, OptionSpec> table = new HashMap<>();
        for (String name : IGNORED_FLAGS.split(" ")) {
            table.put(name, new OptionSpec(name, Syntax.FLAG, "", Use.IGNORED));
        }
        for (String name : IGNORED_WITH_ARGUMENT.split(" ")) {
            table.put(name, new OptionSpec(name, Syntax.TEXT, "", Use.IGNORED));
        }
        meant(table, "machine", Syntax.KEYVAL, "type");
        table.put("M", new OptionSpec("machine", Syntax.KEYVAL, "type", Use.MEANT));
        meant(table, "accel", Syntax.OPTS, "accel");
        meant(table, "cpu", Syntax.TEXT, "");
        meant(table, "smp", Syntax.KEYVAL, "cpus");
        meant(table, "m", Syntax.OPTS, "size");
        meant(table, "numa", Syntax.OPTS, "type");
        meant(table, "object", Syntax.KEYVAL_OR_JSON, "qom-type");
        meant(table, "device", Syntax.OPTS_OR_JSON, "driver");
        meant(table, "netdev", Syntax.KEYVAL_OR_JSON, "type");
        meant(table, "nic", Syntax.OPTS, "type");
        meant(table, "net", Syntax.OPTS, "type");
        meant(table, "drive", Syntax.OPTS, "");
        meant(table, "blockdev", Syntax.KEYVAL_OR_JSON, "driver");
        meant(table, "global", Syntax.TEXT, "");
        for (String text : "bios pflash kernel append initrd dtb shim".split(" ")) {
            meant(table, text, Syntax.TEXT, "");
        }
        for (String flag : "nodefaults enable-kvm no-acpi only-migratable".split(" ")) {
            meant(table, flag, Syntax.FLAG, "");
        }
        table.put("readconfig", new OptionSpec("readconfig", Syntax.TEXT, "", Use.REFUSED));
        table.put("set", new OptionSpec("set", Syntax.TEXT, "", Use.MEANT));
        return Map.copyOf(table);
    }

    private static void meant(
            Map<String, OptionSpec> table, String name, Syntax syntax, String impliedKey) {
        table.put(name, new OptionSpec(name, syntax, impliedKey, Use.MEANT));
    }
}
