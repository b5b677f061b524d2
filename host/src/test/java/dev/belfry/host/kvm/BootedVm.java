package dev.belfry.host.kvm;

import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.RAM_SIZE;

import dev.belfry.host.HostFixture;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.kernel.its.GicV3;
import dev.belfry.kernel.its.ItsDriver;
import dev.belfry.kernel.its.LpiTables;
import dev.belfry.kernel.its.MsiDomain;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.address.Gpa;
import dev.belfry.model.journey.Where;
import java.util.List;

/// A VM with a vGIC and an ITS, whose guest kernel mapped four events of one device, all unmasked,
/// even ones to vCPU 0 and odd ones to vCPU 1.
public final class BootedVm {

    static final int DEVICE_ID = 0x108;
    static final long DOORBELL = GuestMachine.ITS + 0x1_0040;

    final HostFixture f;
    public final KvmVm vm;
    final int gicFd;
    final int itsFd;
    public final GuestMachine machine;
    public final GicV3 gic;
    final ItsDriver driver;
    final MsiDomain.Vectors vectors;

    BootedVm() {
        this(new HostFixture());
    }

    /// On a host that is up.
    public BootedVm(HostFixture f) {
        this(f, create(f));
    }

    BootedVm(HostFixture f, KvmVm vm) {
        this.f = f;
        this.vm = vm;
        gicFd = createGic(vm, f);
        itsFd = createIts(vm, GuestMachine.ITS);
        machine = new GuestMachine(vm, vm.its(itsFd).orElseThrow(), RAM_BASE, RAM_SIZE);
        PageAllocator pages = new PageAllocator(machine, RAM_BASE, RAM_SIZE, 7);
        gic =
                new GicV3(
                        machine,
                        GuestMachine.GICD,
                        List.of(new GicV3.Region(GuestMachine.GICR, 0x4_0000)),
                        List.of(0L, 1L));
        gic.initialise();
        LpiTables lpis = new LpiTables(machine, pages, gic.idBits());
        gic.redistributors().forEach(lpis::enable);
        driver = new ItsDriver(machine, pages, GuestMachine.ITS, lpis);
        driver.initialise();
        gic.redistributors().forEach(driver::addCpu);
        vectors = driver.allocate(DEVICE_ID, 4).orElseThrow();
        for (int i = 0; i < 4; i++) {
            driver.activate(vectors, i, i % 2);
            driver.unmask(vectors, i);
        }
    }

    static KvmVm create(HostFixture f) {
        KvmVm.Setup setup =
                new KvmVm.Setup(
                        f.process, 4096, 2, 40, f.recorder.at(Where.GUEST), IoctlFilter.NONE);
        return f.kernel.kvm().createVm(setup).orThrow();
    }

    static int createGic(KvmVm vm, HostFixture f) {
        vm.setUserMemoryRegion(new MemorySlot(0, false, new Gpa(RAM_BASE), RAM_SIZE, f.ram))
                .orThrow();
        int gic = vm.createDevice(KvmDeviceType.ARM_VGIC_V3).orThrow();
        vm.setDeviceAttr(gic, 4, 0, 0).orThrow();
        return gic;
    }

    static int createIts(KvmVm vm, long base) {
        int its = vm.createDevice(KvmDeviceType.ARM_VGIC_ITS).orThrow();
        vm.setDeviceAttr(its, 0, 4, base).orThrow();
        vm.setDeviceAttr(its, 4, 0, 0).orThrow();
        return its;
    }

    /// The message of vector `index`.
    KvmMsi msi(int index) {
        return new KvmMsi(DOORBELL, vectors.data(index), KvmMsi.VALID_DEVID, DEVICE_ID);
    }

    /// Takes and ends what a vCPU gets.
    int take(int cpu) {
        int intid = machine.acknowledge(cpu);
        machine.endOfInterrupt(cpu, intid);
        return intid;
    }

    /// Reads guest memory.
    long peek(long gpa) {
        return vm.guestMemory().read(gpa, 8);
    }
}
