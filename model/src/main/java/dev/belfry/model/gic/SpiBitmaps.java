package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Gicd;

/// Writes to the Distributor's registers of one bit an interrupt, alike in GICv2 and GICv3.
final class SpiBitmaps {

    private SpiBitmaps() {}

    /// @param r one of the bitmap registers; others change nothing
    /// @param word which 32 interrupts
    static void write(InterruptBank bank, Gicd r, int word, int bits) {
        switch (r) {
            case GICD_IGROUPR -> bank.setGroup(word, bits);
            case GICD_ISENABLER -> bank.enable(word, bits);
            case GICD_ICENABLER -> bank.disable(word, bits);
            case GICD_ISPENDR -> bank.setPending(word, bits);
            case GICD_ICPENDR -> bank.clearPending(word, bits);
            case GICD_ISACTIVER -> bank.activate(word, bits);
            case GICD_ICACTIVER -> bank.deactivate(word, bits);
            default -> {}
        }
    }
}
