package dev.belfry.model.pci;

import static dev.belfry.model.pci.spec.MsiCapability.ADDRESS;
import static dev.belfry.model.pci.spec.MsiCapability.ADDRESS_64_CAPABLE;
import static dev.belfry.model.pci.spec.MsiCapability.MESSAGE_CONTROL;
import static dev.belfry.model.pci.spec.MsiCapability.MSI_ENABLE;
import static dev.belfry.model.pci.spec.MsiCapability.MULTIPLE_MESSAGE_CAPABLE;
import static dev.belfry.model.pci.spec.MsiCapability.MULTIPLE_MESSAGE_ENABLE;
import static dev.belfry.model.pci.spec.MsiCapability.PER_VECTOR_MASKING_CAPABLE;
import static dev.belfry.model.pci.spec.MsiCapability.UPPER_ADDRESS;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.pci.spec.CapabilityId;
import dev.belfry.model.pci.spec.MsiCapability;

/// A function's MSI (PCIe 6.1.4, 7.7.1). All of it is in configuration space.
public final class Msi {

    private final PciFunction function;
    private final int offset;
    private int control;

    Msi(PciFunction function, int offset) {
        this.function = function;
        this.offset = offset;
    }

    void declare(int vectors, boolean is64, boolean perVectorMasking) {
        if (vectors < 1 || vectors > 32 || Integer.bitCount(vectors) != 1) {
            throw new IllegalArgumentException("MSI has 1, 2, 4, 8, 16 or 32 vectors");
        }
        Capabilities.link(function, CapabilityId.MSI, offset);
        control =
                (int)
                        (MULTIPLE_MESSAGE_CAPABLE.of(Integer.numberOfTrailingZeros(vectors))
                                | (is64 ? ADDRESS_64_CAPABLE.mask() : 0)
                                | (perVectorMasking ? PER_VECTOR_MASKING_CAPABLE.mask() : 0));
        ConfigStore config = function.config();
        config.fix(offset + MESSAGE_CONTROL, 2, control)
                .writable(
                        offset + MESSAGE_CONTROL,
                        2,
                        MULTIPLE_MESSAGE_ENABLE.mask() | MSI_ENABLE.mask())
                .writable(offset + ADDRESS, 4, 0xffff_fffcL)
                .writable(offset + MsiCapability.dataOffset(control), 2, 0xffff);
        if (is64) {
            config.writable(offset + UPPER_ADDRESS, 4, 0xffff_ffffL);
        }
        if (perVectorMasking) {
            config.writable(offset + MsiCapability.maskOffset(control), 4, Bits.lowMask(vectors));
            config.fix(offset + MsiCapability.pendingOffset(control), 4, 0);
        }
    }

    /// Where its capability is in configuration space.
    public int offset() {
        return offset;
    }

    int length() {
        return MsiCapability.length(control);
    }

    /// The capability as software left it.
    public MsiCapability capability() {
        ConfigStore config = function.config();
        boolean is64 = ADDRESS_64_CAPABLE.isSet(control);
        boolean masks = PER_VECTOR_MASKING_CAPABLE.isSet(control);
        return new MsiCapability(
                offset,
                (int) config.read(offset + MESSAGE_CONTROL, 2),
                config.read(offset + ADDRESS, is64 ? 8 : 4),
                (int) config.read(offset + MsiCapability.dataOffset(control), 2),
                masks ? (int) config.read(offset + MsiCapability.maskOffset(control), 4) : 0,
                masks ? (int) config.read(offset + MsiCapability.pendingOffset(control), 4) : 0);
    }

    /// MSI Enable.
    public boolean enabled() {
        return MSI_ENABLE.isSet(function.config().read(offset + MESSAGE_CONTROL, 2));
    }

    /// Sends a message, or sets its pending bit when it is masked. When software gave fewer vectors
    /// than the function has, several share a message.
    public MsiOutcome fire(int vector) {
        MsiCapability now = capability();
        if (vector < 0 || vector >= now.vectorsCapable()) {
            return MsiOutcome.NO_SUCH_VECTOR;
        }
        int message = vector & (now.vectorsEnabled() - 1);
        PciFunction blocker = function.blocker();
        MsiOutcome held =
                !now.enabled()
                        ? MsiOutcome.DISABLED
                        : now.masked(message)
                                ? MsiOutcome.PENDING
                                : blocker != null ? MsiOutcome.NO_BUS_MASTER : null;
        MessageReport.msi(now, function, message, held, blocker);
        if (held != null) {
            if (held == MsiOutcome.PENDING) {
                setPending(now.pending() | (1 << message));
            }
            return held;
        }
        return MessageReport.send(function, now.address(), now.dataOf(message));
    }

    private void setPending(int bits) {
        function.config().set(offset + MsiCapability.pendingOffset(control), 4, bits);
    }

    /// The capability was written: messages that are no longer masked go out.
    void written() {
        MsiCapability now = capability();
        int ready = now.pending() & ~now.mask();
        if (!now.enabled() || ready == 0) {
            return;
        }
        setPending(now.pending() & ~ready);
        for (int v = 0; v < now.vectorsEnabled(); v++) {
            if (((ready >>> v) & 1) != 0) {
                fire(v);
            }
        }
    }
}
