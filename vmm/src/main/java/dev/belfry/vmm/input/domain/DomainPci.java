package dev.belfry.vmm.input.domain;

import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.input.domain.DomainOptions.Pairs;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `<controller type='pci'>` and `<address type='pci'>`: the guest's PCI buses, and where devices
/// are on them.
final class DomainPci {

    private static final String ROOT = "pcie.0";
    private static final int MOST_CONTROLLERS = 255;
    private static final int BUS_NUMBERS = 256;
    private static final int MOST_NAMED = 12;

    private final DomainOptions out;
    private final TreeMap<Integer, XmlElement> controllers = new TreeMap<>();
    private final Deque<Integer> freePorts = new ArrayDeque<>();
    private final Set<String> taken = new HashSet<>();
    private int lowestBusNumber = BUS_NUMBERS;
    private int nextIndex = 1;
    private int nextChassis = 1;
    private int placed;

    DomainPci(XmlElement devices, DomainOptions out) {
        this.out = out;
        Set<String> used = new HashSet<>();
        devices.children().stream()
                .flatMap(DomainPci::pciAddresses)
                .forEach(a -> {
                    used.add(a.get("bus", "0x00"));
                    taken.add(place(a));
                });
        devices.all("controller")
                .filter(c -> c.get("type").equals("pci"))
                .forEach(this::controller);
        controllers.forEach((index, c) -> {
            boolean below =
                    used.stream()
                            .anyMatch(
                                    u -> Quantity.number(u, MOST_CONTROLLERS).orElse(-1) == index);
            // libvirt puts nothing of its own choice below an expander bus.
            if (c.get("model").equals("pcie-root-port") && !below && onRoot(c)) {
                freePorts.add(index);
            }
        });
    }

    private static Stream<XmlElement> pciAddresses(XmlElement device) {
        return device.all("address").filter(a -> a.get("type").equals("pci"));
    }

    private static boolean onRoot(XmlElement controller) {
        return Quantity.number(controller.child("address").get("bus", "0"), MOST_CONTROLLERS)
                        .orElse(0)
                == 0;
    }

    private static String place(XmlElement address) {
        return Quantity.number(address.get("bus", "0")).orElse(0)
                + ":"
                + Quantity.number(address.get("slot", "0")).orElse(0);
    }

    private void controller(XmlElement controller) {
        OptionalInt index =
                controller.has("index")
                        ? Quantity.number(controller.get("index"), MOST_CONTROLLERS)
                        : OptionalInt.of(controllers.isEmpty() ? 0 : controllers.lastKey() + 1);
        if (index.isEmpty()) {
            out.error(
                    "XML-INDEX",
                    controller.at("index"),
                    "controller index '" + controller.get("index") + "' is not 0 to 255",
                    "give each controller a number of its own");
            return;
        }
        XmlElement earlier = controllers.putIfAbsent(index.getAsInt(), controller);
        if (earlier != null) {
            out.error(
                    "XML-INDEX",
                    controller.at("index"),
                    "there are two PCI controllers with index "
                            + index.getAsInt()
                            + ", the first at "
                            + earlier.at(),
                    "give each controller a number of its own");
        }
        nextIndex = Math.max(nextIndex, index.getAsInt() + 1);
        if (controller.get("model").equals("pcie-expander-bus")) {
            lowestBusNumber = Math.min(lowestBusNumber, writtenBusNumber(controller));
        }
    }

    /// What `bus=` calls a controller; libvirt's alias for it.
    String bus(int index) {
        if (index == 0) {
            return ROOT;
        }
        XmlElement controller = controllers.get(index);
        String alias = controller == null ? "" : controller.child("alias").get("name");
        return alias.startsWith("ua-") ? alias : "pci." + index;
    }

    /// Whether a controller of that index is written.
    boolean has(int index) {
        return index == 0 || controllers.containsKey(index);
    }

    /// The first of them, for messages: `1 (pcie-expander-bus), 2 (pcie-root-port)`.
    String known() {
        return controllers.entrySet().stream()
                        .limit(MOST_NAMED)
                        .map(e -> e.getKey() + " (" + e.getValue().get("model") + ")")
                        .collect(Collectors.joining(", "))
                + (controllers.size() > MOST_NAMED ? ", …" : "");
    }

    /// The index of the expander bus with that number; -1 when there is none.
    int indexOf(int busNumber) {
        return controllers.entrySet().stream()
                .filter(e -> e.getValue().get("model").equals("pcie-expander-bus"))
                .filter(e ->
                        Quantity.number(e.getValue().child("target").get("busNr"), 0xff).orElse(-1)
                                == busNumber)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(-1);
    }

    /// The controllers as options, in the order of their indexes.
    void controllers() {
        controllers.forEach(this::controller);
    }

