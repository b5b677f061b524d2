package dev.belfry.host.abi;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.RAM_SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.uapi.KernelVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The kernel as a VMM of another language sees it. Numbers are those of the headers.
class ProcessFilesTest {

    private static final int DESTROY = 0x3b80;
    private static final int IOAS_ALLOC = 0x3b81;
    private static final int IOVA_RANGES = 0x3b84;
    private static final int IOAS_MAP = 0x3b85;
    private static final int OPTION = 0x3b87;
    private static final int HWPT_ALLOC = 0x3b89;
    private static final int HW_INFO = 0x3b8a;
    private static final int INVALIDATE = 0x3b8d;
    private static final int VIOMMU_ALLOC = 0x3b90;
    private static final int VDEVICE_ALLOC = 0x3b91;
    private static final int VEVENTQ_ALLOC = 0x3b93;
    private static final int BIND = 0x3b76;
    private static final int ATTACH = 0x3b77;
    private static final int SET_IRQS = 0x3b6e;
    private static final int IRQ_INFO = 0x3b6d;
    private static final int RESET = 0x3b6f;

    private final HostFixture f = new HostFixture();
    private final ProcessFiles files = new ProcessFiles(f.process, KernelVersion.V6_19);
    private final int iommu = files.add(f.iommufd);
    private final UserVa scratch = f.process.map(1 << 16).orThrow();

    private static Errno errno(Answer answer) {
        return answer.errno().orElseThrow();
    }

    private StructBytes call(int fd, int request, StructBytes s, AbiStruct layout) {
        byte[] bytes = s.bytes();
        Answer answer = files.ioctl(fd, request, bytes);
        assertThat(answer.errno()).as(answer.why()).isEmpty();
        return StructBytes.from(layout, bytes);
    }

    private int ioas() {
        AbiStruct s = AbiStruct.IOMMU_IOAS_ALLOC;
        return call(iommu, IOAS_ALLOC, StructBytes.of(s), s).getInt("out_ioas_id");
    }

    @Test
    void aWholeNestingIsBuiltOfBytes() {
        int vfio = files.add(f.open(GPU));
        AbiStruct bind = AbiStruct.VFIO_DEVICE_BIND_IOMMUFD;
        StructBytes b = StructBytes.of(bind).set("iommufd", iommu);
        int dev = call(vfio, BIND, b, bind).getInt("out_devid");
        int ioas = ioas();
        StructBytes map = StructBytes.of(AbiStruct.IOMMU_IOAS_MAP).set("flags", 7);
        map.set("ioas_id", ioas).set("user_va", f.ram.value());
        map.set("length", RAM_SIZE).set("iova", RAM_BASE);
        call(iommu, IOAS_MAP, map, AbiStruct.IOMMU_IOAS_MAP);
        StructBytes parent = StructBytes.of(AbiStruct.IOMMU_HWPT_ALLOC).set("flags", 1);
        parent.set("dev_id", dev).set("pt_id", ioas);
        int s2 = call(iommu, HWPT_ALLOC, parent, AbiStruct.IOMMU_HWPT_ALLOC).getInt("out_hwpt_id");
        StructBytes viommu = StructBytes.of(AbiStruct.IOMMU_VIOMMU_ALLOC).set("type", 1);
        viommu.set("dev_id", dev).set("hwpt_id", s2);
        int v =
                call(iommu, VIOMMU_ALLOC, viommu, AbiStruct.IOMMU_VIOMMU_ALLOC)
                        .getInt("out_viommu_id");
        StructBytes vdev = StructBytes.of(AbiStruct.IOMMU_VDEVICE_ALLOC).set("viommu_id", v);
        vdev.set("dev_id", dev).set("virt_id", 0x10);
        call(iommu, VDEVICE_ALLOC, vdev, AbiStruct.IOMMU_VDEVICE_ALLOC);
        f.process.view().write(scratch.value(), 8, 9, 0);
        f.process.view().write(scratch.value() + 8, 8, 0, 0);
        StructBytes nested = StructBytes.of(AbiStruct.IOMMU_HWPT_ALLOC).set("dev_id", dev);
        nested.set("pt_id", v).set("data_type", 2).set("data_len", 16);
        nested.set("data_uptr", scratch.value());
        int s1 = call(iommu, HWPT_ALLOC, nested, AbiStruct.IOMMU_HWPT_ALLOC).getInt("out_hwpt_id");
        AbiStruct attach = AbiStruct.VFIO_DEVICE_ATTACH_IOMMUFD_PT;
        StructBytes at = StructBytes.of(attach).set("pt_id", s1);
        assertThat(call(vfio, ATTACH, at, attach).getInt("pt_id")).isEqualTo(s1);
        assertThat(f.physicalSte("smmu0", f.streamId(GPU)).w0() & 0xf)
                .as("V, Config: stage 2")
                .isEqualTo(0xd);
        invalidates(v);
    }

