package dev.belfry.model.gic;

import dev.belfry.model.journey.HopKind;

/// What became of a message that reached an ITS or a GICv2m frame.
public sealed interface MsiResult {

    /// The interrupt is pending and may be taken.
    ///
    /// @param intid the LPI or SPI
    /// @param cpu the CPU it goes to: the processor number of its Redistributor
    record Delivered(int intid, int cpu) implements MsiResult {}

    /// The LPI is pending, but its configuration does not let it through until software enables it.
    ///
    /// @param rule one sentence
    record Held(int intid, int cpu, String rule) implements MsiResult {}

    /// The virtual LPI is pending at its vPE (GICv4).
    ///
    /// @param intid the virtual LPI
    /// @param vpeid the vPE
    /// @param cpu the CPU whose Redistributor the vPE is at
    /// @param resident whether the vPE takes it without anybody's help
    /// @param doorbell the physical LPI that tells of it while the vPE is not resident, 1023 for
    ///   none
    record Virtual(int intid, int vpeid, int cpu, boolean resident, int doorbell)
            implements MsiResult {}

    /// The message went nowhere.
    ///
    /// @param kind the hop that stopped it
    /// @param rule one sentence
    record Dropped(HopKind kind, String rule) implements MsiResult {}

    /// What is needed to tell could not be read: only when looking at captures and live systems.
    ///
    /// @param kind the hop that could not be read
    /// @param rule one sentence
    record Unknown(HopKind kind, String rule) implements MsiResult {}
}
