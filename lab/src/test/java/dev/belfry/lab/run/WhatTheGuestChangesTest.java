package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.guest.GuestReport;
import dev.belfry.lab.Progress;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.pci.spec.Bdf;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a guest changes after boot: bus numbers, affinity, masks, domains.
class WhatTheGuestChangesTest {

    @Test
    void vectorsFollowTheirCpus() throws Exception {
        Platform platform = Runs.boot(Runs.ONE_DEVICE);
        GuestReport.Vector v = platform.guest().report().vectors().getFirst();
        int other = 1 - v.cpu();
        platform.guest().setAffinity(v.bdf(), v.vector(), other);

        RunReport.Vector told = new VectorRuns(platform).fireAll(Progress.NONE).getFirst();

        assertThat(told.delivered()).isTrue();
        assertThat(told.way().vcpu()).hasValue(other);
    }

    @Test
    void aMaskedVectorIsHeldBackUntilItIsUnmasked() throws Exception {
        Platform platform = Runs.boot(Runs.ONE_DEVICE);
        GuestReport.Vector v = platform.guest().report().vectors().getFirst();
        platform.guest().maskVector(v.bdf(), v.vector());
        platform.guest().raise(v.bdf(), v.vector());
        assertThat(taken(platform, v)).isEqualTo(v.taken());

        platform.guest().unmaskVector(v.bdf(), v.vector());
        platform.guest().raise(v.bdf(), v.vector());

        assertThat(taken(platform, v)).isGreaterThan(v.taken());
    }

    /// A pxb-pcie hands the guest no more buses than firmware gave out below it.
    @Test
    void belowAPxbThereAreNoOtherBusNumbers() throws Exception {
        Platform platform = Runs.boot(Runs.ONE_DEVICE);
        platform.guest().renumberBuses(2);

        assertThat(platform.guest().report().devices()).noneMatch(GuestReport.Device::driven);
    }

    private static long taken(Platform platform, GuestReport.Vector v) {
        return platform.guest().report().vectors().stream()
                .filter(x -> x.bdf().equals(v.bdf()) && x.vector() == v.vector())
                .findFirst()
                .orElseThrow()
                .taken();
    }

    @Test
    void devicesAreDeliveredInIdentityAndInANewDomain() throws Exception {
        Platform platform = Runs.boot(Runs.ONE_DEVICE);
        Bdf bdf = platform.guest().report().vectors().getFirst().bdf();
        for (boolean translated : List.of(false, true, false)) {
            assertThat(platform.guest().switchDomain(bdf, translated)).isTrue();

            assertThat(new VectorRuns(platform).fireAll(Progress.NONE))
                    .isNotEmpty()
                    .allMatch(RunReport.Vector::delivered);
        }
    }

    /// A device tree's `iommu-map` and `msi-map` cover all buses.
    @Test
    void devicesFollowNewBusNumbersWhereFirmwareMapsAllOfThem() throws Exception {
        Platform platform =
                Runs.boot(
                        Runs.TCG.replace("virt,", "virt,acpi=off,iommu=smmuv3,")
                                + " -device pcie-root-port,id=rp1,bus=pcie.0,chassis=1"
                                + " -device nvme,serial=a,bus=rp1");
        Bdf before = platform.guest().report().vectors().getFirst().bdf();
        platform.guest().renumberBuses(3);
        List<RunReport.Vector> vectors = new VectorRuns(platform).fireAll(Progress.NONE);

        assertThat(vectors).isNotEmpty().allMatch(RunReport.Vector::delivered);
        assertThat(vectors.getFirst().device()).isNotEqualTo(before.withoutSegment());
        assertThat(vectors.getFirst().hops()).anyMatch(h -> h.kind() == HopKind.STAGE1);
    }

    /// QEMU writes into the IORT the buses that firmware had numbered. A guest that numbers them
    /// anew leaves that range: it finds no SMMU for the device, but the device is behind one.
    @Test
    void aDeviceBeyondTheBusesOfTheIortIsLostAtTheStreamTable() throws Exception {
        Platform platform =
                Runs.boot(
                        Runs.TCG
                                + " -device arm-smmuv3,primary-bus=pcie.0,id=s"
                                + " -device pcie-root-port,id=rp1,bus=pcie.0,chassis=1"
                                + " -device nvme,serial=a,bus=rp1");
        platform.guest().renumberBuses(3);

        assertThat(new VectorRuns(platform).fireAll(Progress.NONE))
                .isNotEmpty()
                .allSatisfy(v -> {
                    assertThat(v.stoppedAt()).contains(HopKind.STREAM_TABLE);
                    assertThat(v.sentence()).contains("C_BAD_STREAMID");
                });
    }

    /// An accelerated SMMU's vDEVICE keeps the StreamID that it was made with (QEMU allocates it
    /// once), and its IORT asks that bus numbers be kept. A guest that changes them all the same
    /// loses its interrupts; nothing else breaks.
    @Test
    void anAcceleratedDeviceIsLostWhenItsBusNumberChanges() throws Exception {
        Platform platform =
                Runs.boot(
                        Runs.KVM
                                + " -device arm-smmuv3,primary-bus=pcie.0,id=s,accel=on"
                                + " -device pcie-root-port,id=rp1,bus=pcie.0,chassis=1"
                                + Runs.device("0009:01:00.0", 1));
        platform.guest().renumberBuses(2);

        List<RunReport.Vector> vectors = new VectorRuns(platform).fireAll(Progress.NONE);

        assertThat(vectors).isNotEmpty().noneMatch(RunReport.Vector::delivered);
        assertThat(vectors).allMatch(v -> v.stoppedAt().isPresent());
    }
}
