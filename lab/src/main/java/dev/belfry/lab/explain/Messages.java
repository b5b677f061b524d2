package dev.belfry.lab.explain;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.pci.spec.MsiCapability;
import dev.belfry.model.pci.spec.MsixCapability;
import dev.belfry.model.pci.spec.MsixEntry;
import dev.belfry.model.system.SystemView.Function;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The messages that a function is programmed to send.
final class Messages {

    private final Topology topology;

    Messages(Topology topology) {
        this.topology = topology;
    }

    /// One message as programmed.
    ///
    /// @param bdf who sends it
    /// @param vector its index
    /// @param msix whether it is an MSI-X table entry, else of the MSI capability
    /// @param at physical address of the table entry; 0 when there is none
    /// @param address Message Address
    /// @param data Message Data
    /// @param control Vector Control; 0 for MSI
    /// @param masked by the entry or the function
    /// @param programmed whether software ever gave it an address
    /// @param blocked why the function cannot send at all; empty when it can
    record Message(
            Bdf bdf,
            int vector,
            boolean msix,
            long at,
            long address,
            int data,
            int control,
            boolean masked,
            boolean programmed,
            String blocked) {

        /// The hop as read; the verdict is up to the caller.
        Observation.Builder hop() {
            Observation.Builder hop = Observation.of(HopKind.MSI_ENTRY);
            if (at != 0) {
                hop.read(at, bytes());
            }
            return hop.field("type", msix ? "MSI-X" : "MSI")
                    .hex("Message Address", address)
                    .hex("Message Data", data)
                    .field("Mask", masked);
        }

        private Bytes bytes() {
            return Bytes.ofWords(address, (data & 0xffff_ffffL) | (long) control << 32);
        }
    }

    /// All messages of a function: its MSI-X table when that is enabled, else its MSI vectors.
    List<Message> of(Function function) {
        ConfigSpace config = topology.config(function.bdf());
        Optional<MsixCapability> msix = config.msix();
        if (msix.isPresent() && msix.get().enabled()) {
            return table(function, msix.get(), blocked(function.bdf()));
        }
        return config.msi()
                .filter(MsiCapability::enabled)
                .map(msi -> vectors(function.bdf(), msi))
                .orElse(List.of());
    }

    /// The MSI-X table of a function that has not enabled it: what it holds is not sent.
    List<Message> switchedOff(Function function) {
        return topology.config(function.bdf())
                .msix()
                .filter(m -> !m.enabled())
                .map(m ->
                        table(
                                function,
                                m,
                                "MSI-X Enable is 0: the function sends no message (PCIe 7.7.2.2)."))
                .orElse(List.of());
    }

    /// What a function says about its interrupts, in a few words.
    String summary(Function function) {
        ConfigSpace config = topology.config(function.bdf());
        Optional<MsixCapability> msix = config.msix();
        Optional<MsiCapability> msi = config.msi();
        if (msix.isPresent() && msix.get().enabled()) {
            long used = programmed(function.msixTable().toArray(), msix.get());
            return "MSI-X %d of %d%s"
                    .formatted(
                            used,
                            msix.get().vectors(),
                            msix.get().functionMask() ? ", all masked" : "");
        }
        if (msi.isPresent() && msi.get().enabled()) {
            return "MSI %d of %d".formatted(msi.get().vectorsEnabled(), msi.get().vectorsCapable());
        }
        if (msix.isPresent()) {
            return "MSI-X off";
        }
        return msi.isPresent() ? "MSI off" : "none";
    }

    /// How many vectors a function could have; 0 for none.
    int capable(Bdf bdf) {
        ConfigSpace config = topology.config(bdf);
        int msix = config.msix().map(MsixCapability::vectors).orElse(0);
        return Math.max(msix, config.msi().map(MsiCapability::vectorsCapable).orElse(0));
    }

    private static int programmed(byte[] table, MsixCapability msix) {
        int out = 0;
        for (int i = 0; i < Math.min(MsixEntry.count(table), msix.vectors()); i++) {
            MsixEntry e = MsixEntry.of(table, i);
            out += programmed(e, msix) ? 1 : 0;
        }
        return out;
    }

    /// Whether software ever gave the entry an address; of a function whose MSI-X is off, any is
    /// told.
    private static boolean programmed(MsixEntry e, MsixCapability msix) {
        boolean masked = e.masked() || msix.functionMask();
        return !masked || e.address() != 0 || e.data() != 0 || !msix.enabled();
    }

    private List<Message> table(Function function, MsixCapability msix, String blocked) {
        byte[] table = function.msixTable().toArray();
        int count = Math.min(MsixEntry.count(table), msix.vectors());
        List<Message> out = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            MsixEntry e = MsixEntry.of(table, i);
            long at = function.msixTableAddress();
            boolean masked = e.masked() || msix.functionMask();
            out.add(
                    new Message(
                            function.bdf(),
                            i,
                            true,
                            at == 0 ? 0 : at + (long) i * MsixEntry.SIZE,
                            e.address(),
                            e.data(),
                            e.vectorControl(),
                            masked,
                            programmed(e, msix),
                            blocked));
        }
        return out;
    }

    private List<Message> vectors(Bdf bdf, MsiCapability msi) {
        String blocked = blocked(bdf);
        List<Message> out = new ArrayList<>();
        for (int i = 0; i < msi.vectorsEnabled(); i++) {
            out.add(
                    new Message(
                            bdf,
                            i,
                            false,
                            0,
                            msi.address(),
                            msi.dataOf(i),
                            0,
                            msi.masked(i),
                            true,
                            blocked));
        }
        return out;
    }

    /// A message is a memory write, which needs Bus Master Enable all the way up (PCIe 7.5.1.1.3).
    private String blocked(Bdf bdf) {
        int command = topology.config(bdf).command().value();
        if (!topology.config(bdf).command().busMasterEnable()) {
            return "Bus Master Enable is 0 in the function's Command register ("
                    + Hex.of(command)
                    + "), so it sends nothing (PCIe 7.5.1.1.3).";
        }
        return topology.closedBridge(bdf)
                .map(up ->
                        "Bus Master Enable is 0 in the bridge "
                                + topology.name(up)
                                + " above it, which forwards nothing upwards (PCIe 7.5.1.1.3).")
                .orElse("");
    }
}
