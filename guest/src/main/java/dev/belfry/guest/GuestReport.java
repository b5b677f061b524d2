package dev.belfry.guest;

import dev.belfry.guest.dma.Direction;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.spec.EventRecord;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What can be said about the guest after boot, as plain records.
///
/// @param devices PCI functions
/// @param vectors MSI-X vectors that drivers have
/// @param events records taken from the Event queues, oldest first
/// @param dma transfers, oldest first
/// @param problems what the kernel log would say went wrong
public record GuestReport(
        List<Device> devices,
        List<Vector> vectors,
        List<Event> events,
        List<Transfer> dma,
        List<String> problems) {

    public GuestReport {
        devices = List.copyOf(devices);
        vectors = List.copyOf(vectors);
        events = List.copyOf(events);
        dma = List.copyOf(dma);
        problems = List.copyOf(problems);
    }

    /// A PCI function.
    ///
    /// @param bdf where it is
    /// @param vendorId 16 bits
    /// @param deviceCode PCI Device ID, 16 bits
    /// @param classCode 24 bits
    /// @param smmu index of the SMMU, empty when none sees its transactions
    /// @param streamId StreamID there
    /// @param msiController index of the MSI controller, empty when it has none
    /// @param deviceId DeviceID there
    /// @param group IOMMU group, -1 without SMMU
    /// @param domain what it is attached to
    /// @param driven whether a driver has it
    public record Device(
            Bdf bdf,
            int vendorId,
            int deviceCode,
            int classCode,
            OptionalInt smmu,
            OptionalLong streamId,
            OptionalInt msiController,
            OptionalLong deviceId,
            int group,
            DomainKind domain,
            boolean driven) {}

    /// A vector.
    ///
    /// @param bdf whose
    /// @param vector index in the MSI-X table
    /// @param messageAddress as programmed: the doorbell's IOVA where the device is translated
    /// @param messageData as programmed: EventID, or SPI
    /// @param doorbell physical address behind it
    /// @param intId LPI or SPI
    /// @param cpu where it goes
    /// @param masked whether the table entry is masked
    /// @param taken how often the guest took it
    public record Vector(
            Bdf bdf,
            int vector,
            long messageAddress,
            int messageData,
            long doorbell,
            int intId,
            int cpu,
            boolean masked,
            long taken) {}

    /// A record of an Event queue.
    ///
    /// @param smmu index of the SMMU
    /// @param event the record
    public record Event(int smmu, EventRecord event) {}

    /// A transfer that a driver had its device do.
    ///
    /// @param bdf whose
    /// @param direction which way
    /// @param address what the device was given
    /// @param bytes how many
    /// @param verified the bytes arrived
    public record Transfer(
            Bdf bdf, Direction direction, long address, int bytes, boolean verified) {}
}
