package dev.belfry.host.msi;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.its.MsiDomain;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// One device's vectors in the interrupt domains of its ITS, from the first that is allocated to
/// the last that is freed. EventIDs and LPIs for all that it can have are set aside at once, as the
/// ITS driver sizes the translation table.
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
    private final Map<Integer, Vector> vectors = new TreeMap<>();

    private DeviceMsi(IommuDevice device, MsiDomain its, Policy policy, MsiDomain.Vectors block) {
        this.device = device;
        this.its = its;
        this.policy = policy;
        this.block = block;
    }

    /// Sets aside what a device may use: MAPD.
    ///
    /// @param deviceId its DeviceID
    /// @param most how many vectors it can have
    /// @return `ENOSPC` when the ITS has not so many
    public static Result<DeviceMsi> open(
            IommuDevice device, MsiDomain its, long deviceId, int most, Policy policy) {
        Optional<MsiDomain.Vectors> block = its.allocate(deviceId, most);
        return block.isPresent()
                ? Result.ok(new DeviceMsi(device, its, policy, block.get()))
                : Result.err(
                        Errno.ENOSPC, "the ITS has not " + most + " events for " + device.name());
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
        Hpa doorbell = new Hpa(its.doorbell());
        return policy.design
                .prepare(device, index, doorbell, given)
                .map(address -> {
                    int cpu = index % policy.cpus;
                    its.activate(block, index, cpu);
                    Vector v =
                            new Vector(
                                    index,
                                    block.intId(index),
                                    block.data(index),
                                    block.deviceId(),
                                    cpu,
                                    doorbell,
                                    compose(address, doorbell, block.data(index)));
                    vectors.put(index, v);
                    return v;
                });
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
        its.setAffinity(block, index, cpu);
        Vector moved = old.on(cpu);
        vectors.put(index, moved);
        return Optional.of(moved);
    }

    /// Lets a vector's interrupts through.
    public void unmask(Vector vector) {
        its.unmask(block, vector.index);
    }

    /// Holds a vector's interrupts back.
    public void mask(Vector vector) {
        its.mask(block, vector.index);
    }

    /// Frees all vectors: DISCARD each, then MAPD with V = 0.
    public void close() {
        vectors.values().forEach(v -> its.deactivate(block, v.index));
        vectors.clear();
        its.release(block);
    }
}
