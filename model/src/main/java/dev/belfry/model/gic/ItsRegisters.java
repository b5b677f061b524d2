package dev.belfry.model.gic;

import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.GitsBaser;
import dev.belfry.model.gic.spec.GitsCbaser;
import dev.belfry.model.gic.spec.GitsCtlr;
import dev.belfry.model.system.SystemView;
import java.util.OptionalLong;

/// The register file of an ITS's control frame: values, and what a write means to the rest.
final class ItsRegisters implements SystemView.Registers {

    /// What follows from a write.
    enum Effect {
        NONE,
        /// A table is somewhere else, or not at all.
        TABLES,
        /// The ITS was switched on or off.
        SWITCHED,
        /// There may be commands to do.
        RUN
    }

    private static final long BASER_RESERVED = GitsBaser.TYPE.mask() | GitsBaser.ENTRY_SIZE.mask();
    private static final long CBASER_BITS =
            GitsCbaser.VALID.mask()
                    | GitsCbaser.INNER_CACHE.mask()
                    | GitsCbaser.OUTER_CACHE.mask()
                    | GitsCbaser.PHYSICAL_ADDRESS.mask()
                    | GitsCbaser.SHAREABILITY.mask()
                    | GitsCbaser.SIZE.mask();
    private static final Field BELOW_64K = bits(15, 12);

    private final ItsIdentity identity;
    private final long[] baser = new long[Gits.GITS_BASER.count()];
    private boolean enabled;
    private long cbaser;
    private long cwriter;
    private long creadr;

    ItsRegisters(ItsIdentity identity) {
        this.identity = identity;
        reset();
    }

    void reset() {
        enabled = false;
        cbaser = 0;
        cwriter = 0;
        creadr = 0;
        for (int n = 0; n < baser.length; n++) {
            baser[n] = identity.baserReset(n);
        }
    }

    boolean enabled() {
        return enabled;
    }

    GitsCbaser cbaser() {
        return new GitsCbaser(cbaser);
    }

    GitsBaser baser(int n) {
        return new GitsBaser(baser[n]);
    }

    /// Offset of the next command to do, bytes.
    int reader() {
        return (int) GitsCbaser.OFFSET.inPlace(creadr);
    }

    /// Offset of the first command that is not queued yet, bytes.
    int writer() {
        return (int) GitsCbaser.OFFSET.inPlace(cwriter);
    }

    boolean stalled() {
        return GitsCbaser.STALLED.isSet(creadr);
    }

    /// A queue that was stalled stays so until a Retry.
    void advance(int offset) {
        creadr = GitsCbaser.OFFSET.inPlace(offset) | (creadr & GitsCbaser.STALLED.mask());
    }

    /// @return false for an offset beyond the queue
    boolean restoreReader(long value) {
        long offset = GitsCbaser.OFFSET.inPlace(value);
        boolean within = offset < cbaser().bytes();
        creadr = within ? offset : creadr;
        return within;
    }

    void stall() {
        creadr |= GitsCbaser.STALLED.mask();
    }

    @Override
    public OptionalLong read32(long offset) {
        return OptionalLong.of(value(offset) & 0xffff_ffffL);
    }

    /// The register at `offset`. Reading has no side effects.
    int value(long offset) {
        int half = (int) (offset & 4) * 8;
        Gits r = Gits.of(offset);
        return switch (r) {
            case GITS_CTLR ->
                    (int) (GitsCtlr.QUIESCENT.mask() | GitsCtlr.ENABLED.of(enabled ? 1 : 0));
            case GITS_IIDR -> identity.iidr();
            case GITS_TYPER -> (int) (identity.typer().value() >>> half);
            case GITS_CBASER -> (int) (cbaser >>> half);
            case GITS_CWRITER -> (int) (cwriter >>> half);
            case GITS_CREADR -> (int) (creadr >>> half);
            case GITS_BASER -> (int) (baser[r.index(offset)] >>> half);
            case GITS_IDREGS ->
                    IdRegisters.read(r.index(offset), IdRegisters.ITS, identity.typer().virtual());
            case GITS_TRANSLATER, RESERVED -> 0;
        };
    }

    Effect write(long offset, int value) {
        Gits r = Gits.of(offset);
        return switch (r) {
            case GITS_CTLR -> writeCtlr(value);
            case GITS_CBASER -> writeCbaser(Redistributor.half(cbaser, offset, value));
            case GITS_CWRITER -> writeCwriter(Redistributor.half(cwriter, offset, value));
            case GITS_BASER -> writeBaser(r.index(offset), offset, value);
            case GITS_IIDR, GITS_TYPER, GITS_CREADR, GITS_IDREGS, GITS_TRANSLATER, RESERVED ->
                    Effect.NONE;
        };
    }

    private Effect writeCtlr(int value) {
        boolean now = GitsCtlr.ENABLED.isSet(value);
        if (now && identity.has(ItsChoice.NEEDS_TABLES) && !complete()) {
            return Effect.NONE;
        }
        if (now == enabled) {
            return now ? Effect.RUN : Effect.NONE;
        }
        enabled = now;
        return Effect.SWITCHED;
    }

    private boolean complete() {
        return cbaser().valid() && baser(0).valid() && baser(1).valid();
    }

    /// Ignored while the ITS is enabled, as QEMU and KVM choose (it is UNPREDICTABLE).
    private Effect writeCbaser(long value) {
        if (enabled) {
            return Effect.NONE;
        }
        cbaser = value & CBASER_BITS;
        creadr = 0;
        if (identity.has(ItsChoice.FIXED_64K)) {
            cbaser &= ~BELOW_64K.mask();
            cwriter = 0;
        }
        return Effect.NONE;
    }

    private Effect writeCwriter(long value) {
        long offset = GitsCbaser.OFFSET.inPlace(value);
        if (identity.has(ItsChoice.CHECKS_WRITER) && offset >= cbaser().bytes()) {
            return Effect.NONE;
        }
        cwriter = offset;
        if (GitsCbaser.RETRY.isSet(value) && !identity.has(ItsChoice.RETRIES_WHEN_RUNG)) {
            creadr = GitsCbaser.STALLED.set(creadr, 0);
        }
        return Effect.RUN;
    }

    private Effect writeBaser(int n, long offset, int value) {
        if (enabled || baser(n).type() == GitsBaser.Type.NONE) {
            return Effect.NONE;
        }
        long kept = baser[n] & BASER_RESERVED;
        long now = (Redistributor.half(baser[n], offset, value) & ~BASER_RESERVED) | kept;
        if (identity.has(ItsChoice.FIXED_64K)) {
            now = GitsBaser.PAGE_SIZE.set(now, 2) & ~BELOW_64K.mask();
            if (baser(n).type() == GitsBaser.Type.COLLECTIONS) {
                now = GitsBaser.INDIRECT.set(now, 0);
            }
        }
        baser[n] = now;
        return Effect.TABLES;
    }
}
