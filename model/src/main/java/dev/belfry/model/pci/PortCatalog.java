package dev.belfry.model.pci;

import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.PortType;
import java.util.List;
import java.util.Optional;

/// Bridges and ports under the names that QEMU gives them, with QEMU's ids and interrupts; and the
/// host bridges' own functions.
public final class PortCatalog {

    private static final int QEMU = 0x1b36;
    private static final int TEXAS_INSTRUMENTS = 0x104c;
    private static final int BRIDGE_CLASS = 0x060400;
    private static final int HOST_BRIDGE_CLASS = 0x060000;

    private PortCatalog() {}

    /// The names that [#bridge] knows, sorted.
    public static List<String> names() {
        return List.of("pcie-pci-bridge", "pcie-root-port", "x3130-upstream", "xio3130-downstream");
    }

    /// A bridge of this model, on no bus yet; empty when the name is not known.
    ///
    /// @param busName how the bus below is called
    public static Optional<Bridge> bridge(String name, String busName) {
        return switch (name) {
            case "pcie-root-port" -> Optional.of(rootPort(busName));
            case "x3130-upstream" -> Optional.of(upstream(busName));
            case "xio3130-downstream" -> Optional.of(downstream(busName));
            case "pcie-pci-bridge" -> Optional.of(toPci(busName));
            default -> Optional.empty();
        };
    }

    /// QEMU's pcie-root-port.
    public static RootPort rootPort(String busName) {
        RootPort port =
                new RootPort(new FunctionIdentity(QEMU, 0x000c, BRIDGE_CLASS, 0, QEMU, 0), busName);
        port.addBar(0, Bar.Kind.MEMORY_32, false, 0x1000);
        Capabilities.subsystem(port, 0x40);
        port.addMsix(0x48, 1, 0, 0, 0, 0x800);
        Capabilities.express(port, 0x54, PortType.ROOT_PORT, false);
        Capabilities.errorReporting(port, 0x100);
        Capabilities.accessControl(port, 0x148);
        return port;
    }

    /// QEMU's x3130-upstream.
    public static SwitchUpstream upstream(String busName) {
        SwitchUpstream port =
                new SwitchUpstream(
                        FunctionIdentity.of(TEXAS_INSTRUMENTS, 0x8232, BRIDGE_CLASS, 2), busName);
        switchPort(port, PortType.SWITCH_UPSTREAM_PORT);
        return port;
    }

    /// QEMU's xio3130-downstream.
    public static SwitchDownstream downstream(String busName) {
        SwitchDownstream port =
                new SwitchDownstream(
                        FunctionIdentity.of(TEXAS_INSTRUMENTS, 0x8233, BRIDGE_CLASS, 1), busName);
        switchPort(port, PortType.SWITCH_DOWNSTREAM_PORT);
        return port;
    }

    private static void switchPort(Bridge port, PortType type) {
        port.addMsi(0x70, 1, true, false);
        Capabilities.subsystem(port, 0x80);
        Capabilities.express(port, 0x90, type, false);
        Capabilities.errorReporting(port, 0x100);
    }

    /// QEMU's pcie-pci-bridge, without its hot-plug controller.
    public static PcieToPciBridge toPci(String busName) {
        PcieToPciBridge bridge =
                new PcieToPciBridge(FunctionIdentity.of(QEMU, 0x000e, BRIDGE_CLASS, 0), busName);
        bridge.addBar(0, Bar.Kind.MEMORY_64, false, 0x100);
        Capabilities.express(bridge, 0x48, PortType.PCIE_TO_PCI_BRIDGE, false);
        Capabilities.powerManagement(bridge, 0x84);
        bridge.addMsi(0x8c, 1, true, true);
        Capabilities.errorReporting(bridge, 0x100);
        return bridge;
    }

    /// The host bridge's own function, at device 0 of pcie.0 (QEMU's gpex-root).
    public static Endpoint hostBridge() {
        return new Endpoint(
                new FunctionIdentity(QEMU, 0x0008, HOST_BRIDGE_CLASS, 0, 0x1af4, 0x1100), false);
    }

    /// The function on pcie.0 that stands for an extra root bus (QEMU's pxb-pcie).
    public static Endpoint expander() {
        return new Endpoint(
                new FunctionIdentity(QEMU, 0x000b, HOST_BRIDGE_CLASS, 0, 0x1af4, 0x1100), false);
    }
}
