package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.Command;

/// A translation that a TLB is allowed to remember, and what IHI 0070 3.17 and 4.4 say of it: which
/// lookups it answers, and which commands have to remove it. Read from the text; no line of the
/// engine is used.
///
/// @param world 1 NS-EL1, 2 NS-EL2, 3 NS-EL2-E2H
/// @param vmid 0 where the world has none
/// @param asid ASID; -1 for global entries and where the world has none
/// @param aset ASID set, which global entries are tagged with as well
/// @param ipa whether its address is an IPA: a stream without stage 1
/// @param start first address
/// @param size bytes
/// @param block first address of the stage 1 block that it is a piece of, or `start`
/// @param blockSize that block's bytes, or `size`
/// @param tg 1 4 KiB, 2 16 KiB, 3 64 KiB: of the first enabled stage
/// @param level of the leaf descriptor of that stage
/// @param output what it translates to
record CachedEntry(
        int world,
        int vmid,
        int asid,
        int aset,
        boolean ipa,
        long start,
        long size,
        long block,
        long blockSize,
        int tg,
        int level,
        long output) {

    /// Whether a lookup of these parameters finds it (3.17, 3.17.1).
    boolean answers(int w, int v, int a, int set, boolean anIpa, long address) {
        boolean tag = asid == a || (asid == -1 && (w == 2 || anIpa || aset == set));
        return world == w
                && vmid == v
                && ipa == anIpa
                && tag
                && address >= start
                && address - start < size;
    }

    /// Whether `command` has to remove it.
    ///
    /// @param wildcard CR0.VMW: how many low bits of a VMID do not count
    /// @param e2h CR2.E2H
    boolean goesWith(Command command, int wildcard, boolean e2h) {
        return switch (command) {
            case Command.TlbiNhAll c -> stage1(1, c.vmid(), wildcard);
            case Command.TlbiNhAsid c -> stage1(1, c.vmid(), wildcard) && asid == c.asid();
            case Command.TlbiNhVa c ->
                    stage1(1, c.vmid(), wildcard)
                            && (asid == c.asid() || asid == -1)
                            && isIn(c.span());
            case Command.TlbiNhVaa c -> stage1(1, c.vmid(), wildcard) && isIn(c.span());
            case Command.TlbiS12Vmall c -> world == 1 && vmid(c.vmid(), wildcard);
            case Command.TlbiS2Ipa c ->
                    world == 1 && ipa && vmid(c.vmid(), wildcard) && isIn(c.span());
            case Command.TlbiNsnhAll c -> world == 1;
            case Command.TlbiEl2All c -> world != 1;
            case Command.TlbiEl2Asid c -> world == 3 && asid == c.asid();
            case Command.TlbiEl2Va c ->
                    e2h
                            ? world == 3 && (asid == c.asid() || asid == -1) && isIn(c.span())
                            : world == 2 && isIn(c.span());
            case Command.TlbiEl2Vaa c -> world == (e2h ? 3 : 2) && isIn(c.span());
            default -> false;
        };
    }

    private boolean stage1(int w, int v, int wildcard) {
        return world == w && !ipa && vmid(v, wildcard);
    }

    private boolean vmid(int v, int wildcard) {
        return vmid >> wildcard == v >> wildcard;
    }

    /// Without TG one address of any granule and level; with it a range, and the granule and the
    /// level count (4.4.1.1). The size of what an address hits is that of the whole leaf.
    private boolean isIn(Command.Span s) {
        if (s.tg() == 0) {
            return s.address() >= block && s.address() - block < blockSize;
        }
        long granule = s.tg() == 1 ? 0x1000 : s.tg() == 2 ? 0x4000 : 0x1_0000;
        long range = (s.num() + 1) * (1L << Math.min(s.scale(), 39)) * granule;
        boolean overlaps = s.address() < block + blockSize && block < s.address() + range;
        boolean noLevel = s.ttl() == 0 || (s.ttl() == 1 && s.tg() == 2);
        return overlaps && tg == s.tg() && (noLevel || level == s.ttl());
    }
}
