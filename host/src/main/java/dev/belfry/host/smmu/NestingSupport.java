package dev.belfry.host.smmu;

import static dev.belfry.model.bits.Field.bits;

import dev.belfry.host.iommu.HwInfo;
import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import java.util.Optional;

/// Whether an SMMU can be nested (`ARM_SMMU_FEAT_NESTING`, `arm_smmu_get_viommu_size`), and why
/// not.
///
/// @param hardware its ID registers
public record NestingSupport(HwInfo hardware) {

    // IHI 0070 6.3.7, SMMU_IIDR.
    private static final Field PRODUCT_ID = bits(31, 20);
    private static final Field VARIANT = bits(19, 16);
    private static final Field IMPLEMENTER = bits(11, 0);

    private static final int ARM = 0x43b;
    private static final int MMU_600 = 0x483;
    private static final int MMU_700 = 0x487;

    /// Why no stage 2 can be made that nests; empty when one can.
    public Optional<String> whyNoNestParent() {
        if (!Idr0.S1P.isSet(hardware.idr0()) || !Idr0.S2P.isSet(hardware.idr0())) {
            return Optional.of("the SMMU does not have both stages");
        }
        if (is(MMU_600) && VARIANT.getInt(hardware.iidr()) < 2) {
            return Optional.of("MMU-600 before r2 has erratum 1209401");
        }
        if (is(MMU_700)) {
            return Optional.of("MMU-700 has errata 2268618 and 2812531");
        }
        return Optional.empty();
    }

    /// Why no vIOMMU can be made for a device; empty when one can.
    ///
    /// @param canwbs firmware says that its root port is fully coherent
    public Optional<String> whyNoViommu(boolean canwbs) {
        Optional<String> parent = whyNoNestParent();
        if (parent.isPresent()) {
            return parent;
        }
        boolean forcesWriteBack =
                Idr3.FWB.isSet(hardware.idr3()) && Idr0.COHACC.isSet(hardware.idr0());
        return canwbs || forcesWriteBack
                ? Optional.empty()
                : Optional.of(
                        "DMA with No-Snoop would not be coherent: firmware does not say CANWBS and"
                                + " the SMMU has no S2FWB");
    }

    private boolean is(int product) {
        return IMPLEMENTER.getInt(hardware.iidr()) == ARM
                && PRODUCT_ID.getInt(hardware.iidr()) == product;
    }
}
