package dev.belfry.vmm.reader;

import dev.belfry.vmm.catalog.Catalog;
import dev.belfry.vmm.catalog.Description;
import dev.belfry.vmm.catalog.Property;
import dev.belfry.vmm.catalog.Refusals;
import dev.belfry.vmm.catalog.ValueType;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.cmdline.Written;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.version.QemuVersion;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Holds an `-object` against what QEMU says such objects take.
final class ObjectCheck {

    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]*");

    /// Objects that QEMU's schema has, and no build of it for Arm.
    private static final Set<String> NOT_ON_ARM =
            Set.of(
                    "memory-backend-epc",
                    "pef-guest",
                    "s390-pv-guest",
                    "sev-guest",
                    "sev-snp-guest",
                    "tdx-guest");

    /// The smallest page of an Arm host.
    private static final long PAGE = 4096;

    private final QemuVersion qemu;
    private final Problems problems;

    ObjectCheck(QemuVersion qemu, Problems problems) {
        this.qemu = qemu;
        this.problems = problems;
    }

    /// @return whether it can be made as far as this shows
    boolean isRight(Option option) {
        Params params = option.params();
        String type = params.get("qom-type", "");
        Optional<Description> known = Catalog.object(type).filter(d -> d.span().has(qemu));
        if (known.isEmpty()) {
            return type(option, type);
        }
        boolean right = id(option, params.get("id"));
        for (Param p : params.all()) {
            right &= value(option, known.get(), p);
        }
        Set<String> given = new HashSet<>();
        params.keys().forEach(k -> given.add(k.split("\\.", 2)[0]));
        for (List<Property> each : known.get().properties().values()) {
            Property property = each.getFirst();
            if (property.required() && !given.contains(property.name())) {
                right =
                        wrong(
                                property.name().equals("size") ? "OBJECT-SIZE" : "OBJECT-VALUE",
                                option.at(),
                                "Parameter '" + property.name() + "' is missing",
                                "add " + property.name() + "=");
            }
        }
        return right && made(option, type);
    }

    private boolean type(Option option, String type) {
        Position at = option.params().find("qom-type").map(Param::at).orElse(option.at());
        if (type.isEmpty()) {
            return wrong(
                    "OBJECT-TYPE",
                    at,
                    "Parameter 'qom-type' is missing",
                    "name the object first: -object iommufd,id=…");
        }
        Optional<QemuVersion> since = Catalog.object(type).flatMap(d -> d.span().since());
        return wrong(
                since.isPresent() ? "QEMU-TOO-OLD" : "OBJECT-TYPE",
                at,
                "Parameter 'qom-type' does not accept value '" + type + "'",
                since.map(s -> "use QEMU " + s + " or newer")
                        .orElseGet(() -> Nearest.hint(type, Catalog.objects(), "")));
    }

    private boolean id(Option option, Optional<String> id) {
        if (id.isEmpty()) {
            return wrong(
                    "OBJECT-ID",
                    option.at(),
                    "Parameter 'id' is missing",
                    "add id=" + option.params().get("qom-type", "object") + "0");
        }
        return IDENTIFIER.matcher(id.get()).matches()
                || wrong(
                        "ID-FORM",
                        option.params().find("id").map(Param::at).orElse(option.at()),
                        "Parameter 'id' expects an identifier",
                        "write letters, digits, '-', '.', '_', starting with a letter");
    }

    private boolean value(Option option, Description known, Param p) {
        int dot = p.key().indexOf('.');
        String key = dot < 0 ? p.key() : p.key().substring(0, dot);
        if (key.equals("qom-type") || key.equals("id")) {
            return true;
        }
        Optional<Property> property = known.property(key, qemu);
        if (property.isEmpty()) {
            Optional<String> near =
                    problems.nearest("OBJECT-PROPERTY", key, () -> known.names(qemu));
            return wrong(
                    "OBJECT-PROPERTY",
                    p.at(),
                    "Invalid parameter '" + key + "'",
                    near.map(n -> "did you mean " + n + "?").orElse("remove " + key + "="),
                    near.<Edit>map(n -> new Edit.Rename(option.at(), p.key(), n, p.value()))
                            .orElse(new Edit.Remove(option.at(), p.key())));
        }
        Optional<String> words =
                key.equals("host-nodes") && dot < 0
                        ? hostNodes(p)
                        : dot >= 0
                                ? Optional.empty()
                                : Refusals.OPTS.of(
                                        known.name(),
                                        key,
                                        p.value(),
                                        p.written(),
                                        property.get().type());
        ValueType type = property.get().type();
        boolean word = p.written() != Written.WORD && type.takes(p.value());
        return words.isEmpty()
                || wrong(
                        word ? "JSON-TYPE" : key.equals("size") ? "OBJECT-SIZE" : "OBJECT-VALUE",
                        p.at(),
                        words.get(),
                        word ? "write " + type.json(key, p.value()) : "it takes " + type.right());
    }

    /// A list: numbers and ranges, each `host-nodes=`, or `host-nodes.0=`.
    private static Optional<String> hostNodes(Param p) {
        if (p.written() != Written.WORD) {
            return Optional.of("Invalid parameter type for 'host-nodes', expected: array");
        }
        return p.value().matches("(0[xX][0-9a-fA-F]+|[0-9]+)(-(0[xX][0-9a-fA-F]+|[0-9]+))?")
                ? Optional.empty()
                : Optional.of("Parameter 'host-nodes' expects a uint64 value or range");
    }

    /// What an object says of itself once all its values are read.
    private boolean made(Option option, String type) {
        if (NOT_ON_ARM.contains(type)) {
            return wrong(
                    "OBJECT-TYPE",
                    option.params().find("qom-type").map(Param::at).orElse(option.at()),
                    "invalid object type: " + type,
                    "remove it: only QEMU for other machines has it");
        }
        Params params = option.params();
        if (type.equals("secret") && !params.has("data") && !params.has("file")) {
            return wrong(
                    "OBJECT-VALUE",
                    option.at(),
                    "Either 'file' or 'data' must be provided",
                    "add file=");
        }
        String fd = params.get("fd", "0");
        if (type.equals("iommufd") && Quantities.number(fd).isEmpty()) {
            // Made before the machine is, unlike memory.
            return wrong(
                    "OBJECT-VALUE",
                    option.params().find("fd").map(Param::at).orElse(option.at()),
                    "Could not parse remote object fd "
                            + fd
                            + ":Invalid file descriptor number '"
                            + fd
                            + "'",
                    "write the number of an open /dev/iommu, or remove fd=");
        }
        return !type.startsWith("memory-backend-") || memory(option, type);
    }

    /// Memory, which is made once the machine is there.
    private boolean memory(Option option, String type) {
        Params params = option.params();
        if (Quantities.size(params.get("size", "1")).orElse(1) == 0) {
            return late(
                    option,
                    "size",
                    "property 'size' of " + type + " doesn't take value '0'",
                    "write size=16G or the like");
        }
        String policy = params.get("policy", "default");
        boolean nodes = params.keys().stream().anyMatch(k -> k.startsWith("host-nodes"));
        if (Quantities.number(params.get("prealloc-threads", "1")).orElse(1) == 0) {
            return late(
                    option,
                    "prealloc-threads",
                    "property 'prealloc-threads' of " + type + " doesn't take value '0'",
                    "write 1 or more");
        }
        if (policy.equals("default") && nodes) {
            return late(
                    option,
                    "host-nodes",
                    "host-nodes must be empty for policy default, or you should explicitly specify a"
                            + " policy other than default",
                    "add policy=bind");
        }
        if (!policy.equals("default") && !nodes) {
            return late(
                    option,
                    "policy",
                    "host-nodes must be set for policy " + policy,
                    "add host-nodes=, or remove policy=");
        }
        if (type.equals("memory-backend-shm")
                && !Quantities.bool(params.get("share", "on")).orElse(true)) {
            return late(
                    option,
                    "share",
                    "can't create shm backend with `share=off`",
                    "remove share=off");
        }
        return pages(option, type);
    }

    /// A file is as long as it was asked to be, and RAM is whole pages.
    private boolean pages(Option option, String type) {
        Params params = option.params();
        long size = Quantities.size(params.get("size", "")).orElse(0);
        boolean huge = Quantities.bool(params.get("hugetlb", "off")).orElse(false);
        if (size % PAGE == 0 || huge || type.equals("memory-backend-ram")) {
            return true;
        }
        String words =
                type.equals("memory-backend-file")
                        ? "backend 'memory-backend-file' memory size must be multiple of 4 KiB"
                        : String.format(
                                "%s backing store size 0x%x is too small for 'size' option 0x%x plus"
                                        + " 'offset' option 0x0",
                                params.get("id", ""), size, (size / PAGE + 1) * PAGE);
        return late(option, "size", words, "write size=" + (size / PAGE + 1) * PAGE);
    }

    private boolean wrong(String rule, Position at, String words, String fix, Edit... edits) {
        problems.add(
                Problems.BEFORE_DEVICES,
                Problem.error(rule, Phase.OPTIONS, at, words).fix(fix).repair(edits));
        return false;
    }

    private boolean late(Option option, String key, String words, String fix) {
        Position at = option.params().find(key).map(Param::at).orElse(option.at());
        problems.add(
                Problems.BEFORE_DEVICES,
                Problem.error("OBJECT-VALUE", Phase.OBJECT, at, words).fix(fix));
        return false;
    }
}
