package dev.belfry.kernel.firmware;

/// Extended interrupt descriptors of a resource template (ACPI 6.5, 6.4.3.6).
final class AcpiInterrupt {

    private static final int EXTENDED_INTERRUPT = 0x89;

    /// After the vector flags and the number of interrupts.
    private static final int FIRST = 2;

    private AcpiInterrupt() {}

    /// The first interrupt of a template, a GSI; 0 without one.
    static int first(Table template) {
        for (AcpiResource r : AcpiResource.all(template)) {
            if (r.tag() == EXTENDED_INTERRUPT && r.body().length() >= FIRST + 4) {
                return (int) r.body().u32(FIRST);
            }
        }
        return 0;
    }
}
