package dev.belfry.vmm.reader;

import dev.belfry.vmm.catalog.ValueType;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.Cpus;
import dev.belfry.vmm.machine.Memory;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads `-cpu`, `-smp` and `-m`.
final class ResourceReader {

    private static final int MAX_SLOTS = 256;
    private static final List<String> KEYS = List.of("size", "slots", "maxmem");

    private final CommandLine commandLine;
    private final Position start;
    private final Problems problems;

    ResourceReader(CommandLine commandLine, Position start, Problems problems) {
        this.commandLine = commandLine;
        this.start = start;
        this.problems = problems;
    }

    /// @param accelerator decides the CPU model that is taken when none is given
    /// @param machine the machine type's full name
    /// @param prefersSockets whether sockets take what the command line leaves open
    Cpus cpus(Accelerator accelerator, String machine, boolean prefersSockets) {
        SmpReader.Smp smp =
                new SmpReader(commandLine, start, machine, problems).read(prefersSockets);
        String otherwise = accelerator.kind() == Accelerator.Kind.KVM ? "max" : "cortex-a15";
        String cpu = commandLine.last("cpu").map(Option::argument).orElse(otherwise);
        int comma = cpu.indexOf(',');
        return new Cpus(
                comma < 0 ? cpu : cpu.substring(0, comma),
                comma < 0 ? "" : cpu.substring(comma + 1),
                smp.count(),
                smp.max(),
                smp.topology());
    }

    Memory memory() {
        Params m = merged("m");
        for (Param p : m.all()) {
            if (!KEYS.contains(p.key())) {
                error(
                        Phase.OPTIONS,
                        p.at(),
                        "Invalid parameter '" + p.key() + "'",
                        Nearest.hint(p.key(), KEYS, ""));
            }
        }
        long size = m.find("size").map(this::ramSize).orElse(Memory.DEFAULT.size());
        long slots = m.find("slots").map(this::slots).orElse(0L);
        long max = m.find("maxmem").map(p -> size(p, p.value())).orElse(size);
        Position at = position("m");
        if (max < size) {
            error(
                    Phase.MACHINE,
                    m.find("maxmem").map(Param::at).orElse(at),
                    String.format(
                            "invalid value of maxmem: maximum memory size (0x%x)"
                                    + " must be at least the initial memory size (0x%x)",
                            max, size),
                    "write maxmem= larger than the memory at start");
            max = size;
        } else if (slots != 0 && m.has("maxmem") && max == size) {
            error(
                    Phase.MACHINE,
                    m.find("maxmem").map(Param::at).orElse(at),
                    String.format(
                            "invalid value of maxmem: memory slots were specified but maximum"
                                    + " memory size (0x%x) is equal to the initial memory size"
                                    + " (0x%x)",
                            max, size),
                    "remove slots=, or make maxmem= larger");
        }
        if (slots != 0 && !m.has("maxmem")) {
            error(
                    Phase.MACHINE,
                    m.find("slots").map(Param::at).orElse(at),
                    "slots specified but no max-size",
                    "add maxmem=");
        } else if (slots < 0 || slots > MAX_SLOTS) {
            error(
                    Phase.BOARD,
                    m.find("slots").map(Param::at).orElse(at),
                    "unsupported number of memory slots: " + Long.toUnsignedString(slots),
                    "at most " + MAX_SLOTS);
            slots = 0;
        }
        return new Memory(size, max, (int) slots);
    }

    /// A number without a suffix means MiB here, and only here. QEMU rounds up to 8 KiB.
    private long ramSize(Param param) {
        String text = param.value();
        boolean plain = !text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1));
        long size = size(param, plain ? text + "M" : text);
        if (size <= 0 || size > Long.MAX_VALUE - 8192) {
            return Memory.DEFAULT.size();
        }
        return (size + 8191) & -8192L;
    }

    private long slots(Param param) {
        Optional<BigInteger> slots = ValueType.number(param.value());
        if (slots.isEmpty()) {
            error(
                    Phase.OPTIONS,
                    param.at(),
                    "Parameter 'slots' expects a number",
                    "write a number" + variable(param.value()));
        }
        return slots.orElse(BigInteger.ZERO).longValue();
    }

    private long size(Param param, String text) {
        OptionalLong size = Quantities.size(text);
        if (size.isEmpty()) {
            // QEMU reads it twice, the second time with the M that it puts behind bare digits.
            boolean read = Quantities.size(param.value()).isPresent();
            boolean tooLarge = ValueType.number(param.value()).isPresent() || isSize(text);
            error(
                    read ? Phase.MACHINE : Phase.OPTIONS,
                    param.at(),
                    read
                            ? "Parameter 'memory.size' expects size"
                            : tooLarge
                                    ? "Value '"
                                            + param.value()
                                            + "' is out of range for parameter '"
                                            + param.key()
                                            + "'"
                                    : "Parameter '"
                                            + param.key()
                                            + "' expects a non-negative number below 2^64",
                    "write 512M, 4G or the like" + variable(param.value()));
        }
        return size.orElse(0);
    }

    private static boolean isSize(String text) {
        return text.matches("[0-9]{1,20}[bBkKmMgGtTpPeE]");
    }

    private static String variable(String value) {
        return value.contains("$") ? "; Belfry does not expand shell variables" : "";
    }

    private Params merged(String name) {
        List<Param> all = new ArrayList<>();
        commandLine.all(name).map(Option::params).forEach(p -> all.addAll(p.all()));
        return new Params(all);
    }

    private Position position(String name) {
        return commandLine.last(name).map(Option::at).orElse(start);
    }

    private void error(Phase phase, Position at, String message, String fix) {
        problems.add(Problems.BEFORE_DEVICES, Problem.error("MEMORY", phase, at, message).fix(fix));
    }
}
