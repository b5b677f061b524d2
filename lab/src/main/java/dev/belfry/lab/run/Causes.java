package dev.belfry.lab.run;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Where;
import dev.belfry.vmm.firmware.FirmwareInputs;
import dev.belfry.vmm.msi.KvmRoutes;
import dev.belfry.vmm.msi.MsiHandover;
import java.util.Optional;

/// Why a vector was lost where it was lost: what lies behind the rule of the broken hop.
///
/// @param handover who chose the address that the device writes to
record Causes(MsiHandover handover) {

    private static final long MEBIBYTE = 1 << 20;

    /// Whether an address lies in the window that the host keeps for its doorbells.
    boolean inWindow(long address) {
        MsiHandover.Window w = window();
        return Long.compareUnsigned(address - w.start(), w.mebibytes() * MEBIBYTE) < 0;
    }

    private MsiHandover.Window window() {
        return handover.window()
                .orElse(
                        new MsiHandover.Window(
                                FirmwareInputs.SW_MSI.base(),
                                FirmwareInputs.SW_MSI.size() / MEBIBYTE));
    }

    /// A clause to add to the sentence; empty when the broken hop's rule says it all.
    ///
    /// @param broken the hop that stopped the vector
    /// @param route its KVM route
    /// @param way what it took until then
    Optional<String> of(Hop broken, Optional<KvmRoutes.Route> route, RunReport.Way way) {
        if (broken.kind() == HopKind.INJECT) {
            return route.map(KvmRoutes.Route::rule);
        }
        boolean untranslated =
                broken.where() == Where.HOST
                        && (broken.kind() == HopKind.STAGE1 || broken.kind() == HopKind.STAGE2);
        if (!untranslated || way.hostIova().isEmpty()) {
            return Optional.empty();
        }
        long written = way.hostIova().getAsLong();
        String address = "the device writes to " + Hex.of(written) + ", ";
        if (!handover.addresses()) {
            return Optional.of(address + hosts(written));
        }
        return Optional.of(
                address
                        + (way.giova().equals(way.hostIova())
                                ? guests(broken)
                                : "which the kernel composed: the guest's address was put in where"
                                        + " VFIO writes the message, and is not in the cached one"));
    }

    /// An address that the host chose.
    private String hosts(long written) {
        MsiHandover.Window w = window();
        String size = w.mebibytes() + " MiB at " + Hex.of(w.start());
        return inWindow(written)
                ? "in the host's SW_MSI window of "
                        + size
                        + "; the guest maps that 1:1 when an RMR node of its IORT tells it to"
                : "beyond the host's SW_MSI window of "
                        + size
                        + ", which is all that the RMR covers";
    }

    /// An address that the guest chose.
    private static String guests(Hop broken) {
        return broken.kind() == HopKind.STAGE1
                ? "which the guest mapped in the domain that it left"
                : "which the guest's stage 1 translates to its vITS; nothing maps the physical ITS"
                        + " there in stage 2";
    }
}
