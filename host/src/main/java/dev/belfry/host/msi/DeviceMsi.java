package dev.belfry.host.msi;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.its.MsiDomain;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// One device's vectors in the interrupt domains of its ITS, from the first that is allocated to
/// the last that is freed. EventIDs and LPIs for all that it can have are set aside at once, as the
/// ITS driver sizes the translation table; each vector takes the lowest that is free.
public final class DeviceMsi {

    /// A vector that is allocated.
    ///
    /// @param index which
    /// @param lpi its interrupt on the host
    /// @param eventId its EventID: the message's data
    /// @param deviceId the DeviceID that the ITS knows the device by
    /// @param cpu where it is taken
    /// @param doorbell physical address of the doorbell
    /// @param message what the device is given, as composed: the cached message
    public record Vector(
            int index,
            int lpi,
            int eventId,
            long deviceId,
            int cpu,
            Hpa doorbell,
            MsiMessage message) {

        private Vector on(int other) {
            return new Vector(index, lpi, eventId, deviceId, other, doorbell, message);
        }
    }

    /// What all devices of a host have in common.
    ///
    /// @param design chooses addresses
    /// @param cpus how many CPUs take interrupts
    public record Policy(MsiDesign design, int cpus) {}

    private final IommuDevice device;
    private final MsiDomain its;
    private final Policy policy;
    private final MsiDomain.Vectors block;
    private final EventIds events;
    private final Map<Integer, Vector> vectors = new TreeMap<>();

    private DeviceMsi(Setup setup, Policy policy, MsiDomain.Vectors block) {
        this.device = setup.device;
        this.its = setup.its;
        this.events = setup.events;
        this.policy = policy;
        this.block = block;
    }

    /// A device at its ITS.
    ///
    /// @param device as the IOMMU core knows it
    /// @param its its ITS
    /// @param deviceId its DeviceID there
    /// @param events its EventIDs
    public record Setup(IommuDevice device, MsiDomain its, long deviceId, EventIds events) {}

    /// Sets aside what a device may use: MAPD.
    ///
    /// @return `ENOSPC` when the ITS has not so many
    public static Result<DeviceMsi> open(Setup setup, Policy policy) {
        int most = setup.events.count();
        Optional<MsiDomain.Vectors> block = setup.its.allocate(setup.deviceId, most);
        return block.isPresent()
                ? Result.ok(new DeviceMsi(setup, policy, block.get()))
                : Result.err(
                        Errno.ENOSPC,
                        "the ITS has not " + most + " events for " + setup.device.name());
    }

    /// Vectors that are allocated, by index.
    public Map<Integer, Vector> vectors() {
        return Map.copyOf(vectors);
    }

    /// The vector, if it is allocated.
    public Optional<Vector> vector(int index) {
        return Optional.ofNullable(vectors.get(index));
    }

    /// What VFIO writes for a vector that it connects.
    ///
    /// @param given the address that the VMM gave for it
    public MsiMessage messageAtSignal(Vector vector, Optional<Iova> given) {
        return policy.design.atSignal(vector.message, given);
    }

    /// Allocates and activates a vector: the doorbell is made reachable, MAPTI, the message is
    /// composed. It stays masked.
    ///
    /// @param given the address that the VMM gave for it
    public Result<Vector> allocate(int index, Optional<Iova> given) {
        OptionalInt event = events.take();
        if (event.isEmpty()) {
            return Result.err(Errno.ENOSPC, device.name() + " has no EventID left");
        }
        Hpa doorbell = new Hpa(its.doorbell());
        Result<Optional<Iova>> address = policy.design.prepare(device, index, doorbell, given);
        if (!address.isOk()) {
            events.lose();
        }
        return address.map(a -> activate(index, event.getAsInt(), doorbell, a));
    }

    private Vector activate(int index, int event, Hpa doorbell, Optional<Iova> address) {
        int cpu = index % policy.cpus;
        its.activate(block, event, cpu);
        Vector v =
                new Vector(
                        index,
                        block.intId(event),
                        block.data(event),
                        block.deviceId(),
                        cpu,
                        doorbell,
                        compose(address, doorbell, block.data(event)));
        vectors.put(index, v);
        return v;
    }

    /// `its_irq_compose_msi_msg` with `iommu_dma_compose_msi_msg`.
    private static MsiMessage compose(Optional<Iova> address, Hpa doorbell, int data) {
        return new MsiMessage(address.orElse(new Iova(doorbell.value())), data);
    }

    /// Sends a vector to another CPU (MOVI), and composes its message again.
    ///
    /// @return empty when it is not allocated
    public Optional<Vector> setAffinity(int index, int cpu) {
        Vector old = vectors.get(index);
        if (old == null) {
            return Optional.empty();
        }
        its.setAffinity(block, event(old), cpu);
        Vector moved = old.on(cpu);
        vectors.put(index, moved);
        return Optional.of(moved);
    }

    /// Lets a vector's interrupts through.
    public void unmask(Vector vector) {
        its.unmask(block, event(vector));
    }

    /// Holds a vector's interrupts back.
    public void mask(Vector vector) {
        its.mask(block, event(vector));
    }

    /// Which of the block it is.
    private int event(Vector vector) {
        return vector.eventId - block.firstData();
    }

    /// Frees all vectors, DISCARD each: they can be allocated again.
    public void free() {
        vectors.values()
                .forEach(v -> {
                    its.deactivate(block, event(v));
                    events.give(event(v));
                });
        vectors.clear();
    }

    /// Frees all vectors, and what was set aside: MAPD with V = 0.
    public void close() {
        free();
        its.release(block);
    }
}
