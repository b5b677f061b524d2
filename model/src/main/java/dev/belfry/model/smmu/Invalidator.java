package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Cr2;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What CMD_TLBI commands remove from the TLB: all that the architecture demands, and in
/// adversarial mode nothing more (IHI 0070 4.4).
final class Invalidator {

    private final SmmuIdentity id;
    private final RegisterFile registers;
    private final Tlb tlb;
    private final boolean adversarial;

    Invalidator(SmmuIdentity id, RegisterFile registers, Tlb tlb, CacheMode mode) {
        this.id = id;
        this.registers = registers;
        this.tlb = tlb;
        this.adversarial = mode instanceof CacheMode.Adversarial;
    }

    private static final int EL1 = Configuration.worldNumber(StreamConfig.World.EL1);
    private static final int EL2 = Configuration.worldNumber(StreamConfig.World.EL2);
    private static final int EL2_E2H = Configuration.worldNumber(StreamConfig.World.EL2_E2H);

    /// NS-EL1 stage 1 entries of a VMID; with `stage2` those of stage 2 only as well.
    void vmid(int vmid, boolean stage2) {
        el1(vmid, c -> stage2 || c.asid != Tlb.STAGE2, tlb::invalidate);
    }

    /// All NS-EL1 entries.
    void nonHyp() {
        tlb.forEachContext(c -> {
            if (c.world == EL1) {
                tlb.invalidate(c);
            }
        });
    }

    /// Non-global NS-EL1 entries of an ASID.
    void asid(int vmid, int asid) {
        if (wildcard() == 0) {
            tlb.invalidate(tlb.known(EL1, tagVmid(vmid), asid));
        } else {
            el1(vmid, c -> c.asid == asid, tlb::invalidate);
        }
    }

    /// NS-EL1 entries of an address: of an ASID, and global ones.
    void va(int vmid, int asid, Command.Span span) {
        if (wildcard() == 0) {
            int tag = tagVmid(vmid);
            span(tlb.known(EL1, tag, asid), span);
            span(tlb.known(EL1, tag, Tlb.GLOBAL), span);
            span(tlb.known(EL1, tag, Tlb.GLOBAL_UNSHARED), span);
        } else {
            el1(vmid, c -> c.asid == asid || c.isGlobal(), c -> span(c, span));
        }
    }

    /// NS-EL1 stage 1 entries of an address, whatever their ASID.
    void vaa(int vmid, Command.Span span) {
        el1(vmid, c -> c.asid != Tlb.STAGE2, c -> span(c, span));
    }

    /// Entries of stage 2 only. Those that combine both stages need CMD_TLBI_NH as well (4.4.3.1).
    void ipa(int vmid, Command.Span span) {
        if (wildcard() == 0) {
            span(tlb.known(EL1, tagVmid(vmid), Tlb.STAGE2), span);
        } else {
            el1(vmid, c -> c.asid == Tlb.STAGE2, c -> span(c, span));
        }
    }

    /// Does something to the NS-EL1 contexts of a VMID, and of its like where CR0.VMW says so, that
    /// hold entries. Where they are too many to look at, all of them are emptied instead.
    private void el1(int vmid, Predicate<Tlb.Context> which, Consumer<Tlb.Context> action) {
        int wildcard = wildcard();
        if (wildcard == 0) {
            List<Tlb.Context> all = tlb.contexts(EL1, tagVmid(vmid));
            boolean tooMany = tlb.isTooMany(all.size());
            for (Tlb.Context c : all) {
                if (tooMany) {
                    tlb.invalidate(c);
                } else if (which.test(c)) {
                    action.accept(c);
                }
            }
        } else if (tlb.isTooMany()) {
            nonHyp();
        } else {
            tlb.forEachContext(c -> {
                boolean matches = !id.stage2() || c.vmid >>> wildcard == vmid >>> wildcard;
                if (c.world == EL1 && matches && which.test(c)) {
                    action.accept(c);
                }
            });
        }
    }

    /// NS-EL2 and NS-EL2-E2H entries.
    void el2() {
        tlb.contexts(EL2, 0).forEach(tlb::invalidate);
        tlb.contexts(EL2_E2H, 0).forEach(tlb::invalidate);
    }

    /// Non-global NS-EL2-E2H entries of an ASID.
    void el2Asid(int asid) {
        tlb.invalidate(tlb.known(EL2_E2H, 0, asid));
    }

    /// Entries of the world that CR2.E2H selects; `asid` below 0 for all ASIDs.
    void el2Va(int asid, Command.Span span) {
        int world = Cr2.E2H.isSet(registers.get(SmmuRegister.CR2)) ? EL2_E2H : EL2;
        List<Tlb.Context> all = tlb.contexts(world, 0);
        boolean tooMany = tlb.isTooMany(all.size());
        for (Tlb.Context c : all) {
            if (tooMany) {
                tlb.invalidate(c);
            } else if (world == EL2 || asid < 0 || c.asid == asid || c.isGlobal()) {
                span(c, span);
            }
        }
    }

    private void span(Tlb.@Nullable Context c, Command.Span span) {
        boolean ril = id.has3(Idr3.RIL) && span.tg() != 0;
        if (!ril) {
            tlb.invalidate(c, span.address(), 1, Tlb.Filter.ALL);
            return;
        }
        long granules = span.num() + 1L;
        int shift = Math.min(span.scale(), 39) + span.granuleBits();
        long length = Bits.fits(granules, 63 - shift) ? granules << shift : Long.MAX_VALUE;
        tlb.invalidate(c, span.address(), length, filter(span));
    }

    /// What the hints spare: only entries of the granule TG and of level TTL must go.
    private Tlb.Filter filter(Command.Span span) {
        if (!adversarial) {
            return Tlb.Filter.ALL;
        }
        // TTL = 1 has no meaning with 16 KiB granules and counts as 0.
        int ttl = span.tg() == 2 && span.ttl() == 1 ? 0 : span.ttl();
        return second ->
                TlbEntry.tg(second) == span.tg() && (ttl == 0 || TlbEntry.level(second) == ttl);
    }

    /// Without stage 2 there are no VMIDs, and the parameter does not count.
    private int tagVmid(int vmid) {
        return id.stage2() ? vmid : 0;
    }

    private int wildcard() {
        int vmw = Cr0.VMW.getInt(registers.get(SmmuRegister.CR0ACK));
        return vmw > 4 ? 0 : vmw;
    }
}
