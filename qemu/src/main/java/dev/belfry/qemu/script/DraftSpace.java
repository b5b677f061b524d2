package dev.belfry.qemu.script;

/// What the addresses in a CD and its tables mean: physical ones, or those of a [DraftStage2].
sealed interface DraftSpace permits DraftSpace.Physical, DraftStage2 {

    /// The address under which something of RAM is known.
    long of(long physical);

    /// The other way round.
    long physical(long address);

    /// Notes that an address is in use, so that something is mapped there.
    void use(long address);

    /// No stage 2.
    record Physical() implements DraftSpace {
        @Override
        public long of(long physical) {
            return physical;
        }

        @Override
        public long physical(long address) {
            return address;
        }

        @Override
        public void use(long address) {
            // All of it is there.
        }
    }
}
