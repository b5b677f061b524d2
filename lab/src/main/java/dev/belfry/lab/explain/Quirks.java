package dev.belfry.lab.explain;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where an implementation is known to do other than the architecture says.
///
/// @param ignoresAccessFlag stage 1 descriptors with AF = 0 are used all the same
/// @param ignoresSleep a redistributor that was told to sleep forwards interrupts all the same
record Quirks(boolean ignoresAccessFlag, boolean ignoresSleep) {

    private static final Pattern QEMU = Pattern.compile("QEMU (\\d{1,4})\\.(\\d{1,4})");
    private static final int CHECKS_ACCESS_FLAG_SINCE = 9;

    /// Those of the system that a view's source names: QEMU's emulated SMMUv3 raises F_ACCESS since
    /// release 9.0; its GICv3 stores GICR_WAKER and no more. Its ID registers do not tell.
    static Quirks of(String source) {
        Matcher m = QEMU.matcher(source);
        boolean qemu = m.find();
        return new Quirks(qemu && Integer.parseInt(m.group(1)) < CHECKS_ACCESS_FLAG_SINCE, qemu);
    }
}
