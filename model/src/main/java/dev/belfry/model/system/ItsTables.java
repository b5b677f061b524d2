package dev.belfry.model.system;

import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import dev.belfry.model.gic.spec.ItsTableFormat;
import java.util.Optional;

/// The format of the tables an ITS keeps in memory. IHI 0069 leaves it to the implementation, so a
/// reader needs to know which one it looks at.
public enum ItsTables {
    /// QEMU's own ITS: 8-byte DTE and CTE, 12-byte ITE.
    QEMU,
    /// KVM's vITS, ABI revision 0: 8-byte entries, written only when the tables are saved.
    KVM_ABI_0,
    /// Any other.
    UNKNOWN;

    private static final Field PRODUCT_ID = bits(31, 24);
    private static final Field REVISION = bits(15, 12);
    private static final Field IMPLEMENTER = bits(11, 0);
    private static final int ARM = 0x43b;
    private static final int KVM = 0x4b;

    /// How to read these tables; empty when nobody here knows.
    public Optional<ItsTableFormat> format() {
        return switch (this) {
            case QEMU -> Optional.of(ItsTableFormat.QEMU_TCG);
            case KVM_ABI_0 -> Optional.of(ItsTableFormat.KVM_ABI_0);
            case UNKNOWN -> Optional.empty();
        };
    }

    /// From GITS_IIDR: KVM names itself in ProductID and gives its ABI revision in Revision, QEMU
    /// leaves both 0 (both give Arm as the implementer).
    public static ItsTables of(long iidr) {
        if (IMPLEMENTER.get(iidr) != ARM) {
            return UNKNOWN;
        }
        if (PRODUCT_ID.get(iidr) == KVM) {
            return REVISION.get(iidr) == 0 ? KVM_ABI_0 : UNKNOWN;
        }
        return iidr == ARM ? QEMU : UNKNOWN;
    }
}
