package dev.belfry.model.pci;

import static dev.belfry.model.pci.spec.MsixCapability.FUNCTION_MASK;
import static dev.belfry.model.pci.spec.MsixCapability.MESSAGE_CONTROL;
import static dev.belfry.model.pci.spec.MsixCapability.MSIX_ENABLE;

import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.pci.spec.CapabilityId;
import dev.belfry.model.pci.spec.MsixCapability;
import dev.belfry.model.pci.spec.MsixEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A function's MSI-X (PCIe 6.1.4, 7.7.2): table, Pending Bit Array, masks, and the messages
/// themselves.
public final class Msix {

    /// Entries are kept in chunks, allocated when first written: most vectors never are.
    private static final int CHUNK = 64;

    private static final long RESET_WORD1 = MsixEntry.MASK.of(1) << 32;

    private final PciFunction function;
    private final int offset;
    private final int vectors;
    private final int tableBar;
    private final long tableOffset;
    private final long[] @Nullable [] chunks;
    private final long[] pending;
    private final List<MsixListener> listeners = new ArrayList<>();
    private boolean enabled;
    private boolean functionMask;

    Msix(PciFunction function, int offset, int vectors, int tableBar, long tableOffset) {
        if (vectors < 1 || vectors > 2048) {
            throw new IllegalArgumentException("MSI-X has 1 to 2048 vectors, not " + vectors);
        }
        this.function = function;
        this.offset = offset;
        this.vectors = vectors;
        this.tableBar = tableBar;
        this.tableOffset = tableOffset;
        this.chunks = new long[(vectors + CHUNK - 1) / CHUNK][];
        this.pending = new long[(vectors + 63) / 64];
    }

    void declare(int pbaBar, long pbaOffset) {
        Capabilities.link(function, CapabilityId.MSI_X, offset);
        function.config()
                .fix(offset + MESSAGE_CONTROL, 2, vectors - 1L)
                .writable(offset + MESSAGE_CONTROL, 2, FUNCTION_MASK.mask() | MSIX_ENABLE.mask())
                .fix(offset + MsixCapability.TABLE, 4, tableOffset | tableBar)
                .fix(offset + MsixCapability.PBA, 4, pbaOffset | pbaBar);
    }

    /// Whom to tell.
    public void addListener(MsixListener listener) {
        listeners.add(listener);
    }

    /// Where its capability is in configuration space.
    public int offset() {
        return offset;
    }

    /// How many vectors, 1..2048.
    public int vectors() {
        return vectors;
    }

    /// MSI-X Enable.
    public boolean enabled() {
        return enabled;
    }

    /// Function Mask.
    public boolean functionMask() {
        return functionMask;
    }

    /// Entry `vector` of the table.
    public MsixEntry entry(int vector) {
        return MsixEntry.of(word(2 * vector), word(2 * vector + 1));
    }