    private void controller(int index, XmlElement c) {
        XmlElement target = c.child("target");
        Pairs pairs = DomainOptions.pairs(c.at());
        String model = c.get("model");
        switch (model) {
            case "pcie-root" -> {
                return;
            }
            case "pcie-root-port" -> {
                String name = c.child("model").get("name");
                pairs.add("driver", name.isEmpty() ? "pcie-root-port" : name);
                port(pairs, index, target);
                if (target.get("hotplug").equals("off")) {
                    pairs.add("hotplug", "off", target.at("hotplug"));
                }
            }
            case "pcie-switch-upstream-port" -> pairs.add("driver", "x3130-upstream");
            case "pcie-switch-downstream-port" -> {
                pairs.add("driver", "xio3130-downstream");
                port(pairs, index, target);
            }
            case "pcie-to-pci-bridge" -> pairs.add("driver", "pcie-pci-bridge");
            case "dmi-to-pci-bridge" -> pairs.add("driver", "i82801b11-bridge");
            case "pci-bridge" ->
                    pairs.add("driver", "pci-bridge")
                            .add("chassis_nr", target.get("chassisNr", Integer.toString(index)));
            case "pcie-expander-bus" -> {
                pairs.add("driver", "pxb-pcie");
                pairs.add("bus_nr", busNumber(target), target.at("busNr"));
                target.find("node").ifPresent(n -> pairs.add("numa_node", n.text(), n.at()));
            }
            default -> {
                out.error(
                        "XML-CONTROLLER",
                        c.at("model"),
                        "there is no PCI controller '" + model + "' on Arm's virt machine",
                        "use pcie-root-port, pcie-expander-bus, pcie-switch-upstream-port, …");
                return;
            }
        }
        pairs.add("id", bus(index));
        address(pairs, c, true);
        out.device(pairs);
    }

    /// Where none is written libvirt takes two below the lowest, which leaves one for a bridge.
    private String busNumber(XmlElement target) {
        if (target.has("busNr")) {
            return target.get("busNr");
        }
        lowestBusNumber -= 2;
        return Integer.toString(Math.max(0, lowestBusNumber));
    }

    private static int writtenBusNumber(XmlElement controller) {
        return Quantity.number(controller.child("target").get("busNr"), 0xff).orElse(BUS_NUMBERS);
    }

    private void port(Pairs pairs, int index, XmlElement target) {
        pairs.add("port", target.get("port", Integer.toString(index)), target.at("port"));
        int chassis = Quantity.number(target.get("chassis"), 0xffff).orElse(index);
        nextChassis = Math.max(nextChassis, chassis + 1);
        pairs.add("chassis", Integer.toString(chassis), target.at("chassis"));
    }

    /// Adds `bus=` and `addr=`: what the element's address says, or what libvirt would choose.
    void address(Pairs pairs, XmlElement device) {
        address(pairs, device, false);
    }

    private void address(Pairs pairs, XmlElement device, boolean controller) {
        XmlElement address = pciAddresses(device).findFirst().orElse(null);
        if (address == null) {
            if (controller || device.name().equals("iommu")) {
                pairs.add("bus", ROOT);
            } else {
                pairs.add("bus", choose(device.at())).add("addr", "0x0");
            }
            return;
        }
        int index = Quantity.number(address.get("bus", "0"), MOST_CONTROLLERS).orElse(-1);
        if (index < 0 || !has(index)) {
            out.error(
                    "XML-ADDRESS-BUS",
                    address.at("bus"),
                    "bus='"
                            + address.get("bus")
                            + "' is the index of a PCI controller, and there is none with it",
                    "controllers: " + known());
        }
        int slot = Quantity.number(address.get("slot", "0"), 31).orElse(0);
        int function = Quantity.number(address.get("function", "0"), 7).orElse(0);
        pairs.add("bus", bus(Math.max(0, index)), address.at("bus"));
        pairs.add(
                "addr",
                function == 0 ? "0x%x".formatted(slot) : "0x%x.0x%x".formatted(slot, function),
                address.at("slot"));
        if (address.get("multifunction").equals("on")) {
            pairs.add("multifunction", "on", address.at("multifunction"));
        }
    }

    /// A root port that nothing is in, or a new one.
    private String choose(Position at) {
        placed++;
        Integer free = freePorts.poll();
        if (free != null) {
            return bus(free);
        }
        int index = nextIndex++;
        String id = "pci." + index;
        out.device(
                DomainOptions.pairs(at)
                        .add("driver", "pcie-root-port")
                        .add("port", Integer.toString(index))
                        .add("chassis", Integer.toString(Math.max(nextChassis++, index)))
                        .add("id", id)
                        .add("bus", ROOT));
        return id;
    }

    /// Says how many places were chosen here.
    void note(Position at) {
        if (placed > 0) {
            out.note(
                    "XML-ADDRESS",
                    at,
                    placed
                            + (placed == 1 ? " device has" : " devices have")
                            + " no PCI address: libvirt chooses one, and it may choose others than"
                            + " Belfry, which takes the free root ports and then new ones on"
                            + " pcie.0",
                    "take the domain as libvirt has it: virsh dumpxml");
        }
    }
}
