package dev.belfry.lab.explain;

import dev.belfry.guest.firmware.HostBridge;
import dev.belfry.guest.firmware.IdMap;
import dev.belfry.guest.firmware.ReservedMemory;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.system.SystemView.Function;
import java.util.Optional;

/// What firmware's tables say, against what the machine does.
final class FirmwareChecks {

    private final Inventory inventory;
    private final Streams streams;
    private final FindingList findings;

    FirmwareChecks(Inventory inventory, Streams streams, FindingList findings) {
        this.inventory = inventory;
        this.streams = streams;
        this.findings = findings;
    }

    /// What firmware maps of one hierarchy should be all behind an SMMU or all not: an IORT made
    /// for the buses that firmware numbered leaves out those that came later.
    void idMaps(Function f, String name) {
        Optional<HostBridge> bridge = inventory.ids().bridge(f.bdf());
        ConfigSpace config = inventory.topology().config(f.bdf());
        boolean isBridge = config.headerType().isBridge() && config.secondaryBus() > f.bdf().bus();
        int own = inventory.topology().requesterId(f.bdf());
        bridge.ifPresent(b -> idMap(f, name, b, own));
        if (isBridge) {
            bridge.ifPresent(b -> idMap(f, name, b, config.secondaryBus() << 8));
        }
    }

    private void idMap(Function f, String name, HostBridge bridge, int rid) {
        if (inventory.ids().leftOut(f.bdf(), bridge, rid).isPresent()
                && IdMap.find(bridge.msiMaps(), rid).isPresent()) {
            findings.add(
                    "id-map-without-smmu",
                    "warning",
                    name,
                    "firmware maps requester id "
                            + Hex.of(rid)
                            + " to an MSI controller, but to no SMMU, unlike others of its"
                            + " hierarchy",
                    "The SMMU sees its DMA and messages all the same, as a stream that nobody"
                            + " set up.");
        }
    }

    /// Reserved regions, which an accelerated vSMMU needs for the host's doorbells.
    void reservedMemory(Function f, String name, Streams.Seen stream) {
        Optional<HostBridge> bridge = inventory.ids().bridge(f.bdf());
        boolean sendsNothing = inventory.topology().config(f.bdf()).headerType().isBridge();
        if (bridge.isEmpty() || sendsNothing) {
            return;
        }
        for (ReservedMemory rmr :
                inventory.ids().reserved(stream.smmu().orElse(0), stream.streamId())) {
            reserved(name, stream, bridge.get(), rmr);
        }
    }

    private void reserved(String name, Streams.Seen stream, HostBridge bridge, ReservedMemory rmr) {
        String range = Hex.of(rmr.base()) + " + " + Hex.of(rmr.length());
        if (!bridge.preserveConfig()) {
            findings.add(
                    "rmr-without-dsm",
                    "error",
                    name,
                    "the IORT reserves "
                            + range
                            + " for its stream, but no _DSM asks the guest to"
                            + " keep the boot configuration",
                    "Linux ignores RMRs then: the host's doorbell is not mapped in stage 1, and the"
                            + " device's messages are lost on the host.");
            return;
        }
        if (!stream.stage1()) {
            return;
        }
        StreamWalks.Walk first = streams.write(stream, rmr.base());
        boolean identity = first.output().orElse(~rmr.base()) == rmr.base();
        String what = Doorbells.inSwMsiWindow(rmr.base()) ? "the host's SW_MSI window" : "a region";
        findings.add(
                "rmr",
                identity ? "note" : "error",
                name,
                what
                        + " "
                        + range
                        + " is reserved for its stream and is "
                        + (identity ? "" : "NOT ")
                        + "mapped 1:1 in stage 1",
                "The vSMMU is accelerated: the host writes its own doorbell into the device, and"
                        + " stage 1 must pass it. The host must have its MSI window there, a nesting"
                        + " parent with stage 2 for it, and a vIOMMU with this stream's vDEVICE.");
    }
}
