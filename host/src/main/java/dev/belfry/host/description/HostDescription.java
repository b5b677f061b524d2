package dev.belfry.host.description;

import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.model.pci.spec.Bdf;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A host: the machine and the kernel that runs it.
///
/// @param name as `belfry run` calls it
/// @param kernel 6.13 to 6.19, 7.0, 7.2 or 7.3
/// @param pageSize the kernel's page size
/// @param seed decides which physical pages are handed out
/// @param cpus how many
/// @param ramBase physical address of the first byte of RAM
/// @param ramSize bytes
/// @param gic its interrupt controller
/// @param smmus its SMMUs
/// @param itss its ITSs
/// @param devices its PCI functions
/// @param options of the kernel's modules
/// @param without what the kernel is built without
public record HostDescription(
        String name,
        KernelVersion kernel,
        Granule pageSize,
        long seed,
        int cpus,
        long ramBase,
        long ramSize,
        GicDescription gic,
        List<SmmuDescription> smmus,
        List<ItsDescription> itss,
        List<DeviceDescription> devices,
        ModuleOptions options,
        Set<KernelOption> without) {

    public HostDescription {
        without = Set.copyOf(without);
        smmus = List.copyOf(smmus);
        itss = List.copyOf(itss);
        devices = List.copyOf(devices);
    }

    /// Reads a description.
    ///
    /// @param file its name, for messages
    /// @param yaml its text
    /// @throws DescriptionError when it cannot be used
    public static HostDescription read(String file, String yaml) {
        return HostYaml.read(file, yaml);
    }

    /// A preset by name.
    ///
    /// @throws DescriptionError when there is none of that name
    public static HostDescription preset(String name) {
        return Presets.load(name);
    }

    /// Names of the presets.
    public static List<String> presets() {
        return Presets.NAMES;
    }

    /// Makes up a host that fits: a plausible device at each address, one physical SMMU for each
    /// set of devices that share one, with a Grace-like identity raised to what is wished.
    ///
    /// @param guestRam bytes of RAM that guests will want; the host has more
    public static HostDescription inventFor(List<RequestedDevice> devices, long guestRam) {
        return Invention.invent(devices, guestRam);
    }

    /// Bytes of a page of its kernel.
    public long pageBytes() {
        return pageSize.bytes();
    }

    /// The SMMU of that name.
    public Optional<SmmuDescription> smmu(String smmuName) {
        return smmus.stream().filter(s -> s.name().equals(smmuName)).findFirst();
    }

    /// The device at that address.
    public Optional<DeviceDescription> device(Bdf bdf) {
        return devices.stream().filter(d -> d.bdf().equals(bdf)).findFirst();
    }

    /// This host with the identity of one of its SMMUs raised to a wish.
    public HostDescription withIdentity(String smmuName, IdentityWish wish) {
        return withSmmus(
                smmus.stream()
                        .map(s -> s.name().equals(smmuName) ? s.with(wish.raise(s.identity())) : s)
                        .toList());
    }

    /// This host with other SMMUs.
    public HostDescription withSmmus(List<SmmuDescription> other) {
        return new HostDescription(
                name, kernel, pageSize, seed, cpus, ramBase, ramSize, gic, other, itss, devices,
                options, without);
    }

    /// This host with another kernel.
    public HostDescription withKernel(KernelVersion other) {
        return new HostDescription(
                name, other, pageSize, seed, cpus, ramBase, ramSize, gic, smmus, itss, devices,
                options, without);
    }

    /// This host with other devices.
    public HostDescription withDevices(List<DeviceDescription> others) {
        return new HostDescription(
                name, kernel, pageSize, seed, cpus, ramBase, ramSize, gic, smmus, itss, others,
                options, without);
    }

    /// This host with another seed.
    public HostDescription withSeed(long other) {
        return new HostDescription(
                name, kernel, pageSize, other, cpus, ramBase, ramSize, gic, smmus, itss, devices,
                options, without);
    }

    /// This host with other module options.
    public HostDescription withOptions(ModuleOptions other) {
        return new HostDescription(
                name, kernel, pageSize, seed, cpus, ramBase, ramSize, gic, smmus, itss, devices,
                other, without);
    }

    /// This host with a kernel that is built without some options.
    public HostDescription withoutOptions(Set<KernelOption> missing) {
        return new HostDescription(
                name, kernel, pageSize, seed, cpus, ramBase, ramSize, gic, smmus, itss, devices,
                options, missing);
    }
}
