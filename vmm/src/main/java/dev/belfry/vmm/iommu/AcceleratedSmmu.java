package dev.belfry.vmm.iommu;

import dev.belfry.host.iommu.ViommuBackend;
import dev.belfry.host.iommufd.HwptAlloc;
import dev.belfry.host.iommufd.HwptData;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.iommufd.VeventRecord;
import dev.belfry.host.iommufd.Veventq;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Gpa;
import dev.belfry.model.smmu.AcceleratedSink;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.StreamPolicy;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.vmm.iommu.Streams.Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// An SMMUv3 whose streams the host's SMMU translates, by nesting: the guest's stage 1 over the
/// stage 2 of a nesting parent.
///
/// The register file, queues and decoder are the engine's; this class is its sink. It turns stream
/// policies into nested HWPTs and attaches devices to them, forwards invalidations, and brings the
/// host's events to the guest's Event queue. Order of calls and of their undoing: facts of QEMU's
/// hw/arm/smmuv3-accel.c.
public final class AcceleratedSmmu implements PciIommuOps, AcceleratedSink {

    /// `IOMMU_VIOMMU_TYPE_ARM_SMMUV3`, also of its event queue and of its invalidation data.
    private static final int TYPE_ARM_SMMUV3 = 1;

    private static final int COMMAND_BYTES = 16;

    /// STE words of the two policies that need no stage 1: V = 1, Config = abort or bypass.
    private static final long STE_ABORT = 0x1;

    private static final long STE_BYPASS = 0x9;

    /// How the doorbell's address is learnt; what QEMU ships is `DIRECT`.
    public enum DoorbellDesign {
        DIRECT,
        WALK,
        GLOBAL_AS
    }

    /// The host objects that all devices of one vSMMU share.
    ///
    /// @param viommu vIOMMU id
    /// @param abort HWPT that terminates
    /// @param bypass HWPT that passes to stage 2
    private record Shared(Iommufd iommufd, int viommu, int abort, int bypass) {}

    private final String name;
    private final Gpa doorbell;
    private final DoorbellDesign design;
    private final AddressSpace shared;
    private final Streams streams = new Streams();
    private final List<String> messages = new ArrayList<>();
    private @Nullable Smmu smmu;
    private @Nullable Shared objects;
    private @Nullable Veventq events;
    private OptionalInt eventQueueLog2Size = OptionalInt.empty();
    private int nextSequence;
    private boolean abortByDefault;

    /// @param name its id
    /// @param doorbell `msi-gpa`, 0 when the machine has no MSI controller
    /// @param shared the alias of system memory that all accelerated SMMUs of the VM share
    public AcceleratedSmmu(String name, Gpa doorbell, DoorbellDesign design, AddressSpace shared) {
        this.name = name;
        this.doorbell = doorbell;
        this.design = design;
        this.shared = shared;
    }

    /// Joins the engine, which was made with this object as its sink.
    public void engine(Smmu engine) {
        this.smmu = engine;
    }

    /// What the host refused so far, as a monitor would print it.
    public List<String> messages() {
        return List.copyOf(messages);
    }

    // ---- PCI IOMMU operations

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<String> refusal(PciDevice device) {
        return switch (device.kind()) {
            case BRIDGE, VFIO_IOMMUFD -> Optional.empty();
            case VFIO_CONTAINER ->
                    Optional.of("vfio-pci needs iommufd= behind an SMMU with accel=on");
            case EMULATED ->
                    Optional.of("emulated endpoints are not allowed behind an SMMU with accel=on");
        };
    }

    @Override
    public AddressSpace addressSpace(PciDevice device) {
        if (device.kind() != PciDevice.Kind.VFIO_IOMMUFD) {
            return translated(device);
        }
        return design == DoorbellDesign.GLOBAL_AS ? new AddressSpace.SystemMemory() : shared;
    }

    private AddressSpace translated(PciDevice device) {
        return new AddressSpace.Translated(
                name,
                address ->
                        smmu == null
                                ? OptionalLong.of(address)
                                : EmulatedSmmu.walk(smmu, device, address));
    }

    @Override
    public boolean wantsNestingParent() {
        return true;
    }

    @Override
    public OptionalLong msiDirectGpa(PciDevice device) {
        return design == DoorbellDesign.DIRECT && doorbell.value() != 0
                ? OptionalLong.of(doorbell.value())
                : OptionalLong.empty();
    }

