package dev.belfry.lab.explain;

import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.smmu.Smmu;
import java.util.ArrayList;
import java.util.List;

/// The PASIDs of a stream that have a context descriptor: the SMMU's engine is asked for each.
final class Pasids {

    private static final int MOST_FOUND = 256;
    private static final int LOG2_MOST_ASKED = 16;

    /// SubstreamIDs that one level-1 descriptor covers, log2, by STE.S1Fmt (IHI 0070 5.2).
    private static final int LEAF_4K = 6;

    private static final int LEAF_64K = 10;

    private final StreamWalks walks;
    private final int smmu;
    private final int streamId;

    /// @param stream behind an SMMU
    Pasids(Inventory inventory, Streams.Seen stream) {
        this.walks = inventory.walks();
        this.smmu = stream.smmu().getAsInt();
        this.streamId = stream.streamId();
    }

    /// Ascending, without 0, whose context is that of accesses without PASID unless STE.S1DSS says
    /// otherwise; at most 256 of the first 65,536.
    List<Integer> valid() {
        List<Integer> out = new ArrayList<>();
        Hop ste = ste();
        int log2 = Math.min(number(ste, "S1CDMax"), LOG2_MOST_ASKED);
        int leaf = number(ste, "S1Fmt") == 2 ? LEAF_64K : LEAF_4K;
        int pasid = 1;
        while (log2 > 0 && pasid < 1 << log2 && out.size() < MOST_FOUND) {
            List<Hop> hops = walks.once(smmu, streamId, pasid, 0).hops();
            if (hops.stream().anyMatch(h -> h.kind() == HopKind.STAGE1)) {
                out.add(pasid);
            }
            boolean noTable =
                    number(ste, "S1Fmt") != 0 && hops.getLast().kind() == HopKind.CD_TABLE;
            pasid = noTable ? ((pasid >> leaf) + 1) << leaf : pasid + 1;
        }
        return out;
    }

    private Hop ste() {
        List<Hop> hops = walks.once(smmu, streamId, Smmu.NO_SUBSTREAM, 0).hops();
        return hops.stream()
                .filter(h -> h.kind() == HopKind.STE)
                .findFirst()
                .orElse(hops.getFirst());
    }

    private static int number(Hop hop, String field) {
        String value = hop.fields().getOrDefault(field, "0");
        return value.matches("\\d{1,3}") ? Integer.parseInt(value) : 0;
    }
}
