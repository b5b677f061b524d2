package dev.belfry.vmm.rule;

import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.SmmuInstance;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Options that a fix adds, with ids and numbers that are still free, as they are typed.
///
/// @param subject what they are added to
public record Suggestion(Subject subject) {

    private static final Set<String> OWN = Set.of("driver", "id", "primary-bus", "identifier");

    /// The id that a new port has.
    public String portId() {
        return free("port");
    }

    /// A port on a root bus.
    public String port(String bus) {
        return "-device pcie-root-port,id=%s,bus=%s,chassis=%d".formatted(portId(), bus, chassis());
    }

    /// A root bus with a port and an SMMU like another one.
    public String root(SmmuInstance like) {
        String id = free("pxb");
        String properties =
                subject.option(like.at()).map(Option::params).stream()
                        .flatMap(p -> p.all().stream())
                        .filter(p -> !OWN.contains(p.key()))
                        .map(p -> "," + p.key() + "=" + p.value())
                        .collect(Collectors.joining());
        return "-device pxb-pcie,id=%s,bus_nr=%d,bus=pcie.0 -device arm-smmuv3,primary-bus=%s%s %s"
                .formatted(id, busNumber(), id, properties, port(id));
    }

    private String free(String prefix) {
        return IntStream.iterate(1, i -> i + 1)
                .mapToObj(i -> prefix + i)
                .filter(n ->
                        subject.commandLine().options().stream()
                                .noneMatch(o -> o.params().get("id", "").equals(n)))
                .findFirst()
                .orElseThrow();
    }

    private int chassis() {
        Set<Integer> taken =
                subject.functions(PciFunction.Bridge.class)
                        .map(PciFunction.Bridge::chassis)
                        .collect(Collectors.toSet());
        return IntStream.rangeClosed(1, 255)
                .filter(c -> !taken.contains(c))
                .findFirst()
                .orElse(255);
    }

    /// The first multiple of eight behind all root buses.
    private int busNumber() {
        int highest =
                subject.machine().pci().roots().stream().mapToInt(PciBus::number).max().orElse(0);
        return Math.min((highest | 7) + 1, 255);
    }
}
