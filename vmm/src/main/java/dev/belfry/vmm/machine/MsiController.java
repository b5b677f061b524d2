package dev.belfry.vmm.machine;

import dev.belfry.model.address.Gpa;

/// What takes the guest's MSIs.
public enum MsiController {
    /// GICv3 ITS; the doorbell is `GITS_TRANSLATER`.
    ITS(0x0809_0040L),
    /// GICv2m frame; the doorbell is `MSI_SETSPI_NS`.
    GICV2M(0x0802_0040L),
    /// Nothing: no device has MSIs.
    NONE(0);

    private final Gpa doorbell;

    MsiController(long doorbell) {
        this.doorbell = new Gpa(doorbell);
    }

    /// The address to which a device writes; 0 when there is none. This is what the board writes
    /// into `msi-gpa` of an accelerated SMMU.
    public Gpa doorbell() {
        return doorbell;
    }
}