    /// The table's bytes.
    public byte[] tableBytes() {
        byte[] out = new byte[vectors * MsixEntry.SIZE];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) (word(i / 8) >>> (8 * (i % 8)));
        }
        return out;
    }

    /// Physical address of entry `vector`; empty while the table's BAR is not placed.
    public OptionalLong entryAddress(int vector) {
        OptionalLong bar = function.barAddress(tableBar);
        return bar.isEmpty() ? bar : OptionalLong.of(bar.getAsLong() + tableOffset + vector * 16L);
    }

    /// Whether messages of `vector` are held back: by its own mask bit, by Function Mask, or since
    /// MSI-X is not enabled.
    public boolean masked(int vector) {
        return !enabled || functionMask || entryMasked(vector);
    }

    /// The vector's pending bit.
    public boolean pending(int vector) {
        return ((pending[vector / 64] >>> (vector % 64)) & 1) != 0;
    }

    /// Sends the message of `vector`, or sets its pending bit when it is masked.
    ///
    /// @param vector any value: the device behind may ask for what the table does not have
    public MsiOutcome fire(int vector) {
        if (vector < 0 || vector >= vectors) {
            return MsiOutcome.NO_SUCH_VECTOR;
        }
        PciFunction blocker = function.blocker();
        MsiOutcome held =
                !enabled
                        ? MsiOutcome.DISABLED
                        : masked(vector)
                                ? MsiOutcome.PENDING
                                : blocker != null ? MsiOutcome.NO_BUS_MASTER : null;
        MessageReport.msix(this, function, vector, held, blocker);
        if (held != null) {
            if (held == MsiOutcome.PENDING) {
                pending[vector / 64] |= 1L << (vector % 64);
            }
            return held;
        }
        return MessageReport.send(function, word(2 * vector), (int) word(2 * vector + 1));
    }

    // ---- words: two a vector

    private long word(int index) {
        long[] chunk = chunks[index / (2 * CHUNK)];
        return chunk != null ? chunk[index % (2 * CHUNK)] : (index & 1) == 0 ? 0 : RESET_WORD1;
    }

    private boolean entryMasked(int vector) {
        return MsixEntry.MASK.isSet(word(2 * vector + 1) >>> 32);
    }

    private void setHalf(int at, int value) {
        int index = at / 8;
        int shift = at % 8 * 8;
        int which = index / (2 * CHUNK);
        long[] chunk = chunks[which];
        if (chunk == null) {
            chunk = new long[2 * CHUNK];
            for (int i = 1; i < chunk.length; i += 2) {
                chunk[i] = RESET_WORD1;
            }
            chunks[which] = chunk;
        }
        int slot = index % (2 * CHUNK);
        chunk[slot] = (chunk[slot] & ~(0xffff_ffffL << shift)) | (value & 0xffff_ffffL) << shift;
    }

    // ---- what software does

    private void writeTable(int at, int value) {
        int vector = at / MsixEntry.SIZE;
        MsixEntry before = entry(vector);
        boolean wasMasked = masked(vector);
        // bits 31:1 of Vector Control are reserved
        boolean control = at % MsixEntry.SIZE == MsixEntry.VECTOR_CONTROL;
        setHalf(at, control ? (int) MsixEntry.MASK.inPlace(value) : value);
        MsixEntry after = entry(vector);
        for (MsixListener l : listeners) {
            l.entryWritten(vector, before, after);
        }
        maskMayHaveChanged(vector, wasMasked);
    }

    private void maskMayHaveChanged(int vector, boolean was) {
        boolean now = masked(vector);
        if (now == was) {
            return;
        }
        for (MsixListener l : listeners) {
            l.maskChanged(vector, now);
        }
        if (!now && pending(vector)) {
            pending[vector / 64] &= ~(1L << (vector % 64));
            fire(vector);
        }
    }

    /// Message Control was written.
    void controlWritten() {
        long control = function.config().read(offset + MESSAGE_CONTROL, 2);
        boolean wasHeld = !enabled || functionMask;
        boolean changed =
                enabled != MSIX_ENABLE.isSet(control)
                        || functionMask != FUNCTION_MASK.isSet(control);
        enabled = MSIX_ENABLE.isSet(control);
        functionMask = FUNCTION_MASK.isSet(control);
        if (!changed) {
            return;
        }
        for (MsixListener l : listeners) {
            l.enableChanged(enabled, functionMask);
        }
        boolean held = !enabled || functionMask;
        for (int v = 0; held != wasHeld && v < vectors; v++) {
            // a chunk that was never written has all its vectors masked anyway
            if (chunks[v / CHUNK] != null && !entryMasked(v)) {
                maskMayHaveChanged(v, wasHeld);
            }
        }
    }

    void reset() {
        Arrays.fill(chunks, null);
        Arrays.fill(pending, 0);
        controlWritten();
    }

    /// The table, as it lies in its BAR. Accesses are of 4 or 8 bytes, aligned; others are not
    /// answered (PCIe 6.1.4: undefined).
    public MmioDevice table() {
        return new Table();
    }

    /// The Pending Bit Array, as it lies in its BAR; writes are ignored.
    public MmioDevice pba() {
        return new Pba();
    }

    private static boolean isWhole(long at, int width) {
        return (width == 4 || width == 8) && at % width == 0;
    }

    private final class Table implements MmioDevice {
        @Override
        public long size() {
            return vectors * (long) MsixEntry.SIZE;
        }

        @Override
        public boolean accepts(long at, int width) {
            return isWhole(at, width);
        }

        @Override
        public long read(long at, int width) {
            if (!accepts(at, width)) {
                return 0;
            }
            long word = word((int) (at / 8));
            return width == 8 ? word : (word >>> (at % 8 * 8)) & 0xffff_ffffL;
        }

        @Override
        public void write(long at, int width, long value, int requester) {
            if (!accepts(at, width)) {
                return;
            }
            writeTable((int) at, (int) value);
            if (width == 8) {
                writeTable((int) at + 4, (int) (value >>> 32));
            }
        }
    }

    private final class Pba implements MmioDevice {
        @Override
        public long size() {
            return pending.length * 8L;
        }

        @Override
        public boolean accepts(long at, int width) {
            return isWhole(at, width);
        }

        @Override
        public long read(long at, int width) {
            if (!accepts(at, width)) {
                return 0;
            }
            long word = pending[(int) (at / 8)];
            return width == 8 ? word : (word >>> (at % 8 * 8)) & 0xffff_ffffL;
        }

        @Override
        public void write(long at, int width, long value, int requester) {}
    }
}
