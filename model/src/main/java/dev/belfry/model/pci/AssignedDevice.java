package dev.belfry.model.pci;

import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.PortType;
import java.util.List;

/// A device as one passes through: an accelerator or NIC, described by what matters to DMA and
/// interrupts. BAR0 begins with a [DmaEngine].
///
/// @param identity what it says it is
/// @param bars its BARs; the first must be BAR0 with at least 4 KiB
/// @param msixVectors 1..2048, or 0 for none
/// @param msixBar the BAR with the MSI-X table at [#msixOffset] and the PBA behind it
/// @param msixOffset offset of the table, a multiple of 8; in BAR0 at least 0x1000
/// @param msiVectors 1..32, or 0 for none
/// @param pin INTx pin: 1 = INTA to 4 = INTD, or 0 for none
/// @param pasidWidth Max PASID Width, 1..20, or 0 for none
/// @param ats whether it has Address Translation Services
/// @param pri whether it has the Page Request Interface
public record AssignedDevice(
        FunctionIdentity identity,
        List<BarSize> bars,
        int msixVectors,
        int msixBar,
        long msixOffset,
        int msiVectors,
        int pin,
        int pasidWidth,
        boolean ats,
        boolean pri) {

    /// A BAR.
    ///
    /// @param size bytes, a power of two; nothing is allocated for it
    public record BarSize(int index, Bar.Kind kind, boolean prefetchable, long size) {}

    public AssignedDevice {
        bars = List.copyOf(bars);
    }

    /// An endpoint like this, on no bus yet.
    ///
    /// @throws IllegalArgumentException when the BARs do not hold what is to be in them
    public Endpoint create() {
        Endpoint e = new Endpoint(identity, true);
        for (BarSize b : bars) {
            e.addBar(b.index, b.kind, b.prefetchable, b.size);
        }
        e.bar(0)
                .orElseThrow(() -> new IllegalArgumentException("there must be a BAR0"))
                .place(0, new DmaEngine(e, 0x1000, -1));
        if (pin > 0) {
            e.addPin(pin);
        }
        Capabilities.powerManagement(e, 0x40);
        if (msiVectors > 0) {
            e.addMsi(0x48, msiVectors, true, true);
        }
        Capabilities.express(e, 0x60, PortType.ENDPOINT, true);
        if (msixVectors > 0) {
            long pba = msixOffset + ((msixVectors * 16L + 0xfff) & ~0xfffL);
            e.addMsix(0xa0, msixVectors, msixBar, msixOffset, msixBar, pba);
        }
        Capabilities.errorReporting(e, 0x100);
        Capabilities.accessControl(e, 0x148);
        if (ats) {
            Capabilities.addressTranslation(e, 0x160, 32);
        }
        if (pri) {
            Capabilities.pageRequest(e, 0x170, 512);
        }
        if (pasidWidth > 0) {
            Capabilities.pasid(e, 0x180, pasidWidth);
        }
        return e;
    }
}
