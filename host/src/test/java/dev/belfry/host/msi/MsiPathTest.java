package dev.belfry.host.msi;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.NIC;
import static dev.belfry.host.HostFixture.OTHER;
import static dev.belfry.host.HostFixture.RAM_BASE;
import static dev.belfry.host.HostFixture.RAM_SIZE;
import static dev.belfry.host.HostFixture.devId;
import static dev.belfry.host.HostFixture.errno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.DeviceReport;
import dev.belfry.host.HostFixture;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.iommufd.IommufdView.Doorbell;
import dev.belfry.host.iommufd.VeventRecord;
import dev.belfry.host.iommufd.Veventq;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.IrqSet;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.kernel.iopgtable.Protection;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Journey;
import dev.belfry.model.pci.Endpoint;
import dev.belfry.model.pci.spec.Bdf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A device's message on its way through the physical SMMU to the physical ITS, a host LPI and an
/// eventfd.
class MsiPathTest {

    private static final int MSIX = 2;
    private static final long WINDOW = 0x0800_0000L;

    private final HostFixture f = new HostFixture();

    private static List<Optional<EventFd>> fds(int count) {
        List<Optional<EventFd>> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            out.add(Optional.of(new EventFd("vector " + i)));
        }
        return out;
    }

    private static void enable(VfioDevice device, List<Optional<EventFd>> fds) {
        device.setIrqs(IrqSet.trigger(MSIX, 0, fds)).orThrow();
        device.write(7, 4, 2, 6).orThrow();
    }

    private Journey fire(Bdf bdf, int vector) {
        Endpoint endpoint = f.machine.function(bdf).orElseThrow();
        f.recorder.start();
        endpoint.signal(vector);
        return f.recorder.stop();
    }

    private static long count(List<Optional<EventFd>> fds, int vector) {
        return fds.get(vector).orElseThrow().read();
    }

    @Test
    void throughStage2Alone() {
        VfioDevice gpu = f.bind(GPU);
        gpu.attach(0, f.nestParent(gpu, f.ioasWithRam())).orThrow();
        List<Optional<EventFd>> fds = fds(4);
        enable(gpu, fds);
        Journey journey = fire(GPU, 2);
        assertThat(journey.hops())
                .extracting(h -> h.kind())
                .contains(HopKind.STAGE2, HopKind.DOORBELL, HopKind.ITE, HopKind.LPI, HopKind.CPU)
                .doesNotContain(HopKind.STAGE1);
        assertThat(count(fds, 2)).isEqualTo(1);
        assertThat(count(fds, 1)).isZero();
    }

    @Test
    void throughAPlainHwptOfAnIoas() {
        VfioDevice gpu = f.bind(GPU);
        gpu.attach(0, f.ioasWithRam()).orThrow();
        List<Optional<EventFd>> fds = fds(1);
        enable(gpu, fds);
        fire(GPU, 0);
        assertThat(count(fds, 0)).isEqualTo(1);
    }

    @Test
    void throughTheGuestsStage1WhenItHonoursTheRmr() {
        VfioDevice gpu = f.bind(GPU);
        GuestTables guest = new GuestTables(f);
        guest.map(WINDOW, WINDOW, Protection.DOORBELL);
        List<Optional<EventFd>> fds = attachStage1(gpu, guest);
        Journey journey = fire(GPU, 3);
        assertThat(journey.hops())
                .extracting(h -> h.kind())
                .contains(HopKind.CD, HopKind.STAGE1, HopKind.STAGE2, HopKind.LPI);
        assertThat(count(fds, 3)).isEqualTo(1);
        assertThat(f.kernel.messages()).isEmpty();
    }

    private List<Optional<EventFd>> attachStage1(VfioDevice gpu, GuestTables guest) {
        int viommu = f.viommu(gpu);
        f.iommufd.vdeviceAlloc(viommu, devId(gpu), 0x20).orThrow();
        gpu.attach(0, f.nested(gpu, viommu, guest.ste0(), GuestTables.STE_W1)).orThrow();
        List<Optional<EventFd>> fds = fds(4);
        enable(gpu, fds);
        return fds;
    }

    @Test
    void withoutRmrTheGuestSeesATranslationFaultAtTheHostsAddress() {
        VfioDevice gpu = f.bind(GPU);
        GuestTables guest = new GuestTables(f);
        int viommu = f.viommu(gpu);
        f.iommufd.vdeviceAlloc(viommu, devId(gpu), 0x20).orThrow();
        Veventq events = f.iommufd.veventqAlloc(0, viommu, 1, 8).orThrow();
        gpu.attach(0, f.nested(gpu, viommu, guest.ste0(), GuestTables.STE_W1)).orThrow();
        List<Optional<EventFd>> fds = fds(1);
        enable(gpu, fds);
        Journey journey = fire(GPU, 0);

        assertThat(journey.firstBroken().orElseThrow().kind()).isEqualTo(HopKind.STAGE1);
        assertThat(count(fds, 0)).isZero();
        VeventRecord record = events.read(4096, 0).orThrow().getFirst();
        assertThat(record.event().at(0)).as("F_TRANSLATION").isEqualTo(0x10);
        assertThat(record.event().at(4)).as("vSID").isEqualTo(0x20);
        byte[] e = record.event().toArray();
        assertThat(new byte[] {e[16], e[17], e[18], e[19]})
                .as("input address 0x08000040")
                .containsExactly(0x40, 0, 0, 8);
        assertThat(f.kernel.messages()).isEmpty();
    }

    @Test
    void withoutAVeventqTheHostPrintsTheEvent() {
        VfioDevice gpu = f.bind(GPU);
        attachStage1(gpu, new GuestTables(f));
        fire(GPU, 0);
        assertThat(f.kernel.messages())
                .singleElement()
                .asString()
                .contains("F_TRANSLATION", GPU.toString());
    }

    @Test
    void aStage2FaultIsTheHostsBusinessAlone() {
        VfioDevice gpu = f.bind(GPU);
        GuestTables guest = new GuestTables(f);
        guest.map(0x5000, RAM_BASE + RAM_SIZE, Protection.DMA);
        int viommu = f.viommu(gpu);
        f.iommufd.vdeviceAlloc(viommu, devId(gpu), 0x20).orThrow();
        Veventq events = f.iommufd.veventqAlloc(0, viommu, 1, 8).orThrow();
        gpu.attach(0, f.nested(gpu, viommu, guest.ste0(), GuestTables.STE_W1)).orThrow();
        gpu.write(7, 4, 2, 6).orThrow();
        boolean done = f.machine.function(GPU).orElseThrow().dmaWrite(0x5000, new byte[16]);
        assertThat(done).isFalse();
        assertThat(events.readable()).isFalse();
        assertThat(f.kernel.messages()).singleElement().asString().contains("stage 2");
    }

    @Test
    void anAbortedStreamDropsTheMessageSilently() {
        VfioDevice gpu = f.bind(GPU);
        int viommu = f.viommu(gpu);
        gpu.attach(0, f.nested(gpu, viommu, 1, 0)).orThrow();
        List<Optional<EventFd>> fds = fds(1);
        enable(gpu, fds);
        Journey journey = fire(GPU, 0);
        assertThat(journey.firstBroken().orElseThrow().kind()).isEqualTo(HopKind.STE);
        assertThat(count(fds, 0)).isZero();
        assertThat(f.kernel.messages()).isEmpty();
    }

    @Test
    void interruptsGoOnAfterAReplaceByAnotherParent() {
        VfioDevice gpu = f.bind(GPU);
        int ioas = f.ioasWithRam();
        gpu.attach(0, f.nestParent(gpu, ioas)).orThrow();
        List<Optional<EventFd>> fds = fds(1);
        enable(gpu, fds);
        gpu.attach(0, f.nestParent(gpu, ioas)).orThrow();
        fire(GPU, 0);
        assertThat(count(fds, 0)).isEqualTo(1);
    }

    @Test
    void aDoorbellHasOneAddressForAllDevicesOfAFile() {
        for (Bdf bdf : List.of(GPU, NIC, OTHER)) {
            VfioDevice device = f.bind(bdf);
            device.attach(0, f.nestParent(device, f.ioasWithRam())).orThrow();
            List<Optional<EventFd>> fds = fds(2);
            enable(device, fds);
            assertThat(device.vectors())
                    .extracting(v -> v.message().address())
                    .containsOnly(new Iova(WINDOW + 0x40));
            fire(bdf, 1);
            assertThat(count(fds, 1)).isEqualTo(1);
        }
        assertThat(f.iommufd.inspect().doorbells())
                .containsExactly(new Doorbell(new Iova(WINDOW), new Hpa(0x2205_0000L)));
    }

    @Test
    void eachItsHasAPageOfTheWindowInOrderOfFirstUse() {
        HostFixture k = new HostFixture(HostDescription.preset("kunpeng920"));
        Bdf behindIts1 = new Bdf(0, 0x7d, 2, 1);
        Bdf behindIts0 = new Bdf(0, 0x75, 0, 1);
        for (Bdf bdf : List.of(behindIts1, behindIts0)) {
            VfioDevice device = k.bind(bdf);
            device.attach(0, k.nestParent(device, k.ioasWithRam())).orThrow();
            List<Optional<EventFd>> fds = fds(1);
            enable(device, fds);
            k.machine.function(bdf).orElseThrow().signal(0);
            assertThat(count(fds, 0)).isEqualTo(1);
        }
        assertThat(k.iommufd.inspect().doorbells())
                .containsExactly(
                        new Doorbell(new Iova(WINDOW), new Hpa(0x2_0231_0000L)),
                        new Doorbell(new Iova(WINDOW + 0x1000), new Hpa(0x2_0211_0000L)));
    }

    @Test
    void aVectorThatIsDisconnectedStaysSilentAndComesBack() {
        VfioDevice gpu = f.bind(GPU);
        gpu.attach(0, f.nestParent(gpu, f.ioasWithRam())).orThrow();
        List<Optional<EventFd>> fds = fds(2);
        enable(gpu, fds);
        gpu.setIrqs(IrqSet.trigger(MSIX, 1, List.of(Optional.empty()))).orThrow();
        fire(GPU, 1);
        assertThat(count(fds, 1)).isZero();
        gpu.setIrqs(IrqSet.trigger(MSIX, 1, List.of(fds.get(1)))).orThrow();
        assertThat(count(fds, 1)).as("the pending bit").isEqualTo(1);
        fire(GPU, 1);
        assertThat(count(fds, 1)).isEqualTo(1);
    }

    /// `its_irq_domain_alloc` does not give an EventID back whose doorbell could not be mapped.
    @Test
    void eachFailureToMapTheDoorbellCostsTheDeviceAnEventId() {
        HostFixture f = new HostFixture();
        VfioDevice gpu = f.bind(GPU);
        for (int i = 0; i < 14; i++) {
            assertThat(errno(gpu.setIrqs(IrqSet.trigger(MSIX, 0, fds(1))))).isEqualTo(Errno.ENOSPC);
        }
        gpu.attach(0, f.ioasWithRam()).orThrow();
        assertThat(gpu.setIrqs(IrqSet.trigger(MSIX, 0, fds(5))).orThrow())
                .as("of 16 are left, and nothing is on")
                .isEqualTo(2);
        assertThat(gpu.vectors()).isEmpty();
        assertThat(gpu.setIrqs(IrqSet.trigger(MSIX, 0, fds(2))).orThrow()).isZero();
        assertThat(gpu.vectors()).extracting(DeviceMsi.Vector::eventId).containsExactly(14, 15);
        gpu.close();
        VfioDevice again = f.bind(GPU);
        again.attach(0, f.ioasWithRam()).orThrow();
        assertThat(again.setIrqs(IrqSet.trigger(MSIX, 0, fds(3))).orThrow())
                .as("until the host is restarted")
                .isEqualTo(2);
    }

    @Test
    void vectorsAreAddedWhileMsixIsOnSinceLinux7Dot3() {
        assertThat(errno(ninthVector(f))).isEqualTo(Errno.EINVAL);
        HostFixture newer = new HostFixture(HostFixture.standard().withKernel(KernelVersion.V7_3));
        assertThat(ninthVector(newer).isOk()).isTrue();
    }

    private static Result<Integer> ninthVector(HostFixture f) {
        VfioDevice gpu = f.bind(GPU);
        gpu.attach(0, f.nestParent(gpu, f.ioasWithRam())).orThrow();
        gpu.setIrqs(IrqSet.trigger(MSIX, 0, List.of(Optional.empty()))).orThrow();
        gpu.write(7, 4, 2, 6).orThrow();
        return gpu.setIrqs(IrqSet.trigger(MSIX, 9, fds(1)));
    }

    @Test
    void plainMsiArrivesToo() {
        VfioDevice gpu = f.bind(GPU);
        gpu.attach(0, f.nestParent(gpu, f.ioasWithRam())).orThrow();
        List<Optional<EventFd>> fds = fds(1);
        gpu.setIrqs(IrqSet.trigger(1, 0, fds)).orThrow();
        gpu.write(7, 4, 2, 6).orThrow();
        fire(GPU, 0);
        assertThat(count(fds, 0)).isEqualTo(1);
    }

    @Test
    void aReportNamesWhatAPersonWantsToKnow() {
        VfioDevice gpu = f.bind(GPU);
        int viommu = f.viommu(gpu);
        f.iommufd.vdeviceAlloc(viommu, devId(gpu), 0x20).orThrow();
        int bypass = f.nested(gpu, viommu, 9, 0);
        gpu.attach(0, bypass).orThrow();
        enable(gpu, fds(2));
        DeviceReport report = DeviceReport.of(gpu);
        assertThat(report.bdf()).isEqualTo("0009:01:00.0");
        assertThat(report.smmu()).isEqualTo("smmu0");
        assertThat(report.attachment().orElseThrow().hwptId()).isEqualTo(bypass);
        assertThat(report.attachment().orElseThrow().nested()).isTrue();
        assertThat(report.virtualStreamId()).contains(0x20L);
        assertThat(report.vectors()).hasSize(2);
        assertThat(report.vectors().get(1).eventfd()).contains("vector 1");
        assertThat(report.vectors().get(1).allocated().lpi()).isGreaterThanOrEqualTo(8192);
    }
}
