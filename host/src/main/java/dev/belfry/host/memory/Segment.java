package dev.belfry.host.memory;

/// Part of a mapping that consists of pieces of one size.
final class Segment {

    private final long base;
    private final int pieceShift;
    private final long[] pieces;
    private final boolean writable;

    /// @param base virtual address of the first byte
    /// @param pieceShift log2 of the piece size
    /// @param pieces physical address of each piece; kept, not copied
    /// @param writable whether the process may write
    Segment(UserVa base, int pieceShift, long[] pieces, boolean writable) {
        this.base = base.value();
        this.pieceShift = pieceShift;
        this.pieces = pieces;
        this.writable = writable;
    }

    long size() {
        return (long) pieces.length << pieceShift;
    }

    int pieceShift() {
        return pieceShift;
    }

    long[] pieces() {
        return pieces.clone();
    }

    boolean writable() {
        return writable;
    }

    boolean contains(long va) {
        return Long.compareUnsigned(va - base, size()) < 0;
    }

    /// Physical address of `va`, which the segment contains.
    long physical(long va) {
        long offset = va - base;
        long within = offset & ((1L << pieceShift) - 1);
        return pieces[(int) (offset >>> pieceShift)] + within;
    }

    /// Bytes from `va` to the end of its piece.
    long leftInPiece(long va) {
        long piece = 1L << pieceShift;
        return piece - ((va - base) & (piece - 1));
    }

    /// Bytes from `va` to the end of the segment.
    long left(long va) {
        return size() - (va - base);
    }
}
