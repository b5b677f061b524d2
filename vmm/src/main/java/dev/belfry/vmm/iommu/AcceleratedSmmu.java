package dev.belfry.vmm.iommu;

import dev.belfry.host.iommu.ViommuBackend;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Gpa;
import dev.belfry.model.smmu.AcceleratedSink;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.StreamPolicy;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// An SMMUv3 whose streams the host's SMMU translates, by nesting: the guest's stage 1 over the
/// stage 2 of a nesting parent.
///
/// The register file, queues and decoder are the engine's; this class is its sink. It turns stream
/// policies into nested HWPTs and attaches devices to them ([Stream]), forwards invalidations, and
/// has the host's events brought to the guest's Event queue ([HostEvents]). What the host keeps for
/// all of its devices is [HostObjects].
///
/// When the host refuses a policy or an invalidation, the guest sees CERROR_ILL, as with QEMU; the
/// device, which QEMU would leave with what it had, is put on abort until the guest's next policy
/// takes hold.
public final class AcceleratedSmmu implements PciIommuOps, AcceleratedSink {

    private static final String INVALIDATE = "IOMMU_HWPT_INVALIDATE: ";

    /// How the doorbell's address is learnt; what QEMU ships is `DIRECT`.
    public enum DoorbellDesign {
        DIRECT,
        WALK,
        GLOBAL_AS
    }

    /// What an accelerated SMMU is made with.
    ///
    /// @param name its id
    /// @param doorbell `msi-gpa`, 0 when the machine has no MSI controller
    /// @param shared the alias of system memory that all accelerated SMMUs of the VM share
    /// @param viommu how its vIOMMU is made
    /// @param ownCaches whether invalidations reach the VMM's own caches as well
    /// @param log where refusals of the host go
    public record Setup(
            String name,
            Gpa doorbell,
            DoorbellDesign design,
            AddressSpace shared,
            ViommuOps viommu,
            boolean ownCaches,
            RefusalLog log) {}

    private final Setup setup;
    private final Streams streams = new Streams();
    private final HostEvents events;
    private Optional<HostObjects> objects = Optional.empty();
    private Optional<PciDevice> first = Optional.empty();
    private @Nullable Smmu smmu;
    private boolean abortByDefault;

    public AcceleratedSmmu(Setup setup) {
        this.setup = setup;
        this.events =
                new HostEvents(
                        setup.name,
                        setup.log,
                        event -> {
                            if (smmu != null) {
                                smmu.deliverEvent(event);
                            }
                        });
    }

    /// Joins the engine, which was made with this object as its sink.
    public void engine(Smmu engine) {
        this.smmu = engine;
    }

    // ---- PCI IOMMU operations

    @Override
    public String name() {
        return setup.name;
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
        return setup.design == DoorbellDesign.GLOBAL_AS
                ? new AddressSpace.SystemMemory()
                : setup.shared;
    }

    private AddressSpace translated(PciDevice device) {
        return new AddressSpace.Translated(
                setup.name,
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
        return setup.design == DoorbellDesign.DIRECT && setup.doorbell.value() != 0
                ? OptionalLong.of(setup.doorbell.value())
                : OptionalLong.empty();
    }

    @Override
    public Optional<AddressSpace> msiAddressSpace(PciDevice device) {
        return setup.design == DoorbellDesign.WALK
                ? Optional.of(translated(device))
                : Optional.empty();
    }

    /// `set_iommu_device`: binds a device of the host.
    ///
    /// @return nothing but whether the host let it; a failure changes nothing
    public Result<Done> setIommuDevice(PciDevice device, HostIommuDevice host) {
        Result<HostObjects> had =
                objects.<Result<HostObjects>>map(Result::ok)
                        .orElseGet(() -> HostObjects.allocate(host, setup.viommu));
        if (!(had instanceof Result.Ok<HostObjects>(HostObjects o))) {
            return had.map(x -> Done.DONE);
        }
        if (objects.isEmpty()) {
            first = Optional.of(device);
        }
        objects = Optional.of(o);
        Stream stream = new Stream(device, host, setup.log);
        Result<Done> attached = first(o, stream);
        if (attached.isOk()) {
            streams.add(stream);
        } else if (streams.isEmpty()) {
            free(o);
        }
        return attached;
    }

    /// Where a device is until the guest says what its fate is. Behind an SMMU that is at work it
    /// is abort, which also shows at once whether the host can nest for it here; QEMU leaves it
    /// untranslated. Before that it is GBPA's for the first device, and stage 2 for those after it,
    /// as with QEMU.
    private Result<Done> first(HostObjects o, Stream stream) {
        if (streams.isEmpty()) {
            events.start(o);
        }
        if (isAtWork()) {
            return stream.share(o.abort(), "abort: no policy yet");
        }
        return streams.isEmpty() ? toDefault(o, stream) : Result.done();
    }

    private boolean isAtWork() {
        return smmu != null
                && SmmuRegister.Cr0.SMMUEN.isSet(smmu.read(SmmuRegister.CR0.offset(), 4));
    }

    /// Why a device must not be unplugged (`qdev_add_unplug_blocker`); empty when it may go.
    public Optional<String> unplugBlocker(PciDevice device) {
        boolean stays = setup.viommu.keepsFirstDevice() && first.filter(device::equals).isPresent();
        return stays && objects.isPresent()
                ? Optional.of(
                        "the vIOMMU of "
                                + setup.name
                                + " was made for this device, and the guest's command queues"
                                + " (CMDQV) are on it")
                : Optional.empty();
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
            objects.ifPresent(this::free);
        }
    }

