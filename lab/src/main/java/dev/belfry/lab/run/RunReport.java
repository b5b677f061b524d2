package dev.belfry.lab.run;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Where;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What happened on one run. JSON keys follow the component names (docs/json.md).
///
/// @param machine what was built
/// @param devices every PCI function with a part in the run, in guest BDF order
/// @param vectors one for each MSI-X or MSI vector of each device
/// @param dma one for each device and direction
/// @param events SMMU events on both sides, in order
/// @param notes what a user should know: findings, refusals, options without bearing here
/// @param steps what was done to the machine while it ran
public record RunReport(
        Machine machine,
        List<Device> devices,
        List<Vector> vectors,
        List<Dma> dma,
        List<Event> events,
        List<Note> notes,
        List<Step> steps) {

    public RunReport {
        steps = List.copyOf(steps);
    }

    /// Whether every vector was delivered (or is masked on purpose), every byte verified, nothing
    /// refused by the host, and every step came out as it should.
    public boolean allWell() {
        return vectors.stream().allMatch(v -> v.delivered() || v.masked())
                && dma.stream().allMatch(Dma::verified)
                && notes.stream().noneMatch(n -> n.severity().equals("error"))
                && steps.stream().allMatch(Step::expected);
    }

    /// This report with only one device's rows, and of those only one vector's if `vector` is not
    /// negative.
    public RunReport of(String bdf, int vector) {
        return new RunReport(
                machine,
                devices.stream().filter(d -> d.device().equals(bdf)).toList(),
                vectors.stream()
                        .filter(v -> v.device().equals(bdf))
                        .filter(v -> vector < 0 || v.vector() == vector)
                        .toList(),
                dma.stream().filter(d -> d.device().equals(bdf)).toList(),
                events,
                notes,
                steps);
    }

    /// This report with more notes.
    RunReport withNotes(List<Note> more) {
        List<Note> all = new ArrayList<>(notes);
        all.addAll(more);
        return new RunReport(machine, devices, vectors, dma, events, all, steps);
    }

    /// The guest BDFs of all devices.
    public List<String> deviceNames() {
        return devices.stream().map(Device::device).toList();
    }

    /// The machine that the command line describes.
    ///
    /// @param name machine type, `virt`
    /// @param vcpus how many
    /// @param ramBytes guest RAM
    /// @param accel `kvm` or `tcg`
    /// @param gic `GICv3`, `GICv2`
    /// @param msiController `ITS`, `GICv2m`, `none`
    /// @param doorbell guest-physical address that devices' messages go to, if there is one
    /// @param firmware `ACPI` or `device tree`
    /// @param guestCommandLine `-append`
    /// @param host one line about the host
    /// @param smmus in the order of the command line
    public record Machine(
            String name,
            int vcpus,
            long ramBytes,
            String accel,
            String gic,
            String msiController,
            OptionalLong doorbell,
            String firmware,
            String guestCommandLine,
            String host,
            List<GuestSmmu> smmus) {}

    /// One SMMU of the guest.
    ///
    /// @param id its `id=`, or a name of ours
    /// @param bus the PCI root bus it serves
    /// @param base MMIO base
    /// @param mode `emulated` or `accelerated`
    /// @param properties as resolved: stage, oas, ril, ats, ssidsize, …
    /// @param host the physical SMMU behind it, accelerated only
    /// @param parentHwpt id of the nesting parent, accelerated only
    /// @param commands where the guest's commands went
    public record GuestSmmu(
            String id,
            String bus,
            long base,
            String mode,
            String properties,
            Optional<String> host,
            OptionalInt parentHwpt,
            Commands commands) {}

    /// Where the commands of a guest for one SMMU went.
    ///
    /// @param trapped how many the VMM carried out: those of the SMMU's own queue
    /// @param cmdqv the queues that hardware reads, if there are any
    public record Commands(long trapped, Optional<Cmdqv> cmdqv) {}

    /// A guest's CMDQV.
    ///
    /// @param base its frame
    /// @param intid of its error interrupt
    /// @param queues how many of its queues have hardware behind them
    /// @param commands how many the hardware took from them, past the VMM
    /// @param exits accesses to its registers that the VMM emulated
    /// @param accessesPast accesses to its registers that went past the VMM
    public record Cmdqv(
            long base, int intid, int queues, long commands, long exits, long accessesPast) {}

    /// One device.
    ///
    /// @param device guest BDF
    /// @param name its `id=`, or driver
    /// @param driver QEMU's name: `vfio-pci`, `nvme`, …
    /// @param hostDevice host BDF, for passed-through devices
    /// @param streamId the guest's StreamID, if it is behind an SMMU
    /// @param hostStreamId the physical StreamID
    /// @param smmu the guest's SMMU
    /// @param addressSpace which address space the VMM gives it
    /// @param policy stream policy as installed: `abort`, `bypass`, `translate`
    /// @param hwpt what it is attached to on the host: `nested #7 on vIOMMU #3`
    public record Device(
            String device,
            String name,
            String driver,
            Optional<String> hostDevice,
            OptionalInt streamId,
            OptionalInt hostStreamId,
            Optional<String> smmu,
            String addressSpace,
            String policy,
            Optional<String> hwpt) {}

    /// One vector's way.
    ///
    /// @param device guest BDF
    /// @param vector index
    /// @param masked masked by the guest
    /// @param delivered the guest's handler ran
    /// @param stoppedAt kind of the first broken hop
    /// @param sentence one sentence that tells it
    /// @param way the main addresses of the way
    /// @param hops all hops
    public record Vector(
            String device,
            int vector,
            boolean masked,
            boolean delivered,
            Optional<HopKind> stoppedAt,
            String sentence,
            Way way,
            List<Hop> hops) {}

    /// The addresses on a vector's way, as far as it came.
    ///
    /// @param giova address that the guest programmed
    /// @param guestDoorbell where the guest's stage 1 takes it
    /// @param gsi KVM's GSI
    /// @param routeAddress address of the KVM route
    /// @param routeData data of the KVM route
    /// @param routeDeviceId DeviceID of the KVM route
    /// @param hostIova address that the physical device is programmed with
    /// @param hostIpa where stage 1 takes that
    /// @param hostDoorbell where stage 2 takes that
    /// @param hostLpi LPI on the host
    /// @param guestIntid LPI or SPI in the guest
    /// @param vcpu who took it
    public record Way(
            OptionalLong giova,
            OptionalLong guestDoorbell,
            OptionalInt gsi,
            OptionalLong routeAddress,
            OptionalLong routeData,
            OptionalInt routeDeviceId,
            OptionalLong hostIova,
            OptionalLong hostIpa,
            OptionalLong hostDoorbell,
            OptionalInt hostLpi,
            OptionalInt guestIntid,
            OptionalInt vcpu) {}

    /// One direction of one device's DMA.
    ///
    /// @param device guest BDF
    /// @param direction `toDevice` or `fromDevice`
    /// @param bytes moved
    /// @param verified whether the bytes arrived as sent
    /// @param sentence what happened
    public record Dma(
            String device, String direction, long bytes, boolean verified, String sentence) {}

    /// One SMMU event.
    ///
    /// @param where who saw it
    /// @param smmu whose queue it was in
    /// @param type name of the event: `F_TRANSLATION`
    /// @param streamId of the record
    /// @param address input address of the record, if the type has one
    /// @param bytes the record's 32 bytes
    /// @param sentence what it means
    public record Event(
            Where where,
            String smmu,
            String type,
            int streamId,
            OptionalLong address,
            Bytes bytes,
            String sentence) {}

    /// A note to the user.
    ///
    /// @param severity `note`, `warning`, or `error`: the host refused a call
    /// @param text one or two sentences
    public record Note(String severity, String text) {}
}
