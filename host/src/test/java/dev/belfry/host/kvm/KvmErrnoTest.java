package dev.belfry.host.kvm;

import static dev.belfry.host.iommufd.ErrnoCase.rule;

import dev.belfry.host.HostFixture;
import dev.belfry.host.iommufd.ErrnoCase;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.gic.spec.Gits;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The errors of KVM's calls for interrupts: routes, irqfds, messages, and the attributes of vGIC
/// and ITS (Documentation/virt/kvm/api.rst, devices/arm-vgic-v3.rst, devices/arm-vgic-its.rst).
public class KvmErrnoTest {

    private static final int ADDR = 0;
    private static final int NR_IRQS = 3;
    private static final int CTRL = 4;
    private static final int ITS_REGS = 8;
    private static final int ADDR_ITS = 4;
    private static final int INIT = 0;
    private static final int SAVE = 1;
    private static final int RESTORE = 2;
    private static final int SAVE_PENDING = 3;
    private static final int RESET = 4;
    private static final int ITT_ADDRESS = 5;
    private static final long OUTSIDE = 0x7f_0000_0000L;

    /// A case of a VM whose guest mapped four events.
    private static ErrnoCase booted(String rule, Errno errno, Function<BootedVm, Result<?>> call) {
        return rule(rule, errno, f -> call.apply(new BootedVm(f)));
    }

    /// A case of a VM with nothing in it yet.
    private static ErrnoCase empty(String rule, Errno errno, Function<KvmVm, Result<?>> call) {
        return rule(rule, errno, f -> call.apply(BootedVm.create(f)));
    }

    private static Result<Done> signal(BootedVm g, KvmMsi message) {
        return g.vm.signalMsi(message) instanceof Injection.Failed(Errno errno, String why)
                ? Result.err(errno, why)
                : Result.done();
    }

    private static KvmMsi message(long address, int flags) {
        return new KvmMsi(address, 0, flags, BootedVm.DEVICE_ID);
    }

    private static KvmMsi good() {
        return message(BootedVm.DOORBELL, KvmMsi.VALID_DEVID);
    }

    private static Result<?> route(BootedVm g, Route... routes) {
        return g.vm.setGsiRouting(List.of(routes));
    }

