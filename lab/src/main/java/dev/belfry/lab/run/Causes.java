package dev.belfry.lab.run;

import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Where;
import dev.belfry.vmm.msi.KvmRoutes;
import java.util.Optional;
import java.util.OptionalLong;

/// Why a vector was lost where it was lost: what lies behind the rule of the broken hop.
final class Causes {

    private static final long SW_MSI_BASE = 0x0800_0000L;
    private static final long SW_MSI_SIZE = 0x0010_0000L;

    private Causes() {}

    /// Whether an address lies in the window that the host keeps for its doorbells.
    static boolean inSwMsiWindow(long address) {
        return Long.compareUnsigned(address - SW_MSI_BASE, SW_MSI_SIZE) < 0;
    }

    /// A clause to add to the sentence; empty when the broken hop's rule says it all.
    ///
    /// @param broken the hop that stopped the vector
    /// @param route its KVM route
    /// @param hostIova address that the physical device writes to
    static Optional<String> of(Hop broken, Optional<KvmRoutes.Route> route, OptionalLong hostIova) {
        if (broken.kind() == HopKind.INJECT) {
            return route.map(KvmRoutes.Route::rule);
        }
        boolean untranslated =
                broken.where() == Where.HOST
                        && broken.kind() == HopKind.STAGE1
                        && hostIova.isPresent()
                        && inSwMsiWindow(hostIova.getAsLong());
        return untranslated
                ? Optional.of(
                        "the guest's stage 1 has no identity mapping of the host's SW_MSI window at"
                                + " 0x8000000, which it makes when the IORT has an RMR node")
                : Optional.empty();
    }
}