    private void free(HostObjects o) {
        events.stop(o);
        o.free(setup.name);
        objects = Optional.empty();
        first = Optional.empty();
    }

    // ---- the engine's sink

    @Override
    public int[] boundStreams() {
        return streams.all().stream().mapToInt(s -> s.device().requesterId()).sorted().toArray();
    }

    @Override
    public boolean install(int streamId, StreamPolicy policy) {
        Stream stream = streams.of(streamId);
        if (stream == null || objects.isEmpty()) {
            return true;
        }
        HostObjects o = objects.get();
        return followed(
                o,
                stream,
                stream.needVdevice(o, streamId)
                        .then(d -> refresh(o, stream, streamId, policy))
                        .then(d -> attach(o, stream, policy)));
    }

    private static Result<Done> attach(HostObjects o, Stream stream, StreamPolicy policy) {
        return switch (policy) {
            case StreamPolicy.Abort() -> stream.share(o.abort(), "abort");
            case StreamPolicy.Bypass() -> stream.share(o.bypass(), "bypass");
            case StreamPolicy.Translate(long ste0, long ste1) -> stream.translate(o, ste0, ste1);
        };
    }

    /// A device that misses an invalidation leaves abort only after everything was invalidated.
    private static Result<Done> refresh(
            HostObjects o, Stream stream, int streamId, StreamPolicy policy) {
        if (!stream.stale() || policy instanceof StreamPolicy.Abort) {
            return Result.done();
        }
        ViommuBackend.Invalidated done =
                o.invalidate(
                        List.of(
                                new Command.TlbiNsnhAll().encode(),
                                new Command.CfgiCdAll(streamId, false).encode()));
        if (done.errno().isPresent()) {
            return Result.err(done.errno().get(), INVALIDATE + done.why());
        }
        stream.refreshed();
        return Result.done();
    }

    @Override
    public boolean globalBypass(boolean abort) {
        abortByDefault = abort;
        boolean all = true;
        if (objects.isPresent()) {
            for (Stream stream : streams.all()) {
                all &= followed(objects.get(), stream, toDefault(objects.get(), stream));
            }
        }
        return all;
    }

    private Result<Done> toDefault(HostObjects o, Stream stream) {
        return abortByDefault
                ? stream.share(o.abort(), "abort (GBPA)")
                : stream.share(o.bypass(), "bypass (GBPA)");
    }

    private boolean followed(HostObjects o, Stream stream, Result<Done> result) {
        String what = setup.name + ": the guest's policy for " + stream.host().hostName();
        if (!setup.log.passed(what, result)) {
            stream.quarantine(o);
        }
        return result.isOk();
    }

    @Override
    public int invalidate(List<long[]> commands) {
        if (objects.isEmpty()) {
            return commands.size();
        }
        ViommuBackend.Invalidated done = objects.get().invalidate(commands);
        if (done.errno().isEmpty()) {
            return commands.size();
        }
        setup.log.add(
                RefusalLog.sentence(
                        setup.name + ": the guest's invalidations",
                        done.errno().get(),
                        INVALIDATE + done.why()));
        // What was counted as handled need not have been issued: the kernel counts a batch that it
        // dropped. Whoever any of the commands was meant for may have stale translations.
        for (Stream s : streams.all()) {
            if (commands.stream().anyMatch(c -> concerns(c, s.device().requesterId()))) {
                s.quarantine(objects.get());
            }
        }
        return done.handled();
    }

    /// Invalidations of the TLB are of no stream, so they may be of any.
    private static boolean concerns(long[] words, int streamId) {
        return switch (Command.decode(words[0], words[1])) {
            case Command.CfgiCd c -> c.streamId() == streamId;
            case Command.CfgiCdAll c -> c.streamId() == streamId;
            case Command.AtcInv c -> c.streamId() == streamId;
            default -> true;
        };
    }

    @Override
    public boolean keepsOwnCaches() {
        return setup.ownCaches;
    }

    @Override
    public void eventQueueEnabled(int log2Size) {
        events.guestHasQueue(log2Size, objects);
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
        return s == null || objects.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new StreamInfo(
                                s.policy(),
                                s.nestedHwpt(),
                                OptionalInt.of(objects.get().viommu()),
                                s.vdevice()));
    }
}
