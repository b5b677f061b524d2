package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.catalog.Catalog;
import dev.belfry.vmm.catalog.Description;
import dev.belfry.vmm.catalog.Property;
import dev.belfry.vmm.catalog.Refusals;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Written;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Optional;

/// A feature that a CPU model does not have, or a value that it does not take.
final class CpuFeature implements Rule {

    @Override
    public About about() {
        return About.error("CPU-FEATURE", Phase.BOARD, "a feature that the CPU does not have")
                .because(
                        "what follows the model are properties of its own",
                        "QEMU target/arm/cpu64.c; hw/core/cpu-common.c, cpu_common_parse_features");
    }

    @Override
    public void check(Subject s, Found found) {
        // What KVM's CPU has depends on the host.
        Optional<Option> cpu = s.commandLine().last("cpu");
        Optional<Description> known = Catalog.cpu(s.machine().cpus().model());
        boolean kvm = s.machine().accelerator().kind() == Accelerator.Kind.KVM;
        if (cpu.isEmpty() || known.isEmpty() || s.machine().cpus().features().isEmpty()) {
            return;
        }
        for (String word : s.machine().cpus().features().split(",", -1)) {
            int equals = word.indexOf('=');
            Optional<String> words =
                    equals < 0
                            ? Optional.of("Expected key=value format, found " + word + ".")
                            : kvm
                                    ? Optional.empty()
                                    : refused(
                                            s,
                                            known.get(),
                                            word.substring(0, equals),
                                            word.substring(equals + 1));
            if (words.isPresent()) {
                found.add(
                        Place.before(cpu.get().at()),
                        words.get(),
                        equals < 0
                                ? "write "
                                        + word.replaceFirst("^[+-]", "")
                                        + (word.startsWith("-") ? "=off" : "=on")
                                : Nearest.to(word.substring(0, equals), known.get().names(s.qemu()))
                                        .filter(n -> !word.startsWith(n + "="))
                                        .map(n -> "did you mean " + n + "=?")
                                        .orElse("remove " + word));
                return;
            }
        }
    }

    private static Optional<String> refused(
            Subject s, Description known, String key, String value) {
        String owner = known.name() + "-arm-cpu";
        String before = "can't apply global " + owner + "." + key + "=" + value + ": ";
        Optional<Property> property = known.property(key, s.qemu());
        return property.isEmpty()
                ? Optional.of(before + "Property '" + owner + "." + key + "' not found")
                : Refusals.KEYVAL
                        .of(owner, key, value, Written.WORD, property.get().type())
                        .map(before::concat);
    }
}