    private void invalidates(int viommu) {
        // TLBI_NSNH_ALL, CFGI_CD of a StreamID that is not the guest's, TLBI_NSNH_ALL
        long[] words = {0x30, 0, 0x0000_0099_0000_0005L, 1, 0x30, 0};
        for (int i = 0; i < words.length; i++) {
            f.process.view().write(scratch.value() + 8L * i, 8, words[i], 0);
        }
        AbiStruct s = AbiStruct.IOMMU_HWPT_INVALIDATE;
        StructBytes c = StructBytes.of(s).set("hwpt_id", viommu).set("data_type", 1);
        c.set("data_uptr", scratch.value()).set("entry_len", 16).set("entry_num", 3);
        byte[] bytes = c.bytes();
        assertThat(errno(files.ioctl(iommu, INVALIDATE, bytes))).isEqualTo(Errno.EIO);
        assertThat(StructBytes.from(s, bytes).getInt("entry_num")).isEqualTo(1);
        bytes = c.set("hwpt_id", 77).bytes();
        assertThat(errno(files.ioctl(iommu, INVALIDATE, bytes))).isEqualTo(Errno.ENOENT);
        assertThat(StructBytes.from(s, bytes).getInt("entry_num"))
                .as("written back whatever happens")
                .isZero();
    }

    @Test
    void sizesAreCheckedBeforeAnythingElse() {
        byte[] s = StructBytes.of(AbiStruct.IOMMU_IOAS_ALLOC).bytes();
        s[0] = 11;
        assertThat(errno(files.ioctl(iommu, IOAS_ALLOC, s))).isEqualTo(Errno.EINVAL);
        byte[] larger = Arrays.copyOf(StructBytes.of(AbiStruct.IOMMU_IOAS_ALLOC).bytes(), 20);
        larger[0] = 20;
        assertThat(files.ioctl(iommu, IOAS_ALLOC, larger).errno())
                .as("a newer program's zeroes")
                .isEmpty();
        larger[19] = 1;
        assertThat(errno(files.ioctl(iommu, IOAS_ALLOC, larger))).isEqualTo(Errno.E2BIG);
        larger[0] = 24;
        larger[19] = 0;
        assertThat(errno(files.ioctl(iommu, IOAS_ALLOC, larger)))
                .as("four bytes more than there are")
                .isEqualTo(Errno.EFAULT);
        assertThat(errno(files.ioctl(iommu, IOAS_ALLOC, new byte[2]))).isEqualTo(Errno.EFAULT);
        assertThat(errno(files.ioctl(iommu, IOAS_ALLOC, new UserVa(0x10)))).isEqualTo(Errno.EFAULT);
    }

    @Test
    void aResultThatCannotBeWrittenBackUndoesTheAllocation() {
        UserVa readOnly = f.process.mapReadOnly(4096).orThrow();
        f.process.view().write(readOnly.value(), 4, 12, 0);
        assertThat(errno(files.ioctl(iommu, IOAS_ALLOC, readOnly))).isEqualTo(Errno.EFAULT);
        assertThat(f.iommufd.inspect().objects()).isEmpty();
    }

    @Test
    void reservedFieldsAreRefusedBeforeIdsAreLookedUp() {
        byte[] s = StructBytes.of(AbiStruct.IOMMU_IOAS_MAP).set("__reserved", 1).bytes();
        assertThat(errno(files.ioctl(iommu, IOAS_MAP, s))).isEqualTo(Errno.EOPNOTSUPP);
        s = StructBytes.of(AbiStruct.IOMMU_OPTION).set("__reserved", 1).bytes();
        assertThat(errno(files.ioctl(iommu, OPTION, s))).isEqualTo(Errno.EOPNOTSUPP);
        s = StructBytes.of(AbiStruct.IOMMU_VEVENTQ_ALLOC).set("__reserved", 1).bytes();
        assertThat(errno(files.ioctl(iommu, VEVENTQ_ALLOC, s))).isEqualTo(Errno.EOPNOTSUPP);
        s = StructBytes.of(AbiStruct.IOMMU_DESTROY).set("id", 1).bytes();
        assertThat(errno(files.ioctl(iommu, DESTROY, s))).isEqualTo(Errno.ENOENT);
    }

