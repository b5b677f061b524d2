package dev.belfry.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.cmdline.CommandLine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Made-up PCI trees, given to a real QEMU and to Belfry: both must refuse, or both must put every
/// device on the same bus and slot. Any QEMU from 7.2 on will do; without one there is no test.
class RealQemuTest {

    private static final Pattern DEVICE = Pattern.compile("( *)dev: ([^,]+), id \"([^\"]*)\"");
    private static final Pattern BUS = Pattern.compile("( *)bus: (\\S+)");
    private static final Pattern ADDR = Pattern.compile("( *)addr = ([0-9a-f]{2}\\.[0-7])");

    @BeforeAll
    static void needsQemu() {
        boolean there =
                Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                        .anyMatch(d -> Files.isExecutable(Path.of(d, "qemu-system-aarch64")));
        assumeTrue(there, "qemu-system-aarch64 is not on PATH");
    }

    @Test
    void devicesGoWhereQemuPutsThem() throws IOException {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
        int accepted = 0;
        for (int i = 0; i < 24; i++) {
            List<String> options = randomTree(random);
            String said = qemu(options);
            CheckedMachine reading = CheckedMachine.read(CommandLine.parse(options));
            boolean started = said.contains("bus: pcie.0");
            assertThat(reading.firstError().isEmpty())
                    .as("%s\nQEMU: %s\nBelfry: %s", options, said, reading.firstError())
                    .isEqualTo(started);
            if (started) {
                accepted++;
                assertThat(ours(reading.machine())).as("%s", options).isEqualTo(theirs(said));
            } else {
                // The rest of the sentence names ids, which QEMU does more sparsely.
                String message = reading.firstError().orElseThrow().message();
                assertThat(said).contains(message.substring(0, 15));
            }
        }
        assertThat(accepted).isBetween(6, 22);
    }

    @Test
    void everyPciDeviceThatQemuListsIsKnownByEachOfItsNames() {
        Pattern listed = Pattern.compile("name \"([^\"]+)\", bus PCI(?:, alias \"([^\"]+)\")?");
        Set<String> names = new TreeSet<>();
        for (Matcher m = listed.matcher(qemu(List.of("-machine", "virt", "-device", "help")));
                m.find(); ) {
            names.add(m.group(1));
            if (m.group(2) != null) {
                names.add(m.group(2));
            }
        }
        assertThat(names).hasSizeGreaterThan(60).contains("virtio-net", "lsi");
        names.removeIf(n -> n.matches("(pxb-)?cxl.*|pxb"));
        assertThat(names).filteredOn(n -> rules(n).contains("DEVICE-UNKNOWN")).isEmpty();
    }

    @Test
    void aBridgeWithoutHotPlugControllerHasASlotZero() {
        for (String bridge : List.of("i82801b11-bridge", "pci-bridge,chassis_nr=2,shpc=off")) {
            List<String> options =
                    List.of(
                            "-machine",
                            "virt,gic-version=3",
                            "-cpu",
                            "max",
                            "-device",
                            bridge + ",id=b,bus=pcie.0",
                            "-device",
                            "e1000,id=e,bus=b,addr=0");
            assertThat(qemu(options)).as(bridge).contains("bus: pcie.0");
            assertThat(CheckedMachine.read(CommandLine.parse(options)).firstError())
                    .as(bridge)
                    .isEmpty();
        }
    }

    private static List<String> rules(String device) {
        CommandLine line = CommandLine.parse(List.of("-machine", "virt", "-device", device));
        return CheckedMachine.read(line).problems().stream().map(Problem::rule).toList();
    }

    private static List<String> randomTree(RandomGenerator random) {
        List<String> options =
                new ArrayList<>(
                        List.of("-machine", "virt,gic-version=3", "-cpu", "max", "-m", "128M"));
        if (random.nextInt(4) > 0) {
            options.add("-nodefaults");
        }
        List<String> buses = new ArrayList<>(List.of("pcie.0"));
        int devices = random.nextInt(2, 9);
        for (int i = 0; i < devices; i++) {
            String bus = buses.get(random.nextInt(buses.size()));
            String id = "d" + i;
            String driver =
                    switch (random.nextInt(8)) {
                        case 0 -> "pxb-pcie,bus_nr=" + 16 * (i + 1);
                        case 1, 2, 3 -> "pcie-root-port,chassis=" + random.nextInt(1, 40);
                        case 4 -> "x3130-upstream";
                        case 5 -> "edu";
                        default -> "virtio-rng-pci";
                    };
            StringBuilder option = new StringBuilder(driver).append(",id=").append(id);
            if (random.nextInt(6) > 0) {
                option.append(",bus=").append(driver.startsWith("pxb") ? "pcie.0" : bus);
            }
            if (random.nextInt(5) == 0) {
                option.append(",addr=")
                        .append(random.nextInt(1, 4))
                        .append('.')
                        .append(random.nextInt(2));
            }
            if (random.nextInt(6) == 0) {
                option.append(",multifunction=on");
            }
            if (!driver.equals("edu") && !driver.equals("virtio-rng-pci")) {
                buses.add(id);
            }
            options.add("-device");
            options.add(random.nextInt(5) == 0 ? json(option.toString()) : option.toString());
        }
        return options;
    }

    private static String json(String option) {
        String[] parts = ("driver=" + option).split(",");
        List<String> members = new ArrayList<>();
        for (String part : parts) {
            String[] pair = part.split("=", 2);
            members.add(
                    "\""
                            + pair[0]
                            + "\":"
                            + (pair[1].equals("on")
                                    ? "true"
                                    : pair[0].matches("chassis|bus_nr")
                                            ? pair[1]
                                            : "\"" + pair[1] + "\""));
        }
        return "{" + String.join(",", members) + "}";
    }

    private static String qemu(List<String> options) {
        List<String> command = new ArrayList<>(List.of("qemu-system-aarch64"));
        command.addAll(options);
        command.addAll(List.of("-S", "-display", "none", "-serial", "none", "-monitor", "stdio"));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var in = process.getOutputStream()) {
                in.write("info qtree\nquit\n".getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It has already refused and gone; what it said is still to be read.
                assertThat(process.isAlive()).isFalse();
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> ours(MachineDescription machine) {
        TreeSet<String> places = new TreeSet<>();
        for (PciFunction function : machine.pci().inOrder()) {
            Plugged p = function.plugged();
            places.add(
                    String.format(
                            "%s %s on %s at %02x.%x",
                            p.driver(), p.id(), p.bus(), p.device(), p.function()));
        }
        return places;
    }

    /// Reads `info qtree`: an `addr` belongs to the device above it, a device to the bus above it.
    private static Set<String> theirs(String qtree) {
        TreeSet<String> places = new TreeSet<>();
        Deque<String> names = new ArrayDeque<>();
        Deque<Integer> indents = new ArrayDeque<>();
        for (String line : qtree.split("\r?\n")) {
            Matcher device = DEVICE.matcher(line);
            Matcher bus = BUS.matcher(line);
            Matcher addr = ADDR.matcher(line);
            if (device.matches() || bus.matches()) {
                Matcher found = device.matches() ? device : bus;
                while (!indents.isEmpty() && indents.peek() >= found.group(1).length()) {
                    indents.pop();
                    names.pop();
                }
                indents.push(found.group(1).length());
                names.push(found == bus ? bus.group(2) : device.group(2) + " " + device.group(3));
            } else if (addr.matches()) {
                List<String> path = List.copyOf(names);
                places.add(path.get(0) + " on " + path.get(1) + " at " + addr.group(2));
            }
        }
        return places;
    }
}
