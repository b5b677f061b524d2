package dev.belfry.lab.run;

import dev.belfry.host.msi.MsiDesign;
import dev.belfry.host.msi.MsiDesign.Feature;
import dev.belfry.host.msi.OverrideDesign;
import dev.belfry.host.msi.PrepareDesign;
import dev.belfry.host.msi.SwMsiDesign;
import dev.belfry.host.msi.TwoStageDesign;
import dev.belfry.vmm.msi.MsiHandover;
import java.util.EnumSet;
import java.util.Set;

/// An MSI design whole: what the host kernel does, and what the VMM does for it.
///
/// @param host chooses the address
/// @param vmm hands over what the design wants
record MsiStack(MsiDesign host, MsiHandover vmm) {

    /// @param mapsDoorbells whether the kernel has the call that maps a doorbell in stage 2, which
    ///   RFCv1 and the override as posted lack
    static MsiStack of(RunRequest.MsiDesign design, boolean mapsDoorbells) {
        Set<Feature> given = EnumSet.of(Feature.GIVEN_ADDRESSES);
        if (mapsDoorbells) {
            given.add(Feature.MAP_MSI);
        }
        return switch (design) {
            case SW_MSI -> new MsiStack(new SwMsiDesign(), MsiHandover.SW_MSI);
            case PREPARE -> new MsiStack(new PrepareDesign(given), MsiHandover.GIVEN);
            case OVERRIDE -> new MsiStack(new OverrideDesign(given), MsiHandover.GIVEN);
            case TWO_STAGE -> new MsiStack(new TwoStageDesign(given), MsiHandover.TWO_STAGE);
            case SW_MSI_OPTION ->
                    new MsiStack(SwMsiDesign.withOptions(), MsiHandover.CHOSEN_WINDOW);
        };
    }
}