    /// Routes, irqfds, messages.
    public static List<ErrnoCase> injections() {
        return List.of(
                booted(
                        "KVM_SET_GSI_ROUTING of more than 4096 routes",
                        Errno.EINVAL,
                        g ->
                                g.vm.setGsiRouting(
                                        Collections.nCopies(4097, new Route.Irqchip(0, 0)))),
                booted(
                        "KVM_SET_GSI_ROUTING of GSI 4096",
                        Errno.EINVAL,
                        g -> route(g, new Route.Msi(4096, good()))),
                booted(
                        "KVM_SET_GSI_ROUTING to a pin that the vGIC has not",
                        Errno.EINVAL,
                        g -> route(g, new Route.Irqchip(1, 988))),
                booted(
                        "KVM_SET_GSI_ROUTING of a message beside another route of its GSI",
                        Errno.EINVAL,
                        g -> route(g, new Route.Irqchip(1, 1), new Route.Msi(1, good()))),
                booted(
                        "KVM_SET_GSI_ROUTING of a message with unknown flags",
                        Errno.EINVAL,
                        g -> route(g, new Route.Msi(1, message(BootedVm.DOORBELL, 2)))),
                empty(
                        "KVM_IRQFD before the vGIC is initialised",
                        Errno.EAGAIN,
                        vm -> vm.irqfd(new EventFd("e"), 1, 0)),
                booted(
                        "KVM_IRQFD with unknown flags",
                        Errno.EINVAL,
                        g -> g.vm.irqfd(new EventFd("e"), 1, 4)),
                booted(
                        "KVM_IRQFD of an eventfd that has an irqfd",
                        Errno.EBUSY,
                        g -> {
                            EventFd fd = new EventFd("e");
                            g.vm.irqfd(fd, 1, 0).orThrow();
                            return g.vm.irqfd(fd, 2, 0);
                        }),
                booted(
                        "KVM_IRQFD of an eventfd that is closed",
                        Errno.EBADF,
                        g -> {
                            EventFd fd = new EventFd("e");
                            fd.close();
                            return g.vm.irqfd(fd, 1, 0);
                        }),
                booted(
                        "KVM_IRQFD with RESAMPLE and no eventfd for it",
                        Errno.EBADF,
                        g -> g.vm.irqfd(new EventFd("e"), 1, 2, Optional.empty())),
                rule(
                        "KVM_SIGNAL_MSI without an ITS in the VM",
                        Errno.ENODEV,
                        f -> {
                            KvmVm vm = BootedVm.create(f);
                            BootedVm.createGic(vm, f);
                            return vm.signalMsi(good()) instanceof Injection.Failed(var e, var why)
                                    ? Result.err(e, why)
                                    : Result.done();
                        }),
                booted(
                        "KVM_SIGNAL_MSI with unknown flags",
                        Errno.EINVAL,
                        g -> signal(g, message(BootedVm.DOORBELL, 3))),
                booted(
                        "KVM_SIGNAL_MSI without a DeviceID",
                        Errno.EINVAL,
                        g -> signal(g, message(BootedVm.DOORBELL, 0))),
                booted(
                        "KVM_SIGNAL_MSI to an address where no ITS is, as a guest's IOVA",
                        Errno.EINVAL,
                        g -> signal(g, message(0xffff_f040L, KvmMsi.VALID_DEVID))),
                booted(
                        "KVM_SIGNAL_MSI while the guest has the ITS off",
                        Errno.EBUSY,
                        g -> {
                            g.vm.setDeviceAttr(g.itsFd, ITS_REGS, Gits.GITS_CTLR.offset(), 0)
                                    .orThrow();
                            return signal(g, g.msi(0));
                        }),
                booted(
                        "KVM_IRQ_LINE of an SPI that the vGIC has not",
                        Errno.EINVAL,
                        g -> g.vm.irqLine(988, true)),
                empty("KVM_IRQ_LINE without a vGIC", Errno.ENXIO, vm -> vm.irqLine(0, true)));
    }

    private static Result<?> itsAt(HostFixture f, long base) {
        KvmVm vm = BootedVm.create(f);
        BootedVm.createGic(vm, f);
        return vm.setDeviceAttr(
                vm.createDevice(KvmDeviceType.ARM_VGIC_ITS).orThrow(), ADDR, ADDR_ITS, base);
    }

    private static Result<?> second(HostFixture f, Function<KvmVm, Result<?>> call) {
        KvmVm vm = BootedVm.create(f);
        BootedVm.createGic(vm, f);
        return call.apply(vm);
    }

    private static Result<?> register(BootedVm g, int offset, long value) {
        return g.vm.setDeviceAttr(g.itsFd, ITS_REGS, offset, value);
    }

