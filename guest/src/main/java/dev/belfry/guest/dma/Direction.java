package dev.belfry.guest.dma;

import dev.belfry.kernel.iopgtable.Protection;

/// Which way data goes.
public enum Direction {
    TO_DEVICE(Protection.DMA_TO_DEVICE),
    FROM_DEVICE(Protection.DMA_FROM_DEVICE),
    BIDIRECTIONAL(Protection.DMA);

    private final Protection protection;

    Direction(Protection protection) {
        this.protection = protection;
    }

    Protection protection(boolean coherent) {
        return coherent ? protection : protection.nonCoherent();
    }
}
