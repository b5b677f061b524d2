package dev.belfry.host.smmu;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.NIC;
import static dev.belfry.host.HostFixture.devId;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.description.ModuleOptions;
import dev.belfry.host.description.SmmuDescription;
import dev.belfry.host.iommu.ViommuBackend.Invalidated;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.kernel.smmu.Command;
import dev.belfry.kernel.smmu.CommandQueue;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvalidationTest {

    private static final int VSID = 0x10;

    /// With MSI polling a CMD_SYNC's own slot is overwritten when it is done; this way it can be
    /// read.
    private HostFixture f = new HostFixture();

    private VfioDevice gpu = f.bind(GPU);
    private int viommu;
    private CommandQueue queue = f.driver("smmu0").commandQueue();

    @BeforeEach
    void start() {
        start(false);
    }

    private void start(boolean dropsUnflushed) {
        ModuleOptions options = new ModuleOptions(false, true, dropsUnflushed);
        f = new HostFixture(HostFixture.standard().withOptions(options));
        gpu = f.bind(GPU);
        viommu = f.viommu(gpu);
        queue = f.driver("smmu0").commandQueue();
        f.iommufd.vdeviceAlloc(viommu, devId(gpu), VSID).orThrow();
        gpu.attach(0, f.nested(gpu, viommu, 9, 0)).orThrow();
    }

    /// Commands in host memory from queue position `from` to the present one.
    private List<long[]> queued(int from) {
        List<long[]> out = new ArrayList<>();
        int mask = (1 << queue.log2Size()) - 1;
        for (int p = from & mask; p != (queue.prod() & mask); p = (p + 1) & mask) {
            long at = queue.base() + 16L * p;
            out.add(new long[] {f.machine.read(at, 8), f.machine.read(at + 8, 8)});
        }
        return out;
    }

    private Invalidated invalidate(long... words) {
        List<long[]> commands = new ArrayList<>();
        for (int i = 0; i < words.length; i += 2) {
            commands.add(new long[] {words[i], words[i + 1]});
        }
        return f.iommufd.hwptInvalidate(viommu, 1, 16, commands);
    }

    private long vmid() {
        return Ste.S2VMID.get(f.physicalSte("smmu0", f.streamId(GPU)).w2());
    }

    @Test
    void vmidsAndStreamIdsAreTheHostsWhateverTheGuestSays() {
        int from = queue.prod();
        // NH_ASID of ASID 3, VMID 0x55; CFGI_CD of vSID 0x10, SSID 0; NSNH_ALL
        Invalidated done =
                invalidate(0x0003_0055_0000_0011L, 0, 0x0000_0010_0000_0005L, 1, 0x30, 0);
        assertThat(done.errno()).isEmpty();
        assertThat(done.handled()).isEqualTo(3);
        List<long[]> q = queued(from);
        assertThat(q.get(0)).containsExactly(0x0003_0000_0000_0011L | vmid() << 32, 0);
        assertThat(q.get(1)).containsExactly((long) f.streamId(GPU) << 32 | 5, 1);
        assertThat(q.get(2)).containsExactly(vmid() << 32 | 0x10, 0);
        assertThat(q.get(3)[0] & 0xff).as("the kernel's own CMD_SYNC").isEqualTo(0x46);
        assertThat(q).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x01, 0x03, 0x04, 0x20, 0x21, 0x22, 0x28, 0x2a, 0x41, 0x44, 0x46, 0x50})
    void otherCommandsAreNotForGuests(int opcode) {
        Invalidated done = invalidate(opcode, 0);
        assertThat(done.errno()).contains(Errno.EIO);
        assertThat(done.handled()).isZero();
    }

    @Test
    void aStreamIdThatIsNoVdeviceIsRefused() {
        f.bind(NIC);
        long nic = (long) f.streamId(NIC) << 32 | 0x40;
        assertThat(invalidate(nic, 0).errno()).contains(Errno.EIO);
    }

    @Test
    void commandsBeforeARefusedOneAreDoneAndCounted() {
        int from = queue.prod();
        Invalidated done = invalidate(0x11, 0, 0x11, 0, 0x03, 0);
        assertThat(done.handled()).isEqualTo(2);
        assertThat(done.errno()).contains(Errno.EIO);
        assertThat(queued(from)).as("two and a CMD_SYNC").hasSize(3);
    }

    @Test
    void withTheQuirkTheyAreCountedThoughTheyWereNotIssued() {
        start(true);
        int from = queue.prod();
        Invalidated done = invalidate(0x11, 0, 0x11, 0, 0x03, 0);
        assertThat(done.handled()).isEqualTo(2);
        assertThat(done.errno()).contains(Errno.EIO);
        assertThat(queued(from)).isEmpty();
    }

    /// A queue that the hardware no longer reads.
    @Test
    void aQueueThatStandsStillIsEtimedoutAndTheCountStepsBack() {
        f.machine.write(f.description.smmus().getFirst().base() + 0x20, 4, 0);
        Invalidated done = invalidate(0x11, 0, 0x11, 0, 0x11, 0);
        assertThat(done.errno()).contains(Errno.ETIMEDOUT);
        assertThat(done.handled()).isEqualTo(2);
    }

    @Test
    void aBatchIs63CommandsAndASync() {
        int from = queue.prod();
        List<long[]> commands = new ArrayList<>(Collections.nCopies(100, new long[] {0x11, 0}));
        commands.add(new long[] {0x03, 0});
        Invalidated done = f.iommufd.hwptInvalidate(viommu, 1, 16, commands);
        assertThat(done.handled()).isEqualTo(100);
        assertThat(queued(from)).as("63 and 37, a CMD_SYNC each").hasSize(102);
        assertThat(queued(from).get(63)[0] & 0xff).isEqualTo(0x46);
        assertThat(queued(from).getLast()[0] & 0xff).isEqualTo(0x46);
    }

    @Test
    void whatIsNoViommuIsRefusedWithNothingDone() {
        List<long[]> one = List.of(new long[] {0x11, 0});
        assertThat(f.iommufd.hwptInvalidate(77, 1, 16, one).errno()).contains(Errno.ENOENT);
        assertThat(f.iommufd.hwptInvalidate(devId(gpu), 1, 16, one).errno()).contains(Errno.EINVAL);
        int nested = f.nested(gpu, viommu, 1, 0);
        assertThat(f.iommufd.hwptInvalidate(nested, 1, 16, one).errno()).contains(Errno.EOPNOTSUPP);
        assertThat(f.iommufd.hwptInvalidate(viommu, 0, 16, one).errno()).contains(Errno.EINVAL);
        assertThat(f.iommufd.hwptInvalidate(viommu, 1, 0, one).errno()).contains(Errno.EINVAL);
    }

    @Test
    void noEntriesProbeForTheDataType() {
        assertThat(f.iommufd.hwptInvalidate(viommu, 1, 16, List.of()).errno()).isEmpty();
        assertThat(f.iommufd.hwptInvalidate(viommu, 0, 16, List.of()).errno())
                .contains(Errno.EINVAL);
    }

    @Test
    void noGuestReachesAnotherVmid() {
        InvalidationRewriter rewriter =
                new InvalidationRewriter(Optional.empty(), 7, sid -> OptionalInt.of(0x900));
        for (int opcode = 0; opcode < 256; opcode++) {
            var r = rewriter.rewrite(0xffff_ffff_ffff_ff00L | opcode, -1L);
            if (r.isOk()) {
                Command c = r.orThrow();
                boolean stream = opcode == 0x40 || opcode == 5 || opcode == 6;
                assertThat(stream ? c.w0() >>> 32 : c.w0() >>> 32 & 0xffff)
                        .isEqualTo(stream ? 0x900 : 7);
            }
        }
    }

    private static final int RIL = 1 << 10;

    private void on(KernelVersion kernel, int idr3) {
        HostDescription host = HostFixture.standard().withKernel(kernel);
        SmmuDescription smmu = host.smmus().getFirst();
        SmmuIdentity i = smmu.identity();
        SmmuIdentity next =
                new SmmuIdentity(
                        "other",
                        i.idr0(),
                        i.idr1(),
                        i.idr2(),
                        i.idr3() | idr3,
                        i.idr4(),
                        i.idr5(),
                        i.iidr(),
                        i.aidr());
        f = new HostFixture(host.withSmmus(List.of(smmu.with(next), host.smmus().get(1))));
        gpu = f.bind(GPU);
        viommu = f.viommu(gpu);
        f.iommufd.vdeviceAlloc(viommu, devId(gpu), VSID).orThrow();
    }

    /// Bits of `arm_vsmmu_validate_user_cmd`, read off the specification's figures of the commands.
    static List<Object[]> commandsOf73() {
        long vsid = (long) VSID << 32;
        return List.of(
                new Object[] {"NSNH_ALL", 0x30L, 0L, true},
                new Object[] {"NSNH_ALL of a VMID", 0x5_0000_0030L, 0L, false},
                new Object[] {"NH_ALL with SSec", 0x410L, 0L, false},
                new Object[] {"NH_ASID", 0x0003_0055_0000_0011L, 0L, true},
                new Object[] {"NH_ASID with an address", 0x11L, 0x1000L, false},
                new Object[] {"NH_VA of a page", 0x0003_0000_0000_0012L, 0x1001L, true},
                new Object[] {"NH_VA with RES0", 0x12L, 0x1002L, false},
                new Object[] {"NH_VA, NUM without TG", 0x1012L, 0x1000L, false},
                new Object[] {"NH_VA, TTL without TG", 0x12L, 0x1100L, false},
                new Object[] {"NH_VA, TG alone", 0x12L, 0x1400L, false},
                new Object[] {"NH_VA, TG and NUM", 0x1012L, 0x1400L, true},
                new Object[] {"NH_VA, TG and TTL", 0x12L, 0x1700L, true},
                new Object[] {"NH_VA, 16 KiB at level 1", 0x1012L, 0x4900L, false},
                new Object[] {"NH_VA, SCALE 31", 0x1f0_0012L, 0x1400L, true},
                new Object[] {"NH_VA, SCALE 32", 0x200_0012L, 0x1400L, false},
                new Object[] {"NH_VAA of an ASID", 0x0003_0000_0000_0013L, 0x1000L, false},
                new Object[] {"CFGI_CD", vsid | 5, 1L, true},
                new Object[] {"CFGI_CD with SSV", vsid | 0x805, 1L, false},
                new Object[] {"CFGI_CD_ALL", vsid | 6, 0L, true},
                new Object[] {"CFGI_CD_ALL of a leaf", vsid | 6, 1L, false},
                new Object[] {"ATC_INV of everything", vsid | 0x40, 52L, true},
                new Object[] {"ATC_INV of more", vsid | 0x40, 53L, false},
                new Object[] {"ATC_INV with RES0", vsid | 0x40, 0x80L, false});
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("commandsOf73")
    void from73OnEachFieldOfAGuestsCommandIsChecked(
            String what, long w0, long w1, boolean allowed) {
        on(KernelVersion.V7_3, RIL);
        assertThat(invalidate(w0, w1).errno().isEmpty()).as(what).isEqualTo(allowed);
        if (!allowed) {
            assertThat(invalidate(w0, w1).errno()).contains(Errno.EIO);
        }
    }

    @Test
    void withoutRangesTheirFieldsAreNotTheGuests() {
        on(KernelVersion.V7_3, 0);
        assertThat(invalidate(0x1012L, 0x1400L).errno()).contains(Errno.EIO);
        assertThat(invalidate(0x12L, 0x1001L).errno()).isEmpty();
    }

    @Test
    void before73WhatAGuestSetsBesideGoesToTheQueueAsItIs() {
        on(KernelVersion.V7_2, 0);
        assertThat(invalidate(0x12, 0x1400L).errno()).isEmpty();
        assertThat(invalidate(0x11, 0x1000L).errno()).isEmpty();
    }

    @Test
    void from72OnAnEntryIsAtMostAPage() {
        for (KernelVersion v : List.of(KernelVersion.V7_0, KernelVersion.V7_2)) {
            on(v, 0);
            List<long[]> one = List.of(new long[] {0x30, 0});
            assertThat(f.iommufd.hwptInvalidate(viommu, 1, 4096, one).errno()).isEmpty();
            assertThat(f.iommufd.hwptInvalidate(viommu, 1, 4097, one).errno().isEmpty())
                    .isEqualTo(v.equals(KernelVersion.V7_0));
        }
    }
}