    @Override
    public Optional<AddressSpace> msiAddressSpace(PciDevice device) {
        return design == DoorbellDesign.WALK ? Optional.of(translated(device)) : Optional.empty();
    }

    /// `set_iommu_device`: binds a device of the host.
    ///
    /// @return why the host refused, or empty
    public Optional<String> setIommuDevice(PciDevice device, HostIommuDevice host) {
        Shared s = objects;
        if (s == null) {
            switch (allocate(host)) {
                case Result.Err<Shared>(var errno, var why) -> {
                    return Optional.of(errno + ": " + why);
                }
                case Result.Ok<Shared>(Shared made) -> s = made;
            }
            objects = s;
        }
        Stream stream = new Stream(device, host);
        if (streams.isEmpty()) {
            eventQueueLog2Size.ifPresent(this::fetchEvents);
            Optional<String> refused = toDefault(s, stream);
            if (refused.isPresent()) {
                free();
                return refused;
            }
        }
        streams.add(stream);
        return Optional.empty();
    }

    /// `unset_iommu_device`: the device leaves, at unplug.
    public void unsetIommuDevice(PciDevice device) {
        Stream stream = streams.of(device);
        if (stream == null) {
            return;
        }
        stream.release();
        streams.remove(stream);
        if (streams.isEmpty()) {
            free();
        }
    }

    private Result<Shared> allocate(HostIommuDevice host) {
        Iommufd fd = host.iommufd();
        return fd.viommuAlloc(0, TYPE_ARM_SMMUV3, host.devId(), host.parentHwpt())
                .then(viommu -> allocateDefaults(fd, host.devId(), viommu));
    }

    /// The abort and bypass HWPTs; what was made is undone when one fails.
    private static Result<Shared> allocateDefaults(Iommufd fd, int devId, int viommu) {
        Result<Integer> abort = fd.hwptAlloc(nested(devId, viommu, STE_ABORT, 0));
        if (!(abort instanceof Result.Ok<Integer>(Integer abortId))) {
            fd.destroy(viommu);
            return abort.map(id -> new Shared(fd, viommu, id, id));
        }
        Result<Integer> bypass = fd.hwptAlloc(nested(devId, viommu, STE_BYPASS, 0));
        if (!bypass.isOk()) {
            fd.destroy(abortId);
            fd.destroy(viommu);
        }
        return bypass.map(id -> new Shared(fd, viommu, abortId, id));
    }

    private static HwptAlloc nested(int devId, int viommu, long ste0, long ste1) {
        return new HwptAlloc(0, devId, viommu, HwptData.armSmmuV3(ste0, ste1), 0);
    }

    private void free() {
        Veventq queue = events;
        Shared s = objects;
        if (s == null) {
            return;
        }
        if (queue != null) {
            queue.close();
            s.iommufd.destroy(queue.objectId());
        }
        s.iommufd.destroy(s.bypass);
        s.iommufd.destroy(s.abort);
        s.iommufd.destroy(s.viommu);
        events = null;
        objects = null;
    }

    // ---- the engine's sink

    @Override
    public int[] boundStreams() {
        return streams.all().stream().mapToInt(s -> s.device().requesterId()).toArray();
    }

    @Override
    public boolean install(int streamId, StreamPolicy policy) {
        Stream stream = streams.of(streamId);
        Shared s = objects;
        if (stream == null || s == null) {
            return true;
        }
        return succeeded(vdevice(s, stream, streamId).or(() -> attach(s, stream, policy)));
    }

    /// The vDEVICE is allocated at the first install and stays, even if later steps fail.
    private static Optional<String> vdevice(Shared s, Stream stream, int streamId) {
        if (stream.vdevice().isPresent()) {
            return Optional.empty();
        }
        return switch (s.iommufd.vdeviceAlloc(
                s.viommu, stream.host().devId(), Integer.toUnsignedLong(streamId))) {
            case Result.Ok<Integer>(Integer id) -> {
                stream.hasVdevice(id);
                yield Optional.empty();
            }
            case Result.Err<Integer>(var errno, var why) ->
                    Optional.of(
                            "vDEVICE for " + stream.host().hostName() + ": " + errno + ", " + why);
        };
    }

