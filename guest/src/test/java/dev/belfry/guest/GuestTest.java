package dev.belfry.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.guest.GuestReport.Device;
import dev.belfry.guest.GuestReport.Vector;
import dev.belfry.guest.firmware.ReservedMemory;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.Translation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuestTest {

    private static final Bdf NVME = new Bdf(0, 0, 2, 0);
    private static final Bdf BEHIND_PORT = new Bdf(0, 1, 0, 0);

    private final VirtPlatform platform = new VirtPlatform(SmmuIdentity.QEMU_7_2, true);

    private Guest boot(String commandLine) {
        return Guest.boot(platform, platform.firmware(), commandLine);
    }

    private static Device device(Guest guest, Bdf bdf) {
        return guest.report().devices().stream()
                .filter(d -> d.bdf().equals(bdf))
                .findFirst()
                .orElseThrow();
    }

    private static List<Vector> vectors(Guest guest, Bdf bdf) {
        return guest.report().vectors().stream().filter(v -> v.bdf().equals(bdf)).toList();
    }

    private static void everythingArrived(Guest guest, int devices) {
        GuestReport report = guest.report();
        assertThat(report.problems()).isEmpty();
        assertThat(report.events()).isEmpty();
        assertThat(report.dma()).hasSize(2 * devices).allMatch(GuestReport.Transfer::verified);
        assertThat(report.vectors()).isNotEmpty().allMatch(v -> v.taken() == 1);
        assertThat(report.vectors().stream().map(Vector::bdf).distinct()).hasSize(devices);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "iommu.strict=0", "iommu.passthrough=1"})
    void dmaAndEveryVectorArrive(String commandLine) {
        Guest guest = boot(commandLine);
        guest.exercise();
        everythingArrived(guest, 3);
    }

    @ParameterizedTest
    @EnumSource(Granule.class)
    void everyPageSizeWorks(Granule pageSize) {
        Guest guest =
                Guest.boot(new Guest.Setup(platform, platform.firmware(), "", 5, pageSize, 4));
        guest.exercise();
        everythingArrived(guest, 3);
    }

    @Test
    void gicv2mWorksToo() {
        VirtPlatform v2m = new VirtPlatform(SmmuIdentity.QEMU_7_2, false);
        Guest guest = Guest.boot(new Guest.Setup(v2m, v2m.firmware(), "", 1, Granule.G4K, 8));
        guest.exercise();
        everythingArrived(guest, 3);
        assertThat(vectors(guest, NVME).getFirst().doorbell()).isEqualTo(0x802_0040L);
    }

    @Test
    void messagesAreThoseOfARealGuest() {
        Guest guest = boot("");
        Vector second = vectors(guest, NVME).get(2);
        assertThat(second.messageAddress()).isEqualTo(0xffff_f040L);
        assertThat(second.messageData()).isEqualTo(2);
        assertThat(second.doorbell()).isEqualTo(0x809_0040L);
        assertThat(device(guest, NVME).streamId()).hasValue(0x10);
        assertThat(device(guest, NVME).deviceId()).hasValue(0x10);
        assertThat(device(guest, NVME).domain()).isEqualTo(DomainKind.DMA_STRICT);
        Guest direct =
                Guest.boot(
                        new VirtPlatform(SmmuIdentity.QEMU_7_2, true),
                        platform.firmware(),
                        "iommu.passthrough=1");
        assertThat(vectors(direct, NVME).getFirst().messageAddress()).isEqualTo(0x809_0040L);
        assertThat(device(direct, NVME).domain()).isEqualTo(DomainKind.IDENTITY);
    }

    @Test
    void groupsAreWiderWithADeviceTreeThanWithAcpi() {
        Guest tree = boot("");
        assertThat(device(tree, BEHIND_PORT).group())
                .isEqualTo(device(tree, new Bdf(0, 0, 3, 0)).group());
        VirtPlatform other = new VirtPlatform(SmmuIdentity.QEMU_7_2, true);
        Guest acpi = Guest.boot(other, other.firmware(true, false, List.of()), "");
        assertThat(device(acpi, BEHIND_PORT).group())
                .isNotEqualTo(device(acpi, new Bdf(0, 0, 3, 0)).group());
    }

    @Test
    void vectorsAreSpreadOverCpusAndMovedWithoutAnotherMessage() {
        Guest guest = boot("");
        List<Vector> before = vectors(guest, NVME);
        assertThat(before.stream().map(Vector::cpu).distinct()).hasSize(2);
        guest.setAffinity(NVME, 0, 1 - before.getFirst().cpu());
        guest.raise(NVME, 0);
        Vector after = vectors(guest, NVME).getFirst();
        assertThat(after.taken()).isEqualTo(1);
        assertThat(after.cpu()).isEqualTo(1 - before.getFirst().cpu());
        assertThat(after.messageData()).isEqualTo(before.getFirst().messageData());
    }

    @Test
    void aMaskedVectorWaits() {
        Guest guest = boot("");
        guest.maskVector(NVME, 1);
        guest.raise(NVME, 1);
        assertThat(vectors(guest, NVME).get(1).taken()).isZero();
        guest.unmaskVector(NVME, 1);
        assertThat(vectors(guest, NVME).get(1).taken()).isEqualTo(1);
    }

    @Test
    void aDeviceWorksAfterItsDomainWasSwitchedAndBack() {
        Guest guest = boot("");
        for (boolean translated : new boolean[] {false, true}) {
            assertThat(guest.switchDomain(NVME, translated)).isTrue();
            guest.copy(NVME);
            guest.raiseAll(NVME);
            GuestReport report = guest.report();
            assertThat(report.events()).isEmpty();
            assertThat(report.dma()).allMatch(GuestReport.Transfer::verified);
            assertThat(vectors(guest, NVME)).isNotEmpty().allMatch(v -> v.taken() == 1);
            assertThat(vectors(guest, NVME).getFirst().messageAddress())
                    .isEqualTo(translated ? 0xffff_f040L : 0x809_0040L);
        }
    }

    @Test
    void devicesWorkUnderOtherBusNumbers() {
        Guest guest = boot("");
        guest.renumberBuses(2);
        guest.exercise();
        everythingArrived(guest, 3);
        assertThat(guest.report().devices().stream().map(d -> d.bdf().bus()).distinct())
                .containsExactly(0, 3, 6);
        assertThat(device(guest, new Bdf(0, 3, 0, 0)).streamId()).hasValue(0x300);
    }

    @Test
    void whatIsUnmappedFaultsAndTheGuestReadsTheEvent() {
        Guest guest = boot("");
        Translation result =
                platform.smmu.translate(0x10, Smmu.NO_SUBSTREAM, 0x1234_5000L, Access.WRITE);
        assertThat(result).isInstanceOf(Translation.Faulted.class);
        assertThat(guest.takeInterrupts()).isEqualTo(1);
        GuestReport.Event event = guest.report().events().getFirst();
        assertThat(event.event().w0() & 0xff).isEqualTo(0x10);
        assertThat(event.event().w0() >>> 32).isEqualTo(0x10);
        assertThat(event.event().w2()).isEqualTo(0x1234_5000L);
    }

    private Translation afterBootWithRmr(boolean preserveConfig) {
        ReservedMemory rmr =
                new ReservedMemory(
                        0x800_0000,
                        0x10_0000,
                        false,
                        false,
                        0,
                        List.of(new ReservedMemory.Streams(0, 0, 0x100)));
        Guest guest =
                Guest.boot(platform, platform.firmware(true, preserveConfig, List.of(rmr)), "");
        guest.exercise();
        everythingArrived(guest, 3);
        return platform.smmu.translate(0x10, Smmu.NO_SUBSTREAM, 0x800_0040L, Access.WRITE);
    }

    @Test
    void aReservedRegionIsMappedToItselfWhereFirmwaresConfigurationIsKept() {
        assertThat(afterBootWithRmr(true))
                .isInstanceOfSatisfying(
                        Translation.Mapped.class, m -> assertThat(m.pa()).isEqualTo(0x800_0040L));
    }

    @Test
    void aReservedRegionIsIgnoredOtherwise() {
        assertThat(afterBootWithRmr(false)).isInstanceOf(Translation.Faulted.class);
    }

    @Test
    void anSmmuWithoutStageOneTranslatesWithStageTwo() {
        VirtPlatform stage2 = new VirtPlatform(SmmuIdentity.QEMU_10_2_STAGE2, true);
        Guest guest = Guest.boot(stage2, stage2.firmware(), "");
        guest.exercise();
        everythingArrived(guest, 3);
        assertThat(device(guest, NVME).domain()).isEqualTo(DomainKind.DMA_STRICT);
    }

    @Test
    void aPhysicalIdentityWithStallsAtsAndMsisWorks() {
        VirtPlatform max = new VirtPlatform(SmmuIdentity.MAX, true);
        Guest guest = Guest.boot(max, max.firmware(), "");
        guest.exercise();
        everythingArrived(guest, 3);
    }
}
