package dev.belfry.model.pci;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.spec.MsiCapability;
import dev.belfry.model.pci.spec.MsixEntry;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The hop MSI_ENTRY: the message as programmed, and whether it leaves the function.
final class MessageReport {

    private MessageReport() {}

    /// Writes a message to memory.
    static MsiOutcome send(PciFunction function, long address, int data) {
        byte[] message = {
            (byte) data, (byte) (data >>> 8), (byte) (data >>> 16), (byte) (data >>> 24)
        };
        return function.dmaWrite(address, message) ? MsiOutcome.DELIVERED : MsiOutcome.ABORTED;
    }

    static void msix(
            Msix msix,
            PciFunction function,
            int vector,
            @Nullable MsiOutcome held,
            @Nullable PciFunction blocker) {
        Probe probe = probe(function);
        if (!probe.on()) {
            return;
        }
        MsixEntry entry = msix.entry(vector);
        Observation.Builder seen = Observation.of(HopKind.MSI_ENTRY);
        OptionalLong at = msix.entryAddress(vector);
        if (at.isPresent()) {
            seen.read(at.getAsLong(), Bytes.ofWords(entry.word0(), entry.word1()));
        }
        seen.field("vector", vector)
                .hex("address", entry.address())
                .hex("data", entry.data() & 0xffff_ffffL)
                .field("masked", entry.masked())
                .field("functionMask", msix.functionMask())
                .field("enabled", msix.enabled());
        String mask =
                msix.functionMask()
                        ? "Function Mask is set: all vectors are masked, the Pending Bit Array"
                                + " remembers the interrupt (PCIe 7.7.2.2)"
                        : "the vector's Mask bit is set: the Pending Bit Array remembers the"
                                + " interrupt (PCIe 7.7.2.8)";
        probe.observe(judge(seen, "MSI-X", mask, held, blocker));
    }

    static void msi(
            MsiCapability msi,
            PciFunction function,
            int vector,
            @Nullable MsiOutcome held,
            @Nullable PciFunction blocker) {
        Probe probe = probe(function);
        if (!probe.on()) {
            return;
        }
        Observation.Builder seen =
                Observation.of(HopKind.MSI_ENTRY)
                        .field("vector", vector)
                        .hex("address", msi.address())
                        .hex("data", msi.dataOf(vector))
                        .field("masked", msi.masked(vector))
                        .field("enabled", msi.enabled());
        String mask =
                "the vector's bit in Mask Bits is set: Pending Bits remembers the interrupt"
                        + " (PCIe 7.7.1.7)";
        probe.observe(judge(seen, "MSI", mask, held, blocker));
    }

    private static Probe probe(PciFunction function) {
        return function.isAttached() ? function.bus().segment().probe() : Probe.NONE;
    }

    private static Observation judge(
            Observation.Builder seen,
            String kind,
            String mask,
            @Nullable MsiOutcome held,
            @Nullable PciFunction blocker) {
        if (held == null) {
            return seen.ok("the function writes the data to the address (PCIe 6.1.4)");
        }
        return switch (held) {
            case DISABLED ->
                    seen.broken(kind + " Enable is 0: the function sends no " + kind + " messages");
            case PENDING -> seen.broken(mask);
            case NO_BUS_MASTER ->
                    seen.broken(
                            "Bus Master Enable is 0 in "
                                    + blocker
                                    + ": a message is a memory write and may not be issued or"
                                    + " forwarded (PCIe 7.5.1.1.3)");
            case DELIVERED, ABORTED, NO_SUCH_VECTOR -> seen.unknown("not held back");
        };
    }
}
