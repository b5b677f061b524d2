package dev.belfry.vmm.rule.run;

import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import java.util.List;

/// What there is to say of what a run of the machine on the model shows.
public final class RunRules {

    /// An interrupt did not arrive.
    public static final About INTERRUPT =
            About.lost("RUN-INTERRUPT", "an interrupt that was fired and did not arrive")
                    .because(
                            "the machine was built, booted and exercised on the model",
                            "belfry run, hop by hop");

    /// Bytes did not arrive.
    public static final About DMA =
            About.lost("RUN-DMA", "a device's copy that did not arrive")
                    .because(
                            "the machine was built, booted and exercised on the model",
                            "belfry run, hop by hop");

    /// The guest does not find a device.
    public static final About DEVICE =
            About.lost("RUN-DEVICE", "a device that the guest cannot drive")
                    .because(
                            "the guest found no such function, or no room for its BARs",
                            "belfry run");

    /// The tables leave a device out.
    public static final About ID_MAP =
            About.lost("IORT-MAP", "a device that the IORT leaves out, or maps twice")
                    .because(
                            "a requester id that no map covers is not translated, one that two"
                                    + " maps cover is behind whichever comes first",
                            "DEN0049 (IORT), root complex node; Linux drivers/acpi/arm64/iort.c");

    /// The host refuses.
    public static final About REFUSED =
            About.error("RUN-REFUSED", Phase.ATTACH, "a call that the host's kernel refuses")
                    .because(
                            "the modelled kernel answers as Linux does, with its errno",
                            "Linux drivers/iommu/iommufd, drivers/vfio, virt/kvm");

    /// A file of a folder that cannot be read.
    public static final About FILE =
            About.error("FILE-UNREAD", Phase.OPTIONS, "a file that cannot be read")
                    .because("", "Belfry");

    /// What to do where no rule knows better.
    public static final String FIX =
            "give the same to belfry run, which shows every hop and where it ends";

    /// What to do about the tables.
    public static final String ID_MAP_FIX =
            "give each pxb-pcie a bus_nr= with room for all buses below it, up to the next one's";

    private RunRules() {}

    /// All of them.
    public static List<About> all() {
        return List.of(INTERRUPT, DMA, DEVICE, ID_MAP, REFUSED, FILE);
    }
}
