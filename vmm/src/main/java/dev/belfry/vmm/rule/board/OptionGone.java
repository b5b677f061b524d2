package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// An option that QEMU had once, or has for other processors.
final class OptionGone implements Rule {

    private static final Set<String> ELSEWHERE =
            Set.of(
                    "no-fd-bootchk",
                    "acpitable",
                    "win2k-hack",
                    "prom-env",
                    "xen-domid",
                    "xen-attach",
                    "xen-domid-restrict");

    /// What took its place; nothing where nothing did.
    private static final Map<String, String> GONE = gone();

    private static Map<String, String> gone() {
        Map<String, String> gone = new HashMap<>();
        String nothing =
                """
                alt-grab audio-help bt clock ctrl-grab dtb-overlay hdachs no-frame no-hpet no-quit \
                nodefconfig nouserconfig old-param portrait redir rotate tdf teardown ui\
                """;
        for (String name : nothing.split(" ")) {
            gone.put(name, "");
        }
        gone.put("no-acpi", "-machine acpi=off");
        gone.put("async-teardown", "-run-with async-teardown=on");
        gone.put("balloon", "-device virtio-balloon-pci");
        gone.put("chroot", "-run-with chroot=");
        gone.put("curses", "-display curses");
        gone.put("sdl", "-display sdl");
        gone.put("no-kvm-irqchip", "-accel kvm,kernel-irqchip=off");
        gone.put("one-insn-per-tb", "-accel tcg,one-insn-per-tb=on");
        gone.put("singlestep", "-accel tcg,one-insn-per-tb=on");
        gone.put("realtime", "-overcommit mem-lock=on");
        gone.put("runas", "-run-with user=");
        gone.put("soundhw", "-device intel-hda -device hda-duplex");
        gone.put("tb-size", "-accel tcg,tb-size=");
        gone.put("watchdog", "-device i6300esb");
        return Map.copyOf(gone);
    }

    @Override
    public About about() {
        return About.error(
                        "OPTION-GONE",
                        Phase.OPTIONS,
                        "an option that QEMU had once, or has for other processors")
                .because("", "QEMU docs/about/removed-features.rst");
    }

    @Override
    public void check(Subject s, Found found) {
        for (Option option : s.commandLine().options()) {
            String now = GONE.get(option.name());
            if (ELSEWHERE.contains(option.name())) {
                found.add(
                        Place.before(option.at()),
                        "-" + option.name() + ": Option not supported for this target",
                        "remove -" + option.name(),
                        new Edit.Drop(option.at()));
            } else if (now != null) {
                found.add(
                        Place.before(option.at()),
                        "-" + option.name() + ": invalid option",
                        now.isEmpty() ? "remove -" + option.name() : "write " + now,
                        edits(option, now));
            }
        }
    }

    /// What needs a value of its own is left to a person.
    private static Edit[] edits(Option option, String now) {
        if (now.endsWith("=")) {
            return new Edit[0];
        }
        return new Edit[] {
            now.isEmpty() ? new Edit.Drop(option.at()) : new Edit.Replace(option.at(), now)
        };
    }
}
