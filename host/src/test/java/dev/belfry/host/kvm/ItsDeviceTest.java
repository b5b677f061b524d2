package dev.belfry.host.kvm;

import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.errno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.uapi.Errno;
import dev.belfry.model.gic.spec.Gits;
import org.junit.jupiter.api.Test;

/// Saving and restoring a vITS: its entries' documented places, and when registers are there.
class ItsDeviceTest {

    private static final int REGS = 8;
    private static final int CTRL = 4;
    private static final int SAVE = 1;
    private static final int RESTORE = 2;
    private static final int RESET = 4;
    private static final int CTLR = Gits.GITS_CTLR.offset();
    private static final int IIDR = Gits.GITS_IIDR.offset();
    private static final int CREADR = Gits.GITS_CREADR.offset();
    private static final int CWRITER = Gits.GITS_CWRITER.offset();
    private static final int CBASER = Gits.GITS_CBASER.offset();
    private static final int DEVICES = Gits.GITS_BASER.at(0);
    private static final int COLLECTIONS = Gits.GITS_BASER.at(1);

    private final BootedVm guest = new BootedVm();
    private final KvmVm vm = guest.vm;
    private final int its = guest.itsFd;

    private long reg(int offset) {
        return vm.getDeviceAttr(its, REGS, offset).orThrow();
    }

    private Errno set(int offset, long value) {
        return errno(vm.setDeviceAttr(its, REGS, offset, value));
    }

    private static long address(long baser) {
        return baser & 0xffff_ffff_0000L;
    }

    private long dteSlot() {
        long baser = reg(DEVICES);
        long table = address(baser);
        if ((baser >>> 62 & 1) == 0) {
            return table + 8L * BootedVm.DEVICE_ID;
        }
        return (guest.peek(table) & 0xf_ffff_ffff_0000L) + 8L * BootedVm.DEVICE_ID;
    }

    private long save() {
        vm.setDeviceAttr(its, CTRL, SAVE, 0).orThrow();
        return guest.peek(dteSlot());
    }

    @Test
    void aSaveWritesTheDevicesEventsAndCollectionsThatTheGuestMapped() {
        long dte = save();
        assertThat(dte >>> 63).isOne();
        assertThat(dte & 0x1f).as("4 events").isOne();
        long itt = (dte >>> 5 & 0xfff_ffff_ffffL) << 8;
        for (int i = 0; i < 4; i++) {
            long next = i < 3 ? 1 : 0;
            long intid = guest.vectors.intId(i);
            assertThat(guest.peek(itt + 8L * i)).isEqualTo(next << 48 | intid << 16 | i % 2);
        }
        long table = address(reg(COLLECTIONS));
        assertThat(guest.peek(table)).isEqualTo(1L << 63);
        assertThat(guest.peek(table + 8)).isEqualTo(1L << 63 | 1L << 16 | 1);
        assertThat(guest.peek(table + 16)).isZero();
    }

    @Test
    void aVmThatMovesTakesItsMappingsAndItsPendingLpisAlong() {
        vm.signalMsi(guest.msi(3));
        save();
        vm.setDeviceAttr(guest.gicFd, CTRL, 3, 0).orThrow();
        BootedVm target = new BootedVm();
        byte[] ram = new byte[(int) dev.belfry.host.HostFixture.RAM_SIZE];
        vm.guestMemory().readBytes(RAM_BASE, ram, 0, ram.length);
        target.vm.setDeviceAttr(target.itsFd, CTRL, RESET, 0).orThrow();
        target.machine.write(GuestMachine.GICR + 0x2_0000, 4, 0);
        target.vm.guestMemory().writeBytes(RAM_BASE, ram, 0, ram.length);
        target.machine.write(GuestMachine.GICR + 0x2_0000, 4, 1);
        for (int r : new int[] {CBASER, CREADR, CWRITER, DEVICES, COLLECTIONS, IIDR}) {
            target.vm.setDeviceAttr(target.itsFd, REGS, r, reg(r)).orThrow();
        }
        target.vm.setDeviceAttr(target.itsFd, CTRL, RESTORE, 0).orThrow();
        assertThat(target.vm.signalMsi(guest.msi(0)).value()).isEqualTo(-Errno.EBUSY.number());
        target.vm.setDeviceAttr(target.itsFd, REGS, CTLR, reg(CTLR)).orThrow();
        assertThat(target.take(1)).as("was pending").isEqualTo(guest.vectors.intId(3));
        assertThat(target.vm.signalMsi(guest.msi(2)).value()).isOne();
        assertThat(target.take(0)).isEqualTo(guest.vectors.intId(2));
        assertThat(target.vm.getDeviceAttr(target.itsFd, REGS, CREADR).orThrow())
                .isEqualTo(reg(CREADR));
    }

    @Test
    void tablesAndRegistersAreEbusyWhileAVcpuRuns() {
        vm.setRunning(true);
        assertThat(errno(vm.setDeviceAttr(its, CTRL, SAVE, 0))).isEqualTo(Errno.EBUSY);
        assertThat(errno(vm.setDeviceAttr(its, CTRL, RESTORE, 0))).isEqualTo(Errno.EBUSY);
        assertThat(errno(vm.setDeviceAttr(guest.gicFd, CTRL, 3, 0))).isEqualTo(Errno.EBUSY);
        assertThat(errno(vm.getDeviceAttr(its, REGS, CTLR))).isEqualTo(Errno.EBUSY);
        vm.setRunning(false);
        assertThat(reg(CTLR) & 1).isOne();
    }

    @Test
    void registersAreWholeKnownAndThereOnlyWithAnAddress() {
        assertThat(set(CWRITER + 4, 0)).as("a half").isEqualTo(Errno.EINVAL);
        assertThat(set(IIDR + 2, 0)).isEqualTo(Errno.EINVAL);
        assertThat(set(0x60, 0)).as("none there").isEqualTo(Errno.ENXIO);
        assertThat(set(Gits.GITS_TRANSLATER.offset(), 0)).isEqualTo(Errno.ENXIO);
        int second = vm.createDevice(KvmDeviceType.ARM_VGIC_ITS).orThrow();
        assertThat(errno(vm.getDeviceAttr(second, REGS, CTLR))).isEqualTo(Errno.ENXIO);
        assertThat(errno(vm.setDeviceAttr(second, 0, 3, 0))).isEqualTo(Errno.ENODEV);
        assertThat(errno(vm.getDeviceAttr(second, 9, 0))).isEqualTo(Errno.ENXIO);
    }

    @Test
    void anotherTableLayoutIsEinval() {
        assertThat(set(IIDR, 0x4b00_143b)).isEqualTo(Errno.EINVAL);
        vm.setDeviceAttr(its, REGS, IIDR, 0x4b00_043b).orThrow();
    }

    @Test
    void theReaderIsSetOnlyWhileTheItsIsOffAndWithinItsQueue() {
        assertThat(set(CREADR, 0x20)).isEqualTo(Errno.EBUSY);
        vm.setDeviceAttr(its, REGS, CTLR, 0).orThrow();
        vm.setDeviceAttr(its, REGS, CREADR, 0x20).orThrow();
        assertThat(reg(CREADR)).isEqualTo(0x20);
        assertThat(set(CREADR, 0x1_0000)).isEqualTo(Errno.EINVAL);
    }
}