    @Test
    void descriptorsAreOfWhatTheyAre() {
        assertThat(errno(files.ioctl(99, IOAS_ALLOC, new byte[12]))).isEqualTo(Errno.EBADF);
        int event = files.add(new EventFd("x"));
        assertThat(errno(files.ioctl(event, IOAS_ALLOC, new byte[12]))).isEqualTo(Errno.ENOTTY);
        assertThat(errno(files.ioctl(iommu, 0x3bff, new byte[12]))).isEqualTo(Errno.ENOTTY);
        int vfio = files.add(f.open(GPU));
        assertThat(errno(files.ioctl(vfio, RESET, new byte[0])))
                .as("nothing before it is bound")
                .isEqualTo(Errno.EINVAL);
        AbiStruct bind = AbiStruct.VFIO_DEVICE_BIND_IOMMUFD;
        byte[] s = StructBytes.of(bind).set("iommufd", event).bytes();
        assertThat(errno(files.ioctl(vfio, BIND, s))).isEqualTo(Errno.EBADFD);
        s = StructBytes.of(bind).set("iommufd", 99).bytes();
        assertThat(errno(files.ioctl(vfio, BIND, s))).isEqualTo(Errno.EBADF);
        s = StructBytes.of(bind).set("iommufd", -1).bytes();
        assertThat(errno(files.ioctl(vfio, BIND, s))).isEqualTo(Errno.EINVAL);
        files.close(event);
        assertThat(errno(files.close(event))).isEqualTo(Errno.EBADF);
    }

    private static Errno on(KernelVersion version, int request, StructBytes argument) {
        HostFixture host = new HostFixture(HostFixture.standard().withKernel(version));
        ProcessFiles files = new ProcessFiles(host.process, version);
        return errno(files.ioctl(files.add(host.iommufd), request, argument.bytes()));
    }

