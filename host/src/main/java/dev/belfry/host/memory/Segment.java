package dev.belfry.host.memory;

/// Part of a mapping that consists of pieces of one size.
///
/// @param base virtual address of the first byte
/// @param pieceShift log2 of the piece size
/// @param pieces physical address of each piece
/// @param writable whether the process may write
record Segment(UserVa base, int pieceShift, Pieces pieces, boolean writable) {

    /// Physical addresses; an array that nobody changes.
    record Pieces(long... addresses) {
        @Override
        public boolean equals(Object o) {
            return this == o;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    long size() {
        return (long) pieces.addresses.length << pieceShift;
    }

    boolean contains(long va) {
        return Long.compareUnsigned(va - base.value(), size()) < 0;
    }

    /// Physical address of `va`, which the segment contains.
    long physical(long va) {
        long offset = va - base.value();
        long within = offset & ((1L << pieceShift) - 1);
        return pieces.addresses[(int) (offset >>> pieceShift)] + within;
    }

    /// Bytes from `va` to the end of its piece.
    long leftInPiece(long va) {
        long piece = 1L << pieceShift;
        return piece - ((va - base.value()) & (piece - 1));
    }
}
