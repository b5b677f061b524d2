package dev.belfry.model.gic.spec;

/// Why an ITS command failed (IHI 0069, ITS command error encodings; KVM returns the same codes).
public enum ItsCommandError {
    /// It did not fail.
    NONE(0, "it succeeded"),
    MOVI_UNMAPPED_INTERRUPT(0x010107, "the event is not mapped to an LPI"),
    MOVI_UNMAPPED_COLLECTION(0x010109, "the target collection is not mapped"),
    INT_UNMAPPED_INTERRUPT(0x010307, "the event is not mapped to an LPI"),
    CLEAR_UNMAPPED_INTERRUPT(0x010507, "the event is not mapped to an LPI"),
    MAPD_DEVICE_OOR(0x010801, "the DeviceID is beyond the device table or GITS_TYPER.Devbits"),
    MAPD_ITTSIZE_OOR(0x010802, "the size asks for more EventID bits than GITS_TYPER.ID_bits"),
    MAPC_PROCNUM_OOR(0x010902, "RDbase names no Redistributor"),
    MAPC_COLLECTION_OOR(0x010903, "the ICID is beyond the collection table"),
    MAPTI_UNMAPPED_DEVICE(0x010a04, "the device is not mapped"),
    MAPTI_ID_OOR(0x010a05, "the EventID is beyond the device's table"),
    MAPTI_PHYSICALID_OOR(0x010a06, "the INTID is no LPI that GICR_PROPBASER.IDbits allows"),
    /// No code that is sure.
    MAPTI_COLLECTION_OOR(0, "the ICID is beyond the collection table"),
    INV_UNMAPPED_INTERRUPT(0x010c07, "the event is not mapped to an LPI"),
    INVALL_UNMAPPED_COLLECTION(0x010d09, "the collection is not mapped"),
    MOVALL_PROCNUM_OOR(0x010e01, "RDbase names no Redistributor"),
    DISCARD_UNMAPPED_INTERRUPT(0x010f07, "the event or its collection is not mapped"),
    /// No code that is sure, as for the next five: GICv4.
    VMAPP_OOR(0, "the vPE, its Redistributor or its table's size is out of range"),
    VMAPTI_UNMAPPED_DEVICE(0, "the device is not mapped"),
    VMAPTI_OOR(0, "the EventID, INTID, doorbell or vPE is out of range"),
    VMOVI_UNMAPPED_INTERRUPT(0, "the event is not mapped to a virtual LPI"),
    VMOVI_UNMAPPED_VPE(0, "a vPE is not mapped, or has no room for the INTID"),
    VPE_UNMAPPED(0, "the vPE is not mapped, or its Redistributor does not exist"),
    /// No code: a structure in memory could not be read or written.
    MEMORY(0, "a table in memory does not answer"),
    /// No code: a feature that GITS_TYPER does not advertise, or no command at all.
    UNKNOWN_COMMAND(0, "the ITS does not know the command");

    private final int code;
    private final String why;

    ItsCommandError(int code, String why) {
        this.code = code;
        this.why = why;
    }

    /// The error code, 0 where the specification has none.
    public int code() {
        return code;
    }

    /// Why, to follow "… is ignored: ".
    public String why() {
        return why;
    }
}
