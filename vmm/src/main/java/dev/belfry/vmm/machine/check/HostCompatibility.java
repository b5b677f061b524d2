package dev.belfry.vmm.machine.check;

import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.AddressSize;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import java.util.ArrayList;
import java.util.List;

/// Holds what an accelerated SMMU shall offer to the guest against what the host's SMMU has.
///
/// The host's registers are those that `IOMMU_GET_HW_INFO` reports for a device. QEMU stops at the
/// first difference; here all are listed, in QEMU's order.
public final class HostCompatibility {

    private static final String SOURCE =
            "QEMU hw/arm/smmuv3-accel.c, smmuv3_accel_check_hw_compatible";

    private final SmmuIdentity guest;
    private final SmmuIdentity host;
    private final Position at;
    private final List<Problem> problems = new ArrayList<>();

    private HostCompatibility(SmmuIdentity guest, SmmuIdentity host, Position at) {
        this.guest = guest;
        this.host = host;
        this.at = at;
    }

    /// Where the host falls short.
    ///
    /// @param guest ID registers of the guest's SMMU, `auto` already decided
    /// @param host ID registers of the host's
    /// @param at the arm-smmuv3 that asks for them
    public static List<Problem> compare(SmmuIdentity guest, SmmuIdentity host, Position at) {
        HostCompatibility comparison = new HostCompatibility(guest, host, at);
        comparison.run();
        return List.copyOf(comparison.problems);
    }

    private void run() {
        int tables = guest.idr0();
        equal("STLEVEL", Idr0.ST_LEVEL, host.idr0(), tables, "Stream Table format mismatch");
        if (Idr0.TTENDIAN.get(host.idr0()) > Idr0.TTENDIAN.get(tables)) {
            add("TTENDIAN", "Host SMMUv3 doesn't support Little-endian translation table", "");
        }
        if (Idr0.TTF.get(host.idr0()) < Idr0.TTF.get(tables)) {
            add("TTF", "Host SMMUv3 doesn't support AArch64 translation table format", "");
        }
        atLeast("SIDSIZE", Idr1.SIDSIZE, "");
        atLeast("SSIDSIZE", Idr1.SSIDSIZE, "make ssidsize= smaller, or write ssidsize=auto");
        if (Idr3.RIL.get(host.idr3()) < Idr3.RIL.get(guest.idr3())) {
            add(
                    "RIL",
                    "Host SMMUv3 doesn't support Range Invalidation",
                    "write ril=off or ril=auto");
        }
        oas();
        if (Idr0.ATS.get(host.idr0()) < Idr0.ATS.get(guest.idr0())) {
            add("ATS", "Host SMMUv3 doesn't support ATS", "write ats=off or ats=auto");
        }
        granule("4K", Idr5.GRAN4K);
        granule("16K", Idr5.GRAN16K);
        granule("64K", Idr5.GRAN64K);
    }

    private void equal(String name, Field field, int of, int wanted, String message) {
        if (field.get(of) != field.get(wanted)) {
            String both = " (host " + name + "=" + field.get(of) + ", QEMU " + name + "=";
            add(name, "Host SMMUv3 " + message + both + field.get(wanted) + ")", "");
        }
    }

    private void atLeast(String name, Field field, String fix) {
        long has = field.get(host.idr1());
        long wanted = field.get(guest.idr1());
        if (has < wanted) {
            String both = " not compatible (host=" + has + ", QEMU=" + wanted + ")";
            add(name, "Host SMMUv3 " + name + both, fix);
        }
    }

    private void oas() {
        int has = Idr5.OAS.getInt(host.idr5());
        int wanted = Idr5.OAS.getInt(guest.idr5());
        if (has < wanted) {
            add(
                    "OAS",
                    "Host SMMUv3 supports only "
                            + AddressSize.bits(has)
                            + "-bit IPA, but the vSMMU OAS implies "
                            + AddressSize.bits(wanted)
                            + "-bit IPA",
                    "make oas= smaller, or write oas=auto");
        }
    }

    /// QEMU wants equality, so a host that has more than the guest asks for fails, too.
    private void granule(String size, Field field) {
        if (field.get(host.idr5()) != field.get(guest.idr5())) {
            add("GRAN" + size, "Host SMMUv3 doesn't support " + size + " translation granule", "");
        }
    }

    private void add(String name, String message, String fix) {
        problems.add(
                Problem.error("HOST-" + name, Phase.ATTACH, at, message)
                        .because(
                                "the guest's stage 1 is walked by the host's SMMU, which must know"
                                        + " all that the guest is told",
                                SOURCE)
                        .fix(fix));
    }
}
