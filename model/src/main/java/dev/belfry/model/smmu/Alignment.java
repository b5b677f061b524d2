package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;

/// Whether a base register's address is aligned as its size demands. The SMMU ignores the bits
/// below (6.3.26), and software that set them meant another address.
final class Alignment {

    private Alignment() {}

    /// What is wrong; empty for nothing.
    static String check(SmmuRegister register, long value) {
        int entry =
                switch (register) {
                    case CMDQ_BASE, PRIQ_BASE -> 4;
                    case EVENTQ_BASE -> 5;
                    default -> 0;
                };
        if (entry == 0) {
            return "";
        }
        int log2 = QueueBase.LOG2SIZE.getInt(value);
        long base = QueueBase.ADDR.inPlace(value);
        return Bits.isAligned(base, Math.min(log2 + entry, 55))
                ? ""
                : register.specName()
                        + ": "
                        + Hex.of(base)
                        + " is not aligned to the queue's 2^"
                        + (log2 + entry)
                        + " bytes";
    }
}
