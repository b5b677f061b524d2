package dev.belfry.vmm.machine;

import dev.belfry.model.address.Gpa;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.AddressSize;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;
import dev.belfry.vmm.cmdline.Position;
import java.util.Optional;
import java.util.OptionalInt;

/// One SMMUv3 of the guest: a `-device arm-smmuv3`, or the one of `-machine iommu=smmuv3`.
///
/// @param id as given, or empty
/// @param order place in the order in which QEMU makes devices; -1 for the machine's own
/// @param legacy whether it is the machine's own, which serves every host bridge without bypass
/// @param primaryBus the root bus that it serves
/// @param accel whether it works through the host's SMMU
/// @param stage the stages that an emulated one offers
/// @param ril range invalidation (`IDR3.RIL`)
/// @param ats `IDR0.ATS`
/// @param oas output address size in bits (`IDR5.OAS`); empty for auto
/// @param ssidsize SubstreamID bits (`IDR1.SSIDSIZE`); empty for auto
/// @param cmdqv Tegra241 CMDQV
/// @param mmio where its registers are
/// @param firstSpi SPI number of its event queue; PRI queue, CMD_SYNC and GERROR follow
/// @param at where it was asked for
public record SmmuInstance(
        String id,
        int order,
        boolean legacy,
        String primaryBus,
        boolean accel,
        Stage stage,
        OnOffAuto ril,
        OnOffAuto ats,
        OptionalInt oas,
        OptionalInt ssidsize,
        OnOffAuto cmdqv,
        Gpa mmio,
        int firstSpi,
        Position at) {

    /// Bytes of registers.
    public static final long MMIO_SIZE = 0x20000;

    /// Output address bits unless something else is asked for.
    public static final int DEFAULT_OAS = 44;

    /// Translation stages offered.
    public enum Stage {
        ONE,
        TWO,
        NESTED
    }

    /// Whether a property waits for the host's values, taken from the first VFIO device.
    public boolean hasAuto() {
        return accel
                && (ril == OnOffAuto.AUTO
                        || ats == OnOffAuto.AUTO
                        || oas.isEmpty()
                        || ssidsize.isEmpty());
    }

    /// What its ID registers say.
    ///
    /// @param host those of the physical SMMU of its first passed-through device, which `auto`
    ///   takes values from where the SMMU is accelerated
    public SmmuIdentity identity(Optional<SmmuIdentity> host) {
        SmmuIdentity.Stages stages =
                switch (stage) {
                    case ONE -> SmmuIdentity.Stages.ONE;
                    case TWO -> SmmuIdentity.Stages.TWO;
                    case NESTED -> SmmuIdentity.Stages.NESTED;
                };
        Optional<SmmuIdentity> from = accel ? host : Optional.empty();
        int bits =
                oas.orElseGet(() ->
                        from.map(h -> AddressSize.bits(Idr5.OAS.getInt(h.idr5())))
                                .orElse(DEFAULT_OAS));
        int ssids =
                ssidsize.orElseGet(() -> from.map(h -> Idr1.SSIDSIZE.getInt(h.idr1())).orElse(0));
        return SmmuIdentity.qemu(
                stages,
                bits,
                ril.or(from.map(h -> Idr3.RIL.isSet(h.idr3())).orElse(true)),
                ats.or(from.map(h -> Idr0.ATS.isSet(h.idr0())).orElse(false)),
                ssids);
    }

    /// Its id, or what else to call it.
    public String label() {
        return legacy ? "iommu=smmuv3" : id.isEmpty() ? "arm-smmuv3 on " + primaryBus : id;
    }
}