    /// Devices and their attributes.
    public static List<ErrnoCase> devices() {
        return List.of(
                empty(
                        "KVM_CREATE_DEVICE of an ITS before a GICv3",
                        Errno.ENODEV,
                        vm -> vm.createDevice(KvmDeviceType.ARM_VGIC_ITS)),
                rule(
                        "KVM_CREATE_DEVICE of a second vGIC",
                        Errno.EEXIST,
                        f -> second(f, vm -> vm.createDevice(KvmDeviceType.ARM_VGIC_V3))),
                rule(
                        "a GICv3's NR_IRQS that is no multiple of 32 between 64 and 1024",
                        Errno.EINVAL,
                        f -> {
                            KvmVm vm = BootedVm.create(f);
                            int gic = vm.createDevice(KvmDeviceType.ARM_VGIC_V3).orThrow();
                            return vm.setDeviceAttr(gic, NR_IRQS, 0, 65);
                        }),
                booted(
                        "a GICv3's NR_IRQS once it is initialised",
                        Errno.EBUSY,
                        g -> g.vm.setDeviceAttr(g.gicFd, NR_IRQS, 0, 64)),
                booted(
                        "a GICv3's frame that is not 64 KiB aligned",
                        Errno.EINVAL,
                        g -> g.vm.setDeviceAttr(g.gicFd, ADDR, 2, 0x800_1000)),
                booted(
                        "an attribute that a GICv3 has not",
                        Errno.ENXIO,
                        g -> g.vm.setDeviceAttr(g.gicFd, 99, 0, 0)),
                rule("an ITS that is not 64 KiB aligned", Errno.EINVAL, f -> itsAt(f, 0x0808_1000)),
                rule(
                        "an ITS beyond the guest's address space",
                        Errno.E2BIG,
                        f -> itsAt(f, (1L << 40) - 0x1_0000)),
                booted(
                        "an ITS that has an address already",
                        Errno.EEXIST,
                        g -> g.vm.setDeviceAttr(g.itsFd, ADDR, ADDR_ITS, 0x0900_0000)),
                booted(
                        "another type of address of an ITS",
                        Errno.ENODEV,
                        g -> g.vm.setDeviceAttr(g.itsFd, ADDR, 3, 0x0900_0000)),
                rule(
                        "an ITS's INIT before the GICv3's",
                        Errno.ENXIO,
                        f -> {
                            KvmVm vm = BootedVm.create(f);
                            vm.createDevice(KvmDeviceType.ARM_VGIC_V3).orThrow();
                            int its = vm.createDevice(KvmDeviceType.ARM_VGIC_ITS).orThrow();
                            return vm.setDeviceAttr(its, CTRL, INIT, 0);
                        }),
                rule(
                        "a register of an ITS without an address",
                        Errno.ENXIO,
                        f ->
                                second(
                                        f,
                                        vm ->
                                                vm.getDeviceAttr(
                                                        vm.createDevice(KvmDeviceType.ARM_VGIC_ITS)
                                                                .orThrow(),
                                                        ITS_REGS,
                                                        0))),
                booted("a register that an ITS has not", Errno.ENXIO, g -> register(g, 0x60, 0)),
                booted(
                        "a half of an ITS's register",
                        Errno.EINVAL,
                        g -> register(g, Gits.GITS_CWRITER.offset() + 4, 0)),
                booted(
                        "GITS_CREADR while the ITS is on",
                        Errno.EBUSY,
                        g -> register(g, Gits.GITS_CREADR.offset(), 0x20)),
                booted(
                        "GITS_IIDR of another layout of tables",
                        Errno.EINVAL,
                        g -> register(g, Gits.GITS_IIDR.offset(), 0x4b00_143b)),
                booted(
                        "a register of an ITS while a vCPU runs",
                        Errno.EBUSY,
                        g -> {
                            g.vm.setRunning(true);
                            return g.vm.getDeviceAttr(g.itsFd, ITS_REGS, 0);
                        }));
    }

    /// Where the entry of the guest's device lies after the tables are saved.
    private static long deviceEntry(BootedVm g) {
        g.vm.setDeviceAttr(g.itsFd, CTRL, SAVE, 0).orThrow();
        long baser = g.vm.getDeviceAttr(g.itsFd, ITS_REGS, Gits.GITS_BASER.at(0)).orThrow();
        long table = baser & 0xffff_ffff_0000L;
        boolean indirect = (baser >>> 62 & 1) != 0;
        return (indirect ? g.peek(table) & 0xf_ffff_ffff_0000L : table) + 8L * BootedVm.DEVICE_ID;
    }

    private static long collections(BootedVm g) {
        return g.vm.getDeviceAttr(g.itsFd, ITS_REGS, Gits.GITS_BASER.at(1)).orThrow()
                & 0xffff_ffff_0000L;
    }

    private static long firstEvent(BootedVm g) {
        return (g.peek(deviceEntry(g)) >>> ITT_ADDRESS & 0xfff_ffff_ffffL) << 8;
    }

