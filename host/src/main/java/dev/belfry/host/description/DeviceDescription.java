package dev.belfry.host.description;

import dev.belfry.model.pci.spec.Bdf;
import java.util.List;

/// A PCI function of the host that may be passed through.
///
/// @param bdf where it is
/// @param vendorId 16 bits
/// @param deviceId 16 bits
/// @param classCode 24 bits
/// @param bars its BARs, the first of which is BAR0
/// @param msixVectors 0..2048; 0 when it has no MSI-X
/// @param msixBar the BAR that holds table and PBA: from its beginning, or behind the registers of
///   BAR0
/// @param msiVectors 0, 1, 2, 4, 8, 16 or 32
/// @param pin INTx pin: 1 = INTA to 4 = INTD; 0 when it has none, as a virtual function
/// @param ats it has the ATS capability
/// @param pri it has the PRI capability
/// @param pasidBits width of its PASIDs, 0 when it has none
/// @param smmu the SMMU that it is behind
/// @param streamId its StreamID there
/// @param its the ITS that it signals
/// @param itsDeviceId its DeviceID there
/// @param group its IOMMU group
/// @param isolatedMsi others cannot forge its MSIs
/// @param coherent its DMA is cache coherent
public record DeviceDescription(
        Bdf bdf,
        int vendorId,
        int deviceId,
        int classCode,
        List<BarDescription> bars,
        int msixVectors,
        int msixBar,
        int msiVectors,
        int pin,
        boolean ats,
        boolean pri,
        int pasidBits,
        String smmu,
        int streamId,
        String its,
        int itsDeviceId,
        int group,
        boolean isolatedMsi,
        boolean coherent) {

    public DeviceDescription {
        bars = List.copyOf(bars);
    }

    /// The same with another pin.
    public DeviceDescription withPin(int now) {
        return new DeviceDescription(
                bdf,
                vendorId,
                deviceId,
                classCode,
                bars,
                msixVectors,
                msixBar,
                msiVectors,
                now,
                ats,
                pri,
                pasidBits,
                smmu,
                streamId,
                its,
                itsDeviceId,
                group,
                isolatedMsi,
                coherent);
    }
}
