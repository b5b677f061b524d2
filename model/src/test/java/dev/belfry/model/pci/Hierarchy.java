package dev.belfry.model.pci;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.pci.spec.Bar;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// A segment driven as software drives it: through ECAM and the memory window.
///
/// pcie.0 (bus 0): 02.0 nvme, 03.0 root port rp0 with virtio-net below, 04.0 root port rp1 with a
/// switch of two downstream ports, an accelerator below the first. pcie.64 (bus 64): root port with
/// edu below.
final class Hierarchy {

    static final long WINDOW = 0x1000_0000L;

    final PciSegment segment;
    final RootBus root;
    final RootBus expander;
    final Endpoint nvme;
    final RootPort rp0;
    final Endpoint net;
    final RootPort rp1;
    final SwitchUpstream up;
    final SwitchDownstream down0;
    final SwitchDownstream down1;
    final Endpoint accelerator;
    final RootPort rp64;
    final Endpoint edu;
    final MmioDevice ecam;
    final MmioDevice memory;

    /// What reached the root buses: `requester address bytes`.
    final List<String> dma = new ArrayList<>();

    boolean dmaAnswers = true;

    Hierarchy(Probe probe) {
        segment = new PciSegment(0, probe);
        root = segment.addRootBus("pcie.0", 0);
        expander = segment.addRootBus("pcie.64", 0x40);
        nvme = root.add(2, 0, endpoint("nvme"));
        rp0 = root.add(3, 0, PortCatalog.rootPort("rp0"));
        net = rp0.secondary().add(0, endpoint("virtio-net-pci"));
        rp1 = root.add(4, 0, PortCatalog.rootPort("rp1"));
        up = rp1.secondary().add(0, PortCatalog.upstream("up"));
        down0 = up.secondary().add(0, 0, PortCatalog.downstream("down0"));
        down1 = up.secondary().add(1, 0, PortCatalog.downstream("down1"));
        accelerator = down0.secondary().add(0, accelerator());
        rp64 = expander.add(0, PortCatalog.rootPort("rp64"));
        edu = rp64.secondary().add(0, endpoint("edu"));
        root.setDma(new Recorder());
        expander.setDma(new Recorder());
        ecam = segment.ecam();
        memory = segment.memoryWindow(WINDOW, 0x2eff_0000L);
    }

    static Endpoint endpoint(String name) {
        return EndpointCatalog.create(name, EndpointSettings.DEFAULT).orElseThrow();
    }

    static Endpoint accelerator() {
        return new AssignedDevice(
                        FunctionIdentity.of(0x10de, 0x2330, 0x030200, 0xa1),
                        List.of(
                                new AssignedDevice.BarSize(
                                        0, Bar.Kind.MEMORY_32, false, 0x100_0000),
                                new AssignedDevice.BarSize(
                                        2, Bar.Kind.MEMORY_64, true, 128L << 30)),
                        2048,
                        0,
                        0x10_0000,
                        1,
                        0,
                        20,
                        true,
                        true)
                .create();
    }

    void config(int routingId, int offset, int width, long value) {
        ecam.write(((long) routingId << 12) + offset, width, value, -1);
    }

    long config(int routingId, int offset, int width) {
        return ecam.read(((long) routingId << 12) + offset, width);
    }

    void buses(int routingId, int primary, int secondary, int subordinate) {
        config(routingId, 0x18, 2, primary | ((long) secondary << 8));
        config(routingId, 0x1a, 1, subordinate);
    }

    void window(int routingId, long base, long limit) {
        config(routingId, 0x20, 2, base >>> 16);
        config(routingId, 0x22, 2, limit >>> 16);
    }

    void enable(int routingId) {
        config(routingId, 0x04, 2, 0x6);
    }

    /// Bus numbers as a depth-first scan gives them.
    void enumerate() {
        buses(0x18, 0, 1, 1);
        buses(0x20, 0, 2, 5);
        buses(0x200, 2, 3, 5);
        buses(0x300, 3, 4, 4);
        buses(0x308, 3, 5, 5);
        buses(0x4000, 0x40, 0x41, 0x41);
    }

    long read(long address, int width) {
        return memory.read(address - WINDOW, width);
    }

    void write(long address, int width, long value) {
        memory.write(address - WINDOW, width, value, -1);
    }

    private final class Recorder implements DmaPort {
        @Override
        public boolean read(int requester, long address, byte[] into) {
            dma.add(Hex.of(requester) + " R " + Hex.of(address) + " " + into.length);
            Arrays.fill(into, (byte) 0xab);
            return dmaAnswers;
        }

        @Override
        public boolean write(int requester, long address, byte[] from) {
            dma.add(
                    Hex.of(requester)
                            + " W "
                            + Hex.of(address)
                            + " "
                            + HexFormat.of().formatHex(from));
            return dmaAnswers;
        }
    }
}
