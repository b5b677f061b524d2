package dev.belfry.host;

import dev.belfry.host.description.HostDescription;
import dev.belfry.host.description.IdentityWish;
import dev.belfry.host.description.RequestedDevice;
import dev.belfry.host.iommufd.HwptAlloc;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.iommufd.MapFlags;
import dev.belfry.host.machine.HostMachine;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.msi.MsiDesign;
import dev.belfry.host.msi.SwMsiDesign;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.kernel.smmu.SmmuDriver;
import dev.belfry.model.address.Gpa;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Where;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.Ste;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/// A booted host with two SMMUs: two devices behind the first, one behind the second; and a VMM's
/// process with an iommufd and some guest RAM.
public final class HostFixture {

    public static final Bdf GPU = new Bdf(9, 1, 0, 0);
    public static final Bdf NIC = new Bdf(9, 2, 0, 0);
    public static final Bdf OTHER = new Bdf(2, 1, 0, 0);

    private static final IdentityWish WITH_CMDQV =
            new IdentityWish(OptionalInt.empty(), OptionalInt.empty(), false, false, true);

    public static final long RAM_BASE = 0x4000_0000L;
    public static final long RAM_SIZE = 64L << 20;

    public static final int RW = MapFlags.READABLE | MapFlags.WRITEABLE;
    public static final int FIXED = RW | MapFlags.FIXED_IOVA;

    public final JourneyRecorder recorder = new JourneyRecorder();
    public final HostDescription description;
    public final HostMachine machine;
    public final HostKernel kernel;
    public final UserMemory process;
    public final UserVa ram;
    public final Iommufd iommufd;

    public HostFixture() {
        this(standard());
    }

    public HostFixture(HostDescription description) {
        this(description, IoctlFilter.NONE);
    }

    public HostFixture(HostDescription description, IoctlFilter filter) {
        this(description, filter, new SwMsiDesign());
    }

    /// A host whose kernel has another MSI design.
    public HostFixture(MsiDesign design) {
        this(standard(), IoctlFilter.NONE, design);
    }

    private HostFixture(HostDescription description, IoctlFilter filter, MsiDesign design) {
        this.description = description;
        machine =
                new HostMachine(description, new CacheMode.Adversarial(), recorder.at(Where.HOST));
        kernel = new HostKernel(machine, new HostKernel.Boot(design, recorder.at(Where.HOST)));
        process = kernel.newProcess();
        ram = process.mapForGuest(RAM_SIZE, new Gpa(RAM_BASE)).orThrow();
        iommufd = kernel.openIommu(process, filter);
    }

    /// The host that most tests use.
    public static HostDescription standard() {
        return HostDescription.inventFor(
                List.of(
                        new RequestedDevice(GPU, "a", WITH_CMDQV),
                        new RequestedDevice(NIC, "a", IdentityWish.NONE),
                        new RequestedDevice(OTHER, "b", IdentityWish.NONE)),
                RAM_SIZE);
    }

    /// The same with other SMMUs.
    public static HostDescription with(UnaryOperator<SmmuIdentity> change) {
        HostDescription host = standard();
        return host.withSmmus(
                host.smmus().stream().map(s -> s.with(change.apply(s.identity()))).toList());
    }

    public VfioDevice open(Bdf bdf) {
        return kernel.openVfio(bdf, IoctlFilter.NONE).orElseThrow();
    }

    /// An open device, bound to the iommufd.
    public VfioDevice bind(Bdf bdf) {
        VfioDevice device = open(bdf);
        device.bindIommufd(0, iommufd).orThrow();
        return device;
    }

    public static int devId(VfioDevice device) {
        return device.boundDevice().orElseThrow().devId();
    }

    /// An IOAS with the guest's RAM in it.
    public int ioasWithRam() {
        int ioas = iommufd.ioasAlloc(0).orThrow();
        iommufd.ioasMap(ioas, FIXED, ram, RAM_SIZE, new Iova(RAM_BASE)).orThrow();
        return ioas;
    }

    public int nestParent(VfioDevice device, int ioas) {
        return iommufd.hwptAlloc(HwptAlloc.paging(HwptAlloc.NEST_PARENT, devId(device), ioas))
                .orThrow();
    }

    public int viommu(VfioDevice device, int parent) {
        return iommufd.viommuAlloc(0, 1, devId(device), parent).orThrow();
    }

    /// A vIOMMU over a nest parent that has the guest's RAM.
    public int viommu(VfioDevice device) {
        return viommu(device, nestParent(device, ioasWithRam()));
    }

    public int nested(VfioDevice device, int viommu, long ste0, long ste1) {
        return iommufd.hwptAlloc(HwptAlloc.nested(devId(device), viommu, ste0, ste1)).orThrow();
    }

    /// The driver of a physical SMMU.
    public SmmuDriver driver(String smmu) {
        return Objects.requireNonNull(kernel.smmus().get(smmu)).driver();
    }

    /// What a call failed with.
    public static Errno errno(Result<?> result) {
        if (result instanceof Result.Err<?> e) {
            return e.errno();
        }
        throw new AssertionError("it succeeded: " + result);
    }

    /// The STE of a stream, as it lies in host memory.
    public Ste physicalSte(String smmu, int streamId) {
        long at = driver(smmu).streamTable().entry(streamId);
        long[] w = new long[8];
        for (int i = 0; i < 8; i++) {
            w[i] = machine.read(at + 8L * i, 8);
        }
        return new Ste(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
    }

    /// The StreamID of a device.
    public int streamId(Bdf bdf) {
        return description.device(bdf).orElseThrow().streamId();
    }

    /// Another VMM on the same host.
    public static final class SecondProcess {
        private final HostFixture host;
        private final Iommufd iommufd;

        public SecondProcess(HostFixture host) {
            this.host = host;
            this.iommufd = host.kernel.openIommu(host.kernel.newProcess(), IoctlFilter.NONE);
        }

        public Result<Integer> bind(Bdf bdf) {
            // A second open of the file fails earlier; the kernel's own call is what is meant.
            return iommufd.bind(host.open(bdf).iommuDevice()).map(b -> b.devId());
        }
    }
}
