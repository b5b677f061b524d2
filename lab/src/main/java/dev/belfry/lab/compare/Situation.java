package dev.belfry.lab.compare;

import java.util.Locale;

/// What a design is put to.
public enum Situation {
    QUIET("nothing happens"),
    AFFINITY("the host moves the vectors to other CPUs, and the messages are composed again"),
    RESYNC("the host writes the device's table again from its cached messages"),
    MULTI_ITS("three devices behind one SMMU signal three physical ITSs"),
    NO_RMR("firmware tells the guest of no reserved memory"),
    RAM_OVER_WINDOW("the VMM's memory map has RAM at the kernel's MSI window"),
    GUEST_BYPASS("the guest leaves the device untranslated"),
    DOMAIN_SWITCH("the guest moves the device to a new domain and does not write the table"),
    WINDOW_FULL("17 physical ITSs with pages of 64 KiB: one more than the window holds"),
    NO_STAGE2_DOORBELL("the kernel has no call that maps a doorbell in stage 2");

    private final String text;

    Situation(String text) {
        this.text = text;
    }

    /// As the command line has it: `no-rmr`.
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// What is the case, in words.
    public String text() {
        return text;
    }
}
