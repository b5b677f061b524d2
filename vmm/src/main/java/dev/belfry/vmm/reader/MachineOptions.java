package dev.belfry.vmm.reader;

import dev.belfry.vmm.catalog.Catalog;
import dev.belfry.vmm.catalog.Description;
import dev.belfry.vmm.catalog.Property;
import dev.belfry.vmm.catalog.Refusals;
import dev.belfry.vmm.catalog.ValueType;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.version.QemuVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// All `-machine` options merged into one, as QEMU merges them.
final class MachineOptions {

    /// Older spellings: what they set belongs to the accelerator, or to the choice of the machine.
    private static final Set<String> APART = Set.of("type", "accel", "kernel-irqchip");

    private final Params params;
    private final Position at;
    private final Problems problems;

    private MachineOptions(Params params, Position at, Problems problems) {
        this.params = params;
        this.at = at;
        this.problems = problems;
    }

    static MachineOptions of(
            CommandLine commandLine, Position start, QemuVersion qemu, Problems problems) {
        List<Option> given = commandLine.all("machine").toList();
        List<Param> merged = new ArrayList<>();
        for (Option option : given) {
            for (Param p : option.params().all()) {
                // QEMU's old spelling of its own property names.
                merged.add(new Param(p.key().replace('_', '-'), p.value(), p.at(), p.written()));
            }
        }
        Position at = given.isEmpty() ? start : given.getLast().at();
        MachineOptions options = new MachineOptions(new Params(merged), at, problems);
        options.check(qemu, new MachineLinks(commandLine));
        return options;
    }

    /// Where `-machine` stands, or the command line's start.
    Position at() {
        return at;
    }

    Position at(String key) {
        return params.find(key).map(Param::at).orElse(at);
    }

    boolean has(String key) {
        return params.has(key);
    }

    String text(String key) {
        return params.get(key, "");
    }

    void error(String rule, String key, String message, String fix) {
        problems.add(
                Problems.BEFORE_DEVICES,
                Problem.error(rule, Phase.MACHINE, at(key), message).fix(fix));
    }

    boolean bool(String key, boolean absent) {
        Optional<Param> param = params.find(key);
        if (param.isEmpty()) {
            return absent;
        }
        return Quantities.bool(param.get().value()).orElse(absent);
    }

    OnOffAuto onOffAuto(String key) {
        Optional<Param> param = params.find(key);
        if (param.isEmpty()) {
            return OnOffAuto.AUTO;
        }
        Optional<OnOffAuto> value = OnOffAuto.of(param.get().value());
        return value.orElse(OnOffAuto.AUTO);
    }

    long size(String key, long absent) {
        Optional<Param> param = params.find(key);
        if (param.isEmpty()) {
            return absent;
        }
        OptionalLong value = Quantities.size(param.get().value());
        return value.orElse(absent);
    }

    /// One of `allowed`, or `absent`.
    String choice(String key, String absent, List<String> allowed) {
        Optional<Param> param = params.find(key);
        if (param.isEmpty()) {
            return absent;
        }
        if (!allowed.contains(param.get().value())) {
            wrong(param.get(), allowed);
            return absent;
        }
        return param.get().value();
    }

    private void wrong(Param param, List<String> right) {
        error(
                "MACHINE-VALUE",
                param.key(),
                "Invalid " + param.key() + " value '" + param.value() + "'",
                "valid values are " + String.join(", ", right));
    }

    /// Holds all against what QEMU says the machine has; whoever reads a value afterwards takes the
    /// default where it was wrong.
    private void check(QemuVersion qemu, MachineLinks links) {
        Description known = Catalog.machine();
        String type = params.get("type", "virt");
        String owner = (type.equals("virt") ? "virt-" + qemu : type) + "-machine";
        for (String key : PropertyOrder.of(params.keys())) {
            params.find(key)
                    .filter(p -> !APART.contains(key))
                    .ifPresent(p -> {
                        int dot = key.indexOf('.');
                        Optional<Property> property =
                                known.property(dot < 0 ? key : key.substring(0, dot), qemu);
                        if (property.isEmpty()) {
                            notThere(known, owner, p, qemu);
                        } else if (dot < 0) {
                            ValueType t = property.get().type();
                            Refusals.KEYVAL
                                    .of(owner, key, p.value(), p.written(), t)
                                    .or(() -> tooMuch(key, p.value()))
                                    .or(() -> links.refuse(key, p.value()))
                                    .ifPresent(w ->
                                            error(
                                                    "MACHINE-VALUE",
                                                    key,
                                                    w,
                                                    "it takes " + t.right()));
                        }
                    });
        }
    }

    /// What only the setter of one property refuses.
    private static Optional<String> tooMuch(String key, String value) {
        return switch (key) {
            case "x-oem-id" -> tooLong("oem-id", value, 6);
            case "x-oem-table-id" -> tooLong("oem-table-id", value, 8);
            case "virtio-mmio-transports" ->
                    ValueType.number(value)
                            .filter(n -> n.bitLength() > 5 && n.intValue() != 32)
                            .map(n -> "virtio-mmio-transports must not exceed 32");
            case "nvdimm-persistence" ->
                    value.equals("cpu") || value.equals("mem-ctrl")
                            ? Optional.empty()
                            : Optional.of(
                                    "-machine nvdimm-persistence="
                                            + value
                                            + ": unsupported option");
            default -> Optional.empty();
        };
    }

    private static Optional<String> tooLong(String what, String value, int bytes) {
        return value.length() <= bytes
                ? Optional.empty()
                : Optional.of(
                        "User specified "
                                + what
                                + " value is bigger than "
                                + bytes
                                + " bytes in size");
    }

    private void notThere(Description known, String owner, Param p, QemuVersion qemu) {
        String words = "Property '" + owner + "." + p.key() + "' not found";
        Optional<QemuVersion> later = known.later(p.key(), p.value(), qemu);
        if (later.isPresent()) {
            error(
                    "QEMU-TOO-OLD",
                    p.key(),
                    words + ": QEMU " + qemu + " does not have it, " + later.get() + " does",
                    "use QEMU " + later.get() + " or newer");
            return;
        }
        Optional<String> near =
                problems.nearest("MACHINE-PROPERTY", p.key(), () -> known.names(qemu));
        error(
                "MACHINE-PROPERTY",
                p.key(),
                words,
                near.map(n -> "did you mean " + n + "?").orElse(""));
    }
}
