package dev.belfry.model.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.pci.spec.Bar;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The largest platform that Belfry promises: 4,096 devices with 2,048 vectors each.
class LargeSegmentTest {

    private static final int PORTS = 16;
    private static final long HIGH = 0x80_0000_0000L;

    private final BitSet requesters = new BitSet(1 << 16);
    private int messages;

    private static Endpoint device() {
        return new AssignedDevice(
                        FunctionIdentity.of(0x15b3, 0x1021, 0x020000, 0),
                        List.of(new AssignedDevice.BarSize(0, Bar.Kind.MEMORY_64, true, 0x2_0000)),
                        2048,
                        0,
                        0x1000,
                        0,
                        0,
                        0,
                        true,
                        false)
                .create();
    }

    private final class Counter implements DmaPort {
        @Override
        public boolean read(int requester, long address, byte[] into) {
            return false;
        }

        @Override
        public boolean write(int requester, long address, byte[] from) {
            requesters.set(requester);
            messages++;
            return true;
        }
    }

    @Test
    void everyDeviceSendsItsLastVectorUnderItsOwnRequesterId() {
        PciSegment segment = new PciSegment(0, Probe.NONE);
        RootBus root = segment.addRootBus("pcie.0", 0);
        root.setDma(new Counter());
        MmioDevice ecam = segment.ecam();
        MmioDevice memory = segment.memoryWindow(HIGH, 1L << 39);
        for (int port = 0; port < PORTS; port++) {
            RootPort p = root.add(port + 1, 0, PortCatalog.rootPort("rp" + port));
            for (int devfn = 0; devfn < 256; devfn++) {
                p.secondary().add(devfn, device());
            }
            open(ecam, port);
            for (int devfn = 0; devfn < 256; devfn++) {
                start(ecam, memory, port, devfn);
            }
        }
        assertThat(messages).isEqualTo(4096);
        assertThat(requesters.cardinality()).isEqualTo(4096);
        assertThat(requesters.nextSetBit(0)).isEqualTo(0x100);
        assertThat(requesters.length()).isEqualTo(0x1100);
    }

    private static void open(MmioDevice ecam, int port) {
        long config = (port + 1L) << 15;
        ecam.write(config + 0x18, 4, (port + 1L) << 8 | (port + 1L) << 16, -1);
        long bits = (long) port << 12;
        ecam.write(config + 0x24, 4, bits | (bits | 0xff0) << 16, -1);
        ecam.write(config + 0x28, 8, 0x80_0000_0080L, -1);
        ecam.write(config + 0x04, 2, 6, -1);
    }

    private static void start(MmioDevice ecam, MmioDevice memory, int port, int devfn) {
        long config = (port + 1L) << 20 | (long) devfn << 12;
        long bar = (long) port << 28 | (long) devfn << 17;
        ecam.write(config + 0x10, 8, HIGH + bar, -1);
        ecam.write(config + 0x04, 2, 6, -1);
        ecam.write(config + 0xa2, 2, 0x8000, -1);
        long entry = bar + 0x1000 + 2047 * 16;
        memory.write(entry, 8, 0x8090040, -1);
        memory.write(entry + 8, 8, devfn, -1);
        memory.write(bar + 0xa0, 4, 2047, -1);
    }
}
