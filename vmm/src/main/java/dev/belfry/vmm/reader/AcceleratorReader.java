package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Reads `-accel`, `-enable-kvm` and `-machine accel=`.
final class AcceleratorReader {

    private static final List<String> TCG =
            List.of("one-insn-per-tb", "thread", "tb-size", "split-wx");
    private static final List<String> KVM =
            List.of(
                    "kernel-irqchip",
                    "kvm-shadow-mem",
                    "dirty-ring-size",
                    "eager-split-size",
                    "device",
                    "notify-vmexit",
                    "notify-window",
                    "honor-guest-pat",
                    "xen-version",
                    "xen-gnttab-max-frames",
                    "xen-evtchn-max-pirq");

    private final CommandLine commandLine;
    private final MachineOptions options;
    private final Problems problems;

    AcceleratorReader(CommandLine commandLine, MachineOptions options, Problems problems) {
        this.commandLine = commandLine;
        this.options = options;
        this.problems = problems;
    }

    /// The first accelerator of the list that this QEMU has; TCG without a list.
    Accelerator read() {
        List<Option> given = commandLine.all("accel").toList();
        boolean flag = commandLine.has("enable-kvm");
        if ((options.has("accel") || flag) && !given.isEmpty()) {
            error(
                    "ACCEL-TWICE",
                    options.has("accel") ? options.at("accel") : given.getFirst().at(),
                    "The -accel and \"-machine accel=\" options are incompatible",
                    flag ? "remove -enable-kvm" : "keep one of them");
        }
        given.forEach(this::properties);
        Accelerator.Kind kind = flag ? Accelerator.Kind.KVM : first(given, options.text("accel"));
        return new Accelerator(kind, kind == Accelerator.Kind.KVM && irqchip(given));
    }

    private Accelerator.Kind first(List<Option> given, String ofMachine) {
        if (given.isEmpty() && ofMachine.isEmpty()) {
            return Accelerator.Kind.TCG;
        }
        List<String> names =
                given.isEmpty()
                        ? List.of(ofMachine.split(":"))
                        : given.stream()
                                .flatMap(o -> Stream.of(o.params().get("accel", "").split(":")))
                                .toList();
        for (String name : names) {
            for (Accelerator.Kind kind : Accelerator.Kind.values()) {
                if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
                    return kind;
                }
            }
        }
        error(
                "ACCEL-UNKNOWN",
                given.isEmpty() ? options.at("accel") : given.getFirst().at(),
                "invalid accelerator " + names.getFirst(),
                "a QEMU for Arm on Linux has kvm, tcg and qtest");
        return Accelerator.Kind.TCG;
    }

    private void properties(Option option) {
        String name = option.params().get("accel", "");
        List<String> known =
                switch (name) {
                    case "tcg" -> TCG;
                    case "kvm" -> KVM;
                    default -> List.of();
                };
        for (Param p : option.params().all()) {
            if (!known.isEmpty() && !p.key().equals("accel")) {
                property(name, known, p);
            }
        }
    }

    private void property(String name, List<String> known, Param p) {
        if (!known.contains(p.key())) {
            error(
                    "ACCEL-PROPERTY",
                    p.at(),
                    "Property '" + name + "-accel." + p.key() + "' not found",
                    Nearest.to(p.key(), known)
                            .map(n -> "did you mean " + n + "?")
                            .orElse("remove " + p.key() + "="));
            return;
        }
        boolean number = p.key().endsWith("-size") || p.key().equals("kvm-shadow-mem");
        if (p.key().equals("thread") && !List.of("single", "multi").contains(p.value())) {
            error(
                    "ACCEL-PROPERTY",
                    p.at(),
                    "Invalid 'thread' setting " + p.value(),
                    "write thread=single or thread=multi");
        } else if (number && Quantities.size(p.value()).isEmpty()) {
            error(
                    "ACCEL-PROPERTY",
                    p.at(),
                    "Parameter '" + p.key() + "' expects uint64",
                    "write a number");
        }
    }

    private boolean irqchip(List<Option> given) {
        Optional<Param> param =
                given.stream()
                        .flatMap(o -> o.params().find("kernel-irqchip").stream())
                        .reduce((first, second) -> second);
        String value = param.map(Param::value).orElseGet(() -> options.text("kernel-irqchip"));
        Position at = param.map(Param::at).orElseGet(() -> options.at("kernel-irqchip"));
        // 'split' exists on x86 only; QEMU refuses it on Arm when it makes the GIC.
        if (!value.isEmpty() && Quantities.bool(value).isEmpty()) {
            error(
                    "ACCEL-IRQCHIP",
                    at,
                    value.equals("split")
                            ? "-machine kernel_irqchip=split is not supported on ARM."
                            : "Parameter 'kernel-irqchip' does not accept value '" + value + "'",
                    "write kernel-irqchip=on or off");
        }
        return Quantities.bool(value).orElse(true);
    }

    private void error(String rule, Position at, String words, String fix) {
        problems.add(
                Problems.BEFORE_DEVICES, Problem.error(rule, Phase.MACHINE, at, words).fix(fix));
    }
}