    /// Saves, changes a word of the tables, and restores into the ITS after a reset.
    private static Result<?> restored(BootedVm g, Function<BootedVm, Long> where, long word) {
        g.vm.setDeviceAttr(g.itsFd, CTRL, SAVE, 0).orThrow();
        long at = where.apply(g);
        long devices = g.vm.getDeviceAttr(g.itsFd, ITS_REGS, Gits.GITS_BASER.at(0)).orThrow();
        long table = g.vm.getDeviceAttr(g.itsFd, ITS_REGS, Gits.GITS_BASER.at(1)).orThrow();
        g.vm.setDeviceAttr(g.itsFd, CTRL, RESET, 0).orThrow();
        g.vm.guestMemory().write(at, 8, word);
        g.vm.setDeviceAttr(g.itsFd, ITS_REGS, Gits.GITS_BASER.at(0), devices).orThrow();
        g.vm.setDeviceAttr(g.itsFd, ITS_REGS, Gits.GITS_BASER.at(1), table).orThrow();
        return g.vm.setDeviceAttr(g.itsFd, CTRL, RESTORE, 0);
    }

    /// Tables that are saved and restored.
    public static List<ErrnoCase> tables() {
        return List.of(
                rule(
                        "SAVE_TABLES of an ITS that is not initialised",
                        Errno.ENXIO,
                        f ->
                                second(
                                        f,
                                        vm ->
                                                vm.setDeviceAttr(
                                                        vm.createDevice(KvmDeviceType.ARM_VGIC_ITS)
                                                                .orThrow(),
                                                        CTRL,
                                                        SAVE,
                                                        0))),
                booted(
                        "SAVE_TABLES while a vCPU runs",
                        Errno.EBUSY,
                        g -> {
                            g.vm.setRunning(true);
                            return g.vm.setDeviceAttr(g.itsFd, CTRL, SAVE, 0);
                        }),
                booted(
                        "SAVE_TABLES while the host's GICv4 forwards an interrupt",
                        Errno.EACCES,
                        g -> {
                            EventFd fd = new EventFd("e");
                            route(g, new Route.Msi(1, g.msi(0)));
                            g.vm.irqfd(fd, 1, 0).orThrow();
                            g.vm.setForwarding(fd, true);
                            return g.vm.setDeviceAttr(g.itsFd, CTRL, SAVE, 0);
                        }),
                booted(
                        "SAVE_PENDING_TABLES while a vCPU runs",
                        Errno.EBUSY,
                        g -> {
                            g.vm.setRunning(true);
                            return g.vm.setDeviceAttr(g.gicFd, CTRL, SAVE_PENDING, 0);
                        }),
                booted(
                        "RESTORE_TABLES of an event whose LPI is below 8192",
                        Errno.EINVAL,
                        g -> restored(g, KvmErrnoTest::firstEvent, 8191L << 16)),
                booted(
                        "RESTORE_TABLES of an event whose next lies beyond the table",
                        Errno.EINVAL,
                        g -> restored(g, KvmErrnoTest::firstEvent, 4L << 48 | 8192L << 16)),
                booted(
                        "RESTORE_TABLES of an event in an unknown collection",
                        Errno.EINVAL,
                        g -> restored(g, KvmErrnoTest::firstEvent, 8192L << 16 | 77)),
                booted(
                        "RESTORE_TABLES of a collection of a vCPU that is not there",
                        Errno.EINVAL,
                        g -> restored(g, KvmErrnoTest::collections, 1L << 63 | 2L << 16)),
                booted(
                        "RESTORE_TABLES of a collection for the second time",
                        Errno.EEXIST,
                        g -> restored(g, v -> collections(v) + 16, 1L << 63 | 1)),
                booted(
                        "RESTORE_TABLES of a device whose table is outside the guest's memory",
                        Errno.EFAULT,
                        g ->
                                restored(
                                        g,
                                        KvmErrnoTest::deviceEntry,
                                        1L << 63 | OUTSIDE >>> 8 << ITT_ADDRESS | 1)));
    }

    @ParameterizedTest
    @MethodSource({"injections", "devices", "tables"})
    void eachDocumentedErrnoHasACaseThatProducesIt(ErrnoCase c) {
        c.check();
    }
}
