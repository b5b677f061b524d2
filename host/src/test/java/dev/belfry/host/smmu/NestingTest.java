package dev.belfry.host.smmu;

import static dev.belfry.host.HostFixture.GPU;
import static dev.belfry.host.HostFixture.devId;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.description.SmmuDescription;
import dev.belfry.host.iommu.HwInfo;
import dev.belfry.host.iommufd.HwptAlloc;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.Ste;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NestingTest {

    private static final int IDR0_BOTH_STAGES_COHERENT = 0x13;
    private static final int IDR3_FWB = 0x100;

    private static NestingSupport support(int idr0, int idr3, int iidr) {
        return new NestingSupport(new HwInfo(2, idr0, 0, 0, idr3, 0, 0, iidr, 0));
    }

    @ParameterizedTest
    @CsvSource({
        // MMU-600 r0, r1: erratum 1209401; r2 is free of it
        "0x4830043b, false",
        "0x4831043b, false",
        "0x4832043b, true",
        // MMU-700: errata 2268618, 2812531
        "0x4870043b, false",
        "0x4873043b, false",
        // another maker's part with the same product number
        "0x48700123, true",
        "0, true"
    })
    void errataTakeNestingAway(String iidr, boolean offered) {
        int value = Long.decode(iidr).intValue();
        assertThat(support(IDR0_BOTH_STAGES_COHERENT, IDR3_FWB, value).whyNoNestParent().isEmpty())
                .isEqualTo(offered);
    }

    @ParameterizedTest
    @CsvSource({
        // idr0, idr3, canwbs, offered
        "0x13, 0x0, true, true",
        "0x13, 0x100, false, true",
        "0x13, 0x0, false, false",
        // S2FWB without COHACC
        "0x3, 0x100, false, false",
        // stage 1 or stage 2 alone
        "0x12, 0x100, true, false",
        "0x11, 0x100, true, false"
    })
    void aViommuNeedsBothStagesAndCoherence(
            String idr0, String idr3, boolean canwbs, boolean offered) {
        assertThat(
                        support(Integer.decode(idr0), Integer.decode(idr3), 0)
                                .whyNoViommu(canwbs)
                                .isEmpty())
                .isEqualTo(offered);
    }

    @Test
    void withoutNestingTheCallsSayEopnotsupp() {
        HostDescription host = HostFixture.standard();
        SmmuDescription old = host.smmus().getFirst();
        SmmuIdentity i = old.identity();
        SmmuIdentity mmu700 =
                new SmmuIdentity(
                        "mmu-700",
                        i.idr0(),
                        i.idr1(),
                        i.idr2(),
                        i.idr3(),
                        i.idr4(),
                        i.idr5(),
                        0x4870043b,
                        i.aidr());
        HostDescription changed = host.withSmmus(List.of(old.with(mmu700), host.smmus().get(1)));
        HostFixture f = new HostFixture(changed);
        VfioDevice gpu = f.bind(GPU);
        int ioas = f.ioasWithRam();
        Result<Integer> parent =
                f.iommufd.hwptAlloc(HwptAlloc.paging(HwptAlloc.NEST_PARENT, devId(gpu), ioas));
        assertThat(((Result.Err<Integer>) parent).errno()).isEqualTo(Errno.EOPNOTSUPP);
        Result<Integer> viommu = f.iommufd.viommuAlloc(0, 1, devId(gpu), 77);
        assertThat(((Result.Err<Integer>) viommu).errno()).isEqualTo(Errno.EOPNOTSUPP);
    }

    /// STE words of a captured guest: stage 1, and what the host makes of them.
    @Test
    void theHostsSteIsTheGuestsStage1OverTheParentsStage2() {
        HostFixture f = new HostFixture();
        VfioDevice gpu = f.bind(GPU);
        int viommu = f.viommu(gpu);
        f.iommufd.vdeviceAlloc(viommu, devId(gpu), 0x10).orThrow();

        gpu.attach(0, f.nested(gpu, viommu, 0x9, 0)).orThrow();
        Ste bypass = f.physicalSte("smmu0", f.streamId(GPU));
        assertThat(bypass.w0() & 0xf).isEqualTo(0xd);
        assertThat(Ste.S2VMID.get(bypass.w2())).isNotZero();

        gpu.attach(0, f.nested(gpu, viommu, 0x432b_d00bL, 0xd6)).orThrow();
        Ste nested = f.physicalSte("smmu0", f.streamId(GPU));
        assertThat(nested.w0()).isEqualTo(0x432b_d00fL);
        long mev = 1L << 19;
        assertThat(nested.w1()).isEqualTo(bypass.w1() | 0xd6 | mev);
        assertThat(nested.w2()).isEqualTo(bypass.w2());
        assertThat(nested.w3()).isEqualTo(bypass.w3());

        gpu.attach(0, f.nested(gpu, viommu, 0x1, 0)).orThrow();
        assertThat(f.physicalSte("smmu0", f.streamId(GPU)).w0() & 0xf).isEqualTo(1);
        gpu.attach(0, f.nested(gpu, viommu, 0, 0)).orThrow();
        assertThat(f.physicalSte("smmu0", f.streamId(GPU)).w0() & 0xf).isEqualTo(1);
    }

    @Test
    void physicalAtsFollowsTheGuestsEats() {
        HostFixture f = new HostFixture();
        VfioDevice gpu = f.bind(GPU);
        int viommu = f.viommu(gpu);
        f.iommufd.vdeviceAlloc(viommu, devId(gpu), 0x10).orThrow();
        gpu.attach(0, f.nested(gpu, viommu, 0xb, 0xd6 | 1L << 28)).orThrow();
        assertThat(Ste.EATS.get(f.physicalSte("smmu0", f.streamId(GPU)).w1())).isEqualTo(1);
        gpu.attach(0, f.nested(gpu, viommu, 0xb, 0xd6)).orThrow();
        assertThat(Ste.EATS.get(f.physicalSte("smmu0", f.streamId(GPU)).w1())).isZero();
    }
}
