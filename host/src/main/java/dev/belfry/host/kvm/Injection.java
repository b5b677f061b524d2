package dev.belfry.host.kvm;

import dev.belfry.host.uapi.Errno;

/// What came of an injection.
public sealed interface Injection {

    /// The kernel's return value: positive delivered, 0 blocked by the guest, negative errno.
    int value();

    /// The rule, in a sentence.
    String rule();

    /// It is pending in the vGIC.
    record Delivered(String rule) implements Injection {
        @Override
        public int value() {
            return 1;
        }
    }

    /// The guest has not mapped it: no error to the host.
    record Blocked(String rule) implements Injection {
        @Override
        public int value() {
            return 0;
        }
    }

    /// It could not be injected.
    record Failed(Errno errno, String rule) implements Injection {
        @Override
        public int value() {
            return -errno.number();
        }
    }
}
