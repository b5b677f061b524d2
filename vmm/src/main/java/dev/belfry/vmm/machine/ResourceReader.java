package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Quantities;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads `-cpu`, `-smp` and `-m`.
final class ResourceReader {

    private static final int MAX_CPUS = 512;
    private static final int MAX_SLOTS = 256;
    private static final List<String> SMP_KEYS =
            List.of(
                    "sockets",
                    "drawers",
                    "books",
                    "dies",
                    "clusters",
                    "modules",
                    "cores",
                    "threads");

    private final CommandLine commandLine;
    private final Position start;
    private final Problems problems;

    ResourceReader(CommandLine commandLine, Position start, Problems problems) {
        this.commandLine = commandLine;
        this.start = start;
        this.problems = problems;
    }

    /// @param accelerator decides the CPU model that is taken when none is given
    /// @param prefersSockets whether sockets take what the command line leaves open
    Cpus cpus(Accelerator accelerator, boolean prefersSockets) {
        Params smp = merged("smp");
        long product = 1;
        for (String key : SMP_KEYS) {
            product = Math.min(product * Math.max(1, count(smp, key, 0)), 1 << 20);
        }
        boolean topology = SMP_KEYS.stream().anyMatch(smp::has);
        long given = count(smp, "cpus", 0);
        long max = count(smp, "maxcpus", 0);
        long maxCpus = max > 0 ? max : given > 0 ? Math.max(given, 1) : topology ? product : 1;
        long cpus = given > 0 ? given : maxCpus;
        Position at = position("smp");
        if (smp.get("cpus", "").equals("0")) {
            error(
                    "SMP",
                    at,
                    "Invalid CPU topology: CPU topology parameters must be greater than zero",
                    "");
        } else if (maxCpus < cpus) {
            error(
                    "SMP",
                    at,
                    "Invalid CPU topology: maxcpus must be equal to or greater than smp",
                    "write maxcpus=" + cpus + " or more");
        } else if (maxCpus > MAX_CPUS) {
            error(
                    "SMP",
                    at,
                    "Invalid SMP CPUs "
                            + maxCpus
                            + ". The max CPUs supported by machine"
                            + " 'virt' is "
                            + MAX_CPUS,
                    "");
        } else if (topology && !matches(smp, product, maxCpus)) {
            error(
                    "SMP",
                    at,
                    "Invalid CPU topology: product of the hierarchy ("
                            + product
                            + ") must match maxcpus ("
                            + maxCpus
                            + ")",
                    "write maxcpus=" + product);
        }
        int fitting = Math.clamp(cpus, 1, MAX_CPUS);
        int fitted = Math.clamp(maxCpus, fitting, MAX_CPUS);
        String otherwise = accelerator.kind() == Accelerator.Kind.KVM ? "max" : "cortex-a15";
        String cpu = commandLine.last("cpu").map(Option::argument).orElse(otherwise);
        int comma = cpu.indexOf(',');
        return new Cpus(
                comma < 0 ? cpu : cpu.substring(0, comma),
                comma < 0 ? "" : cpu.substring(comma + 1),
                fitting,
                fitted,
                CpuTopology.of(
                        level(smp, "sockets"),
                        level(smp, "clusters"),
                        level(smp, "cores"),
                        level(smp, "threads"),
                        fitted,
                        prefersSockets));
    }

    /// A level of the topology; 0 when it was not given or is out of range.
    private static int level(Params smp, String key) {
        long value = smp.get(key).map(v -> Quantities.number(v).orElse(0)).orElse(0L);
        return value > 0 && value <= MAX_CPUS ? (int) value : 0;
    }

    /// QEMU fills in one of the levels that are left out.
    private static boolean matches(Params smp, long product, long maxCpus) {
        boolean full = smp.has("sockets") && smp.has("cores") && smp.has("threads");
        return full ? product == maxCpus : maxCpus % product == 0;
    }

    private long count(Params smp, String key, long absent) {
        Optional<Param> param = smp.find(key);
        if (param.isEmpty()) {
            return absent;
        }
        OptionalLong value = Quantities.number(param.get().value());
        if (value.isEmpty() || value.getAsLong() < 0 || value.getAsLong() > 1 << 20) {
            error(
                    "SMP",
                    param.get().at(),
                    "Parameter 'smp."
                            + key
                            + "' expects a number, not '"
                            + param.get().value()
                            + "'"
                            + variable(param.get().value()),
                    "");
            return absent;
        }
        return value.getAsLong();
    }

    Memory memory() {
        Params m = merged("m");
        long size = m.find("size").map(this::ramSize).orElse(Memory.DEFAULT.size());
        int slots = (int) m.find("slots").map(p -> size(p, p.value())).orElse(0L).longValue();
        long max = m.find("maxmem").map(p -> size(p, p.value())).orElse(size);
        Position at = position("m");
        if (max < size) {
            error(
                    "MEMORY",
                    at,
                    String.format(
                            "invalid value of maxmem: maximum memory size (0x%x)"
                                    + " must be at least the initial memory size (0x%x)",
                            max, size),
                    "");
            max = size;
        }
        if (slots != 0 && !m.has("maxmem")) {
            error("MEMORY", at, "slots specified but no max-size", "add maxmem=");
        }
        if (slots < 0 || slots > MAX_SLOTS) {
            error(
                    "MEMORY",
                    at,
                    "unsupported number of memory slots: " + slots,
                    "at most " + MAX_SLOTS);
            slots = 0;
        }
        return new Memory(size, max, slots);
    }

    /// A number without a suffix means MiB here, and only here. QEMU rounds up to 8 KiB.
    private long ramSize(Param param) {
        String text = param.value();
        boolean plain = !text.isEmpty() && text.chars().allMatch(Character::isDigit);
        long size = size(param, plain ? text + "M" : text);
        if (size <= 0 || size > Long.MAX_VALUE - 8192) {
            return Memory.DEFAULT.size();
        }
        return (size + 8191) & -8192L;
    }

    private long size(Param param, String text) {
        OptionalLong size = Quantities.size(text);
        if (size.isEmpty()) {
            error(
                    "MEMORY",
                    param.at(),
                    "Parameter '"
                            + param.key()
                            + "' expects a size, not '"
                            + param.value()
                            + "'"
                            + variable(param.value()),
                    "write 512M, 4G or the like");
        }
        return size.orElse(0);
    }

    private static String variable(String value) {
        return value.contains("$") ? " (Belfry does not expand shell variables)" : "";
    }

    private Params merged(String name) {
        List<Param> all = new ArrayList<>();
        commandLine.all(name).map(Option::params).forEach(p -> all.addAll(p.all()));
        return new Params(all);
    }

    private Position position(String name) {
        return commandLine.last(name).map(Option::at).orElse(start);
    }

    private void error(String rule, Position at, String message, String fix) {
        problems.add(
                Problems.BEFORE_DEVICES, Problem.error(rule, Phase.OPTIONS, at, message).fix(fix));
    }
}
