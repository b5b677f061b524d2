package dev.belfry.vmm.reader;

import dev.belfry.vmm.catalog.ValueType;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.CpuTopology;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads `-smp` as `machine_parse_smp_config` does it: what is left out follows from the rest.
final class SmpReader {

    /// How many CPUs, and how they are grouped.
    record Smp(int count, int max, CpuTopology topology) {}

    private static final int MAX_CPUS = 512;
    private static final String TOPOLOGY = "Invalid CPU topology: ";
    private static final List<String> HERE = List.of("sockets", "clusters", "cores", "threads");

    /// Levels that only other machines have.
    private static final List<String> ELSEWHERE = List.of("drawers", "books", "dies", "modules");

    private final Params smp;
    private final Position at;
    private final String machine;
    private final Problems problems;

    /// @param machine the machine type's full name: `virt-11.1`
    SmpReader(CommandLine commandLine, Position start, String machine, Problems problems) {
        List<Param> all = new ArrayList<>();
        for (Option option : commandLine.options()) {
            for (Param p : option.params().all()) {
                if (option.name().equals("smp")) {
                    all.add(p);
                } else if (option.name().equals("machine") && p.key().startsWith("smp.")) {
                    all.add(new Param(p.key().substring(4), p.value(), p.at(), p.written()));
                }
            }
        }
        this.smp = new Params(all);
        this.at = commandLine.last("smp").map(Option::at).orElse(start);
        this.machine = machine;
        this.problems = problems;
    }

    /// @param prefersSockets whether sockets take what the command line leaves open
    Smp read(boolean prefersSockets) {
        boolean right = keysAreRight();
        long cpus = count("cpus");
        long max = count("maxcpus");
        CpuTopology t = topology(max > 0 ? max : cpus, prefersSockets);
        long total = (long) t.sockets() * t.clusters() * t.cores() * t.threads();
        if (max == 0) {
            max = cpus > 0 ? cpus : total;
        }
        if (cpus == 0) {
            cpus = max;
        }
        if (right) {
            fit(t, total, cpus, max);
        }
        int count = Math.clamp(cpus, 1, MAX_CPUS);
        int most = Math.clamp(max, count, MAX_CPUS);
        return new Smp(
                count,
                most,
                CpuTopology.of(
                        level("sockets"),
                        level("clusters"),
                        level("cores"),
                        level("threads"),
                        most,
                        prefersSockets));
    }

    private boolean keysAreRight() {
        for (Param p : smp.all()) {
            boolean known =
                    HERE.contains(p.key())
                            || ELSEWHERE.contains(p.key())
                            || p.key().equals("cpus")
                            || p.key().equals("maxcpus");
            if (!known) {
                return error(
                        p.at(),
                        "Parameter 'smp." + p.key() + "' is unexpected",
                        Nearest.hint(p.key(), HERE, ""));
            }
            Optional<BigInteger> value = ValueType.number(p.value());
            if (value.isEmpty()) {
                return error(
                        p.at(),
                        "Parameter 'smp." + p.key() + "' expects integer",
                        p.value().contains("$")
                                ? "Belfry does not expand shell variables"
                                : "write a number, not '" + p.value() + "'");
            }
            if (value.get().signum() == 0) {
                return error(
                        p.at(),
                        TOPOLOGY + "CPU topology parameters must be greater than zero",
                        "remove " + p.key() + "=0");
            }
            if (ELSEWHERE.contains(p.key()) && value.get().intValue() > 1) {
                return error(
                        p.at(),
                        p.key() + " > 1 not supported by this machine's CPU topology",
                        "use sockets, clusters, cores and threads");
            }
        }
        return true;
    }

    private void fit(CpuTopology t, long total, long cpus, long max) {
        boolean huge = max > Integer.MAX_VALUE;
        String levels =
                "sockets (%d) * clusters (%d) * cores (%d) * threads (%d)"
                        .formatted(t.sockets(), t.clusters(), t.cores(), t.threads());
        if (total != max && !huge) {
            error(
                    at,
                    TOPOLOGY
                            + "product of the hierarchy must match maxcpus: "
                            + levels
                            + " != maxcpus ("
                            + max
                            + ")",
                    total > 0 ? "write maxcpus=" + total : "write " + max + " CPUs at most");
        } else if (max < cpus) {
            error(
                    at,
                    TOPOLOGY
                            + "maxcpus must be equal to or greater than smp: "
                            + levels
                            + " == maxcpus ("
                            + max
                            + ") < smp_cpus ("
                            + cpus
                            + ")",
                    "write maxcpus=" + cpus + " or more");
        } else if (max > MAX_CPUS) {
            error(
                    at,
                    "Invalid SMP CPUs "
                            + (int) max
                            + ". The max CPUs supported by machine '"
                            + machine
                            + "' is "
                            + MAX_CPUS,
                    "write " + MAX_CPUS + " or fewer");
        }
    }

    /// What QEMU makes of the levels, with levels of 0 where they do not add up.
    private CpuTopology topology(long cpus, boolean prefersSockets) {
        long s = count("sockets");
        long k = Math.max(1, count("clusters"));
        long c = count("cores");
        long t = count("threads");
        if (cpus == 0) {
            s = Math.max(1, s);
            c = Math.max(1, c);
            t = Math.max(1, t);
        } else if (prefersSockets ? s == 0 : c != 0 && s == 0) {
            c = Math.max(1, c);
            t = Math.max(1, t);
            s = cpus / (k * c * t);
        } else if (c == 0) {
            s = Math.max(1, s);
            t = Math.max(1, t);
            c = cpus / (s * k * t);
        }
        if (t == 0) {
            t = cpus / (s * k * c);
        }
        return new CpuTopology((int) s, (int) k, (int) c, (int) t, smp.has("clusters"));
    }

    /// A number as QEMU keeps it: 32 bits without sign.
    private long count(String key) {
        return smp.get(key)
                .flatMap(ValueType::number)
                .map(v -> v.longValue() & 0xffff_ffffL)
                .orElse(0L);
    }

    /// A level of the topology; 0 when it was not given or is out of range.
    private int level(String key) {
        long value = count(key);
        return value <= MAX_CPUS ? (int) value : 0;
    }

    private boolean error(Position where, String message, String fix) {
        problems.add(
                Problems.BEFORE_DEVICES,
                Problem.error("SMP", Phase.MACHINE, where, message).fix(fix));
        return false;
    }
}
