package dev.belfry.vmm.qtest;

import dev.belfry.vmm.cmdline.Quantities;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the stand-in takes from a QEMU command line. Everything else is passed over: a test program
/// may give options that mean nothing here.
///
/// @param machine the machine's name: `virt`, `none`, …
/// @param smmu whether it has the SMMUv3 of `iommu=smmuv3`
/// @param memory RAM in bytes
/// @param devices `-device` arguments, in order
/// @param qtest socket of `-qtest unix:PATH`
/// @param qmp socket of `-mon` with its `-chardev`, or of `-qmp`
record StandInOptions(
        String machine,
        boolean smmu,
        long memory,
        List<Device> devices,
        Optional<Socket> qtest,
        Optional<Socket> qmp) {

    private static final long DEFAULT_MEMORY = 128L << 20;
    private static final long MOST_MEMORY = 1L << 40;
    private static final long GRAIN = 1 << 16;

    /// A device: its driver and properties.
    record Device(String driver, Map<String, String> properties) {}

    /// A Unix socket.
    ///
    /// @param server whether the stand-in listens
    record Socket(String path, boolean server) {}

    static StandInOptions of(List<String> words) {
        Map<String, List<String>> all = new HashMap<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            boolean option = word.startsWith("-") && word.length() > 1;
            boolean argument = i + 1 < words.size() && !words.get(i + 1).startsWith("-");
            if (option && argument) {
                String name = word.startsWith("--") ? word.substring(2) : word.substring(1);
                all.computeIfAbsent(name, n -> new ArrayList<>()).add(words.get(++i));
            }
        }
        List<String> machines = new ArrayList<>(all.getOrDefault("machine", List.of()));
        machines.addAll(all.getOrDefault("M", List.of()));
        Device machine = device(String.join(",", machines), "type");
        List<Device> devices =
                all.getOrDefault("device", List.of()).stream()
                        .map(d -> device(d, "driver"))
                        .toList();
        return new StandInOptions(
                machine.driver().isEmpty() ? "none" : machine.driver(),
                machine.properties().getOrDefault("iommu", "").equals("smmuv3"),
                memory(all.getOrDefault("m", List.of())),
                devices,
                all.getOrDefault("qtest", List.of()).stream()
                        .flatMap(q -> unix(q).stream())
                        .findFirst(),
                qmp(all));
    }

    /// `NAME,key=value,…`; the name may come as `key=NAME` too.
    private static Device device(String text, String key) {
        Map<String, String> properties = new HashMap<>();
        String name = "";
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                name = name.isEmpty() ? part : name;
            } else {
                properties.put(part.substring(0, equals), part.substring(equals + 1));
            }
        }
        return new Device(name.isEmpty() ? properties.getOrDefault(key, "") : name, properties);
    }

    private static long memory(List<String> given) {
        for (String text : given) {
            Device parts = device(text, "size");
            long size = Quantities.size(megabytes(parts.driver())).orElse(0);
            if (size > 0 && size <= MOST_MEMORY) {
                return (size + GRAIN - 1) & -GRAIN;
            }
        }
        return DEFAULT_MEMORY;
    }

    /// Without a suffix `-m` counts megabytes.
    private static String megabytes(String size) {
        boolean plain = !size.isEmpty() && Character.isDigit(size.charAt(size.length() - 1));
        return plain && !size.startsWith("0x") ? size + "M" : size;
    }

    private static Optional<Socket> qmp(Map<String, List<String>> all) {
        for (String qmp : all.getOrDefault("qmp", List.of())) {
            Optional<Socket> found = unix(qmp);
            if (found.isPresent()) {
                return found;
            }
        }
        for (String mon : all.getOrDefault("mon", List.of())) {
            Device monitor = device(mon, "chardev");
            String id = monitor.properties().getOrDefault("chardev", monitor.driver());
            boolean control = monitor.properties().getOrDefault("mode", "").equals("control");
            for (String text : all.getOrDefault("chardev", List.of())) {
                Device chardev = device(text, "backend");
                Map<String, String> p = chardev.properties();
                if (control && id.equals(p.get("id")) && p.containsKey("path")) {
                    return Optional.of(new Socket(p.getOrDefault("path", ""), isServer(p)));
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Socket> unix(String text) {
        Device parts = device(text, "unix");
        String name = parts.driver();
        return name.startsWith("unix:")
                ? Optional.of(new Socket(name.substring(5), isServer(parts.properties())))
                : Optional.empty();
    }

    private static boolean isServer(Map<String, String> properties) {
        return properties.getOrDefault("server", "off").equals("on");
    }
}
