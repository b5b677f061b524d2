package dev.belfry.vmm.recorded;

import dev.belfry.vmm.version.QemuVersion;

/// Where Belfry answers otherwise than a QEMU did.
///
/// @param kind in what
/// @param qemu which QEMU
/// @param line the command line, without the program
record Difference(Kind kind, QemuVersion qemu, String line) {

    enum Kind {
        NONE,
        /// QEMU starts, Belfry says that it refuses.
        FALSE_ALARM,
        /// QEMU refuses, Belfry sees nothing.
        MISSED,
        /// Both refuse, for another reason.
        WORDS
    }
}
