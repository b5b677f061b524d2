package dev.belfry.host.description;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.smmu.spec.CmdqvLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Whether what a description places in the physical address space and in tables fits together.
final class Layout {

    private record Frame(String name, long base, long size) {
        boolean overlaps(Frame o) {
            return base < o.base + o.size && o.base < base + size;
        }
    }

    private static final long FRAME_64K = 0x1_0000;

    // Where HostMachine puts configuration space and BARs.
    private static final long PCI_32 = 0x4000_0000L;
    private static final long PCI_32_SIZE = 0x4000_0000L;
    private static final long PCI_64 = 0x3000_0000_0000L;

    private Layout() {}

    static void check(HostDescription host, YamlMap root) {
        List<Frame> frames = new ArrayList<>();
        frames.add(new Frame("RAM", host.ramBase(), host.ramSize()));
        frames.add(new Frame("the distributor", host.gic().distributor(), FRAME_64K));
        frames.add(
                new Frame(
                        "the redistributors",
                        host.gic().redistributors(),
                        host.cpus() * 2L * FRAME_64K));
        frames.add(new Frame("memory of PCI devices", PCI_32, PCI_32_SIZE));
        frames.add(new Frame("memory of PCI devices", PCI_64, Long.MAX_VALUE - PCI_64));
        host.smmus().forEach(s -> frames.add(new Frame(s.name(), s.base(), 2 * FRAME_64K)));
        for (SmmuDescription s : host.smmus()) {
            s.cmdqv()
                    .ifPresent(c ->
                            frames.add(
                                    new Frame(
                                            "the CMDQ-V of " + s.name(),
                                            c.base(),
                                            CmdqvLayout.frameSize(
                                                    1 << c.parameters().log2Vintfs()))));
        }
        host.itss().forEach(i -> frames.add(new Frame(i.name(), i.base(), 2 * FRAME_64K)));
        for (int i = 0; i < frames.size(); i++) {
            for (Frame other : frames.subList(0, i)) {
                Frame f = frames.get(i);
                if (f.overlaps(other)) {
                    throw root.error(
                            "ram",
                            f.name + " at " + Hex.of(f.base) + " overlaps " + other.name,
                            "move one of them");
                }
            }
        }
        Set<String> streams = new HashSet<>();
        Set<String> ids = new HashSet<>();
        for (DeviceDescription d : host.devices()) {
            if (!streams.add(d.smmu() + " " + d.streamId())) {
                throw root.error(
                        "devices",
                        "two devices of " + d.smmu() + " have StreamID " + Hex.of(d.streamId()),
                        "give one another stream-id");
            }
            if (!ids.add(d.its() + " " + d.itsDeviceId())) {
                throw root.error(
                        "devices",
                        "two devices of " + d.its() + " have DeviceID " + Hex.of(d.itsDeviceId()),
                        "give one another device-id");
            }
        }
    }
}
