package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Quantities;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// All `-machine` options merged into one, as QEMU merges them.
final class MachineOptions {

    private static final List<String> KNOWN =
            List.of(
                    """
                    type accel kernel-irqchip kernel initrd append dtb dumpdtb phandle-start \
                    dt-compatible dump-guest-core mem-merge usb graphics firmware suppress-vmdesc \
                    confidential-guest-support memory-encryption memory-backend hmat spcr nvdimm \
                    nvdimm-persistence pflash0 pflash1 aux-ram-share cxl acpi secure \
                    virtualization highmem compact-highmem highmem-redists highmem-ecam \
                    highmem-mmio highmem-mmio-size gic-version iommu default-bus-bypass-iommu ras \
                    mte its msi dtb-randomness dtb-kaslr-seed x-oem-id x-oem-table-id \
                    enforce-config-section kvm-type boot smp memory acpi-pcihp\
                    """
                            .split(" "));

    private final Params params;
    private final Position at;
    private final Problems problems;

    private MachineOptions(Params params, Position at, Problems problems) {
        this.params = params;
        this.at = at;
        this.problems = problems;
    }

    static MachineOptions of(CommandLine commandLine, Position start, Problems problems) {
        List<Option> given = commandLine.all("machine").toList();
        List<Param> merged = new ArrayList<>();
        for (Option option : given) {
            for (Param p : option.params().all()) {
                // QEMU's old spelling of its own property names.
                merged.add(new Param(p.key().replace('_', '-'), p.value(), p.at()));
            }
        }
        Position at = given.isEmpty() ? start : given.getLast().at();
        MachineOptions options = new MachineOptions(new Params(merged), at, problems);
        options.refuseUnknown();
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
        Optional<Boolean> value = Quantities.bool(param.get().value());
        if (value.isEmpty()) {
            wrong(param.get(), "on, off");
        }
        return value.orElse(absent);
    }

    OnOffAuto onOffAuto(String key) {
        Optional<Param> param = params.find(key);
        if (param.isEmpty()) {
            return OnOffAuto.AUTO;
        }
        Optional<OnOffAuto> value = OnOffAuto.of(param.get().value());
        if (value.isEmpty()) {
            wrong(param.get(), "on, off, auto");
        }
        return value.orElse(OnOffAuto.AUTO);
    }

    long size(String key, long absent) {
        Optional<Param> param = params.find(key);
        if (param.isEmpty()) {
            return absent;
        }
        OptionalLong value = Quantities.size(param.get().value());
        if (value.isEmpty()) {
            wrong(param.get(), "a size such as 512G");
        }
        return value.orElse(absent);
    }

    /// One of `allowed`, or `absent`.
    String choice(String key, String absent, List<String> allowed) {
        Optional<Param> param = params.find(key);
        if (param.isEmpty()) {
            return absent;
        }
        if (!allowed.contains(param.get().value())) {
            wrong(param.get(), String.join(", ", allowed));
            return absent;
        }
        return param.get().value();
    }

    private void wrong(Param param, String right) {
        error(
                "MACHINE-VALUE",
                param.key(),
                "invalid " + param.key() + " value '" + param.value() + "'",
                "valid values are " + right);
    }

    private void refuseUnknown() {
        for (String key : params.keys()) {
            // smp.cpus, memory.size and the like are structured values of known properties.
            String top = key.contains(".") ? key.substring(0, key.indexOf('.')) : key;
            if (!KNOWN.contains(top)
                    && !top.startsWith("cxl-fmw")
                    && !top.startsWith("smp-cache")) {
                error(
                        "MACHINE-PROPERTY",
                        key,
                        "property '" + key + "' of the virt machine not found",
                        Nearest.hint(key, KNOWN, ""));
            }
        }
    }
}