    private static Optional<String> attach(Shared s, Stream stream, StreamPolicy policy) {
        return switch (policy) {
            case StreamPolicy.Abort() -> stream.attach(s.abort, false, "abort");
            case StreamPolicy.Bypass() -> stream.attach(s.bypass, false, "bypass");
            case StreamPolicy.Translate(long ste0, long ste1) ->
                    switch (s.iommufd.hwptAlloc(
                            nested(stream.host().devId(), s.viommu, ste0, ste1))) {
                        case Result.Ok<Integer>(Integer id) -> stream.attach(id, true, "translate");
                        case Result.Err<Integer>(var errno, var why) ->
                                Optional.of(
                                        "nested HWPT for "
                                                + stream.host().hostName()
                                                + ": "
                                                + errno
                                                + ", "
                                                + why);
                    };
        };
    }

    @Override
    public boolean globalBypass(boolean abort) {
        abortByDefault = abort;
        Shared s = objects;
        boolean all = true;
        if (s != null) {
            for (Stream stream : streams.all()) {
                all &= succeeded(toDefault(s, stream));
            }
        }
        return all;
    }

    private Optional<String> toDefault(Shared s, Stream stream) {
        return abortByDefault
                ? stream.attach(s.abort, false, "abort (GBPA)")
                : stream.attach(s.bypass, false, "bypass (GBPA)");
    }

    @Override
    public int invalidate(List<long[]> commands) {
        Shared s = objects;
        if (s == null) {
            return commands.size();
        }
        ViommuBackend.Invalidated done =
                s.iommufd.hwptInvalidate(s.viommu, TYPE_ARM_SMMUV3, COMMAND_BYTES, commands);
        done.errno()
                .ifPresent(e -> messages.add(name + ": invalidation: " + e + ", " + done.why()));
        return done.errno().isPresent() ? done.handled() : commands.size();
    }

    @Override
    public void eventQueueEnabled(int log2Size) {
        eventQueueLog2Size = OptionalInt.of(log2Size);
        if (objects != null && events == null) {
            fetchEvents(log2Size);
        }
    }

    private void fetchEvents(int log2Size) {
        Shared s = objects;
        if (s == null) {
            return;
        }
        switch (s.iommufd.veventqAlloc(0, s.viommu, TYPE_ARM_SMMUV3, 1 << log2Size)) {
            case Result.Ok<Veventq>(Veventq queue) -> {
                events = queue;
                nextSequence = 0;
                queue.onReadable(() -> forwardEvents(queue));
            }
            case Result.Err<Veventq>(var errno, var why) ->
                    messages.add(name + ": the host's events cannot be had: " + errno + ", " + why);
        }
    }

    private void forwardEvents(Veventq queue) {
        List<VeventRecord> records = queue.read(1 << 16, 0).orThrow();
        Smmu engine = smmu;
        for (VeventRecord r : records) {
            if (r.lostEvents()) {
                messages.add(name + ": the host's event queue overflowed");
                nextSequence = r.sequence() + 1;
                continue;
            }
            if (r.sequence() != nextSequence) {
                messages.add(name + ": lost " + (r.sequence() - nextSequence) + " events");
            }
            nextSequence = (r.sequence() + 1) & Integer.MAX_VALUE;
            if (engine != null) {
                engine.deliverEvent(event(r));
            }
        }
    }

    private static EventRecord event(VeventRecord r) {
        long[] words = new long[4];
        for (int i = 0; i < 32; i++) {
            words[i / 8] |= (long) r.event().at(i) << (8 * (i % 8));
        }
        return new EventRecord(words[0], words[1], words[2], words[3]);
    }

    private boolean succeeded(Optional<String> refused) {
        refused.ifPresent(why -> messages.add(name + ": " + why));
        return refused.isEmpty();
    }

    // ---- what a person wants to see

    /// A bound device's state.
    ///
    /// @param policy `abort`, `bypass`, `translate`, or why none is installed
    /// @param nestedHwpt its own HWPT, when it translates
    /// @param viommu the vIOMMU
    /// @param vdevice its vDEVICE
    public record StreamInfo(
            String policy, OptionalInt nestedHwpt, OptionalInt viommu, OptionalInt vdevice) {}

    /// The state of `device`; empty when it is not bound here.
    public Optional<StreamInfo> stream(PciDevice device) {
        Stream s = streams.of(device);
        Shared o = objects;
        return s == null || o == null
                ? Optional.empty()
                : Optional.of(
                        new StreamInfo(
                                s.policy(), s.nestedHwpt(), OptionalInt.of(o.viommu), s.vdevice()));
    }
}