    @Test
    void olderKernelsKnowLess() {
        StructBytes events = StructBytes.of(AbiStruct.IOMMU_VEVENTQ_ALLOC);
        assertThat(on(KernelVersion.V6_13, VEVENTQ_ALLOC, events)).isEqualTo(Errno.ENOTTY);
        assertThat(on(KernelVersion.V6_15, VEVENTQ_ALLOC, events)).isEqualTo(Errno.EOPNOTSUPP);
        StructBytes change = StructBytes.of(AbiStruct.IOMMU_IOAS_CHANGE_PROCESS);
        assertThat(on(KernelVersion.V6_13, 0x3b92, change)).isEqualTo(Errno.ENOTTY);
        StructBytes viommu = StructBytes.of(AbiStruct.IOMMU_VIOMMU_ALLOC).set("data_len", 16);
        assertThat(on(KernelVersion.V6_15, VIOMMU_ALLOC, viommu))
                .as("vIOMMUs have data since 6.17")
                .isEqualTo(Errno.E2BIG);
        StructBytes info = StructBytes.of(AbiStruct.IOMMU_HW_INFO).set("flags", 1);
        assertThat(on(KernelVersion.V6_15, HW_INFO, info)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(on(KernelVersion.V6_17, HW_INFO, info)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void hardwareInformationFillsWhatRoomThereIs() {
        int vfio = files.add(f.open(GPU));
        AbiStruct bind = AbiStruct.VFIO_DEVICE_BIND_IOMMUFD;
        int dev =
                call(vfio, BIND, StructBytes.of(bind).set("iommufd", iommu), bind)
                        .getInt("out_devid");
        byte[] ones = new byte[64];
        Arrays.fill(ones, (byte) 0xff);
        f.process.view().writeBytes(scratch.value(), ones, 0, 64);
        AbiStruct s = AbiStruct.IOMMU_HW_INFO;
        StructBytes c = StructBytes.of(s).set("dev_id", dev).set("data_len", 48);
        c.set("data_uptr", scratch.value());
        StructBytes out = call(iommu, HW_INFO, c, s);
        assertThat(out.getInt("data_len")).isEqualTo(40);
        assertThat(out.getInt("out_data_type")).isEqualTo(2);
        byte[] got = new byte[64];
        f.process.view().readBytes(scratch.value(), got, 0, 64);
        int idr0 = f.machine.smmu("smmu0").orElseThrow().setup().identity().idr0();
        assertThat(StructReader.value(got, 8, 4)).isEqualTo(Integer.toUnsignedLong(idr0));
        assertThat(Arrays.copyOfRange(got, 40, 48)).as("cleared").containsOnly(0);
        assertThat(got[48]).as("beyond data_len").isEqualTo((byte) 0xff);
    }

    @Test
    void tooFewRangesTellHowManyThereAre() {
        int ioas = ioas();
        AbiStruct s = AbiStruct.IOMMU_IOAS_IOVA_RANGES;
        byte[] c = StructBytes.of(s).set("ioas_id", ioas).bytes();
        assertThat(errno(files.ioctl(iommu, IOVA_RANGES, c))).isEqualTo(Errno.EMSGSIZE);
        assertThat(StructBytes.from(s, c).getInt("num_iovas")).isEqualTo(1);
        StructBytes room = StructBytes.of(s).set("ioas_id", ioas).set("num_iovas", 1);
        call(iommu, IOVA_RANGES, room.set("allowed_iovas", scratch.value()), s);
        assertThat(f.process.view().read(scratch.value(), 8)).isZero();
        assertThat(f.process.view().read(scratch.value() + 8, 8)).isEqualTo(-1L);
        c = room.set("allowed_iovas", 0x10).bytes();
        assertThat(errno(files.ioctl(iommu, IOVA_RANGES, c))).isEqualTo(Errno.EFAULT);
    }

    @Test
    void interruptsAreSetByBytes() {
        int vfio = files.add(f.open(GPU));
        AbiStruct bind = AbiStruct.VFIO_DEVICE_BIND_IOMMUFD;
        call(vfio, BIND, StructBytes.of(bind).set("iommufd", iommu), bind);
        AbiStruct attach = AbiStruct.VFIO_DEVICE_ATTACH_IOMMUFD_PT;
        call(vfio, ATTACH, StructBytes.of(attach).set("pt_id", ioas()), attach);
        StructBytes info = StructBytes.of(AbiStruct.VFIO_IRQ_INFO).set("index", 2);
        assertThat(call(vfio, IRQ_INFO, info, AbiStruct.VFIO_IRQ_INFO).getInt("count"))
                .isEqualTo(16);
        int event = files.add(new EventFd("vector 0"));
        assertThat(setIrqs(vfio, 0x24, 0, 1, event, 0, 0, 0).errno()).isEmpty();
        assertThat(setIrqs(vfio, 0x22, 0, 1, 1).errno()).as("loopback").isEmpty();
        assertThat(files.read(event, scratch, 8).value()).isEqualTo(8);
        assertThat(f.process.view().read(scratch.value(), 8)).isEqualTo(1);
        assertThat(errno(files.read(event, scratch, 8))).isEqualTo(Errno.EAGAIN);
        assertThat(errno(setIrqs(vfio, 0x24, 16, 1, 0, 0, 0, 0))).isEqualTo(Errno.EINVAL);
        assertThat(errno(setIrqs(vfio, 0x24, 0, 2, event, 0, 0, 0)))
                .as("argsz does not cover two")
                .isEqualTo(Errno.EINVAL);
        assertThat(errno(setIrqs(vfio, 0x26, 0, 1, 0, 0, 0, 0)))
                .as("two kinds of data")
                .isEqualTo(Errno.EINVAL);
        assertThat(errno(setIrqs(vfio, 0x39, 0, 1))).as("three actions").isEqualTo(Errno.ENOTTY);
        assertThat(errno(setIrqs(vfio, 0x24, 0, 1, 99, 0, 0, 0))).isEqualTo(Errno.EBADF);
    }

    private Answer setIrqs(int vfio, int flags, int start, int count, int... data) {
        byte[] header =
                StructBytes.of(AbiStruct.VFIO_IRQ_SET)
                        .set("argsz", 20 + data.length)
                        .set("flags", flags)
                        .set("index", 2)
                        .set("start", start)
                        .set("count", count)
                        .bytes();
        byte[] all = Arrays.copyOf(header, 20 + data.length);
        for (int i = 0; i < data.length; i++) {
            all[20 + i] = (byte) data[i];
        }
        return files.ioctl(vfio, SET_IRQS, all);
    }

    @Test
    void noBytesThrowOrHang() {
        SplittableRandom random = new SplittableRandom(5);
        int vfio = files.add(f.kernel.openVfio(GPU, IoctlFilter.NONE).orElseThrow());
        List<Integer> requests = new ArrayList<>();
        for (int n = 0x64; n <= 0x95; n++) {
            requests.add(0x3b00 | n);
        }
        AbiStruct bind = AbiStruct.VFIO_DEVICE_BIND_IOMMUFD;
        call(vfio, BIND, StructBytes.of(bind).set("iommufd", iommu), bind);
        int answered = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[48];
            for (int at = 4; at < 48; at += 4) {
                long value = random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(8);
                if (at % 8 == 0 && random.nextInt(3) == 0) {
                    value = scratch.value() >>> (32 * (at / 4 % 2));
                }
                for (int b = 0; b < 4; b++) {
                    bytes[at + b] = (byte) (value >>> (8 * b));
                }
            }
            bytes[0] = (byte) (random.nextInt(4) == 0 ? random.nextInt(64) : 48);
            int fd = random.nextBoolean() ? iommu : vfio;
            Answer answer = files.ioctl(fd, requests.get(random.nextInt(requests.size())), bytes);
            answered += answer.ok() ? 1 : 0;
            assertThat(answer.raw()).isGreaterThan(-200);
        }
        assertThat(answered).as("some of it makes sense").isGreaterThan(100);
    }
}
