package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.Ste;
import org.jspecify.annotations.Nullable;

/// From an STE's meaning to what a nesting host is told: the canonical words hold only what the
/// identity gives a meaning.
final class StreamPolicies {

    private StreamPolicies() {}

    /// @param stream null when there is no STE
    static StreamPolicy of(@Nullable StreamConfig stream, SmmuIdentity id) {
        if (stream == null) {
            return new StreamPolicy.Abort();
        }
        return switch (stream.kind()) {
            case ILLEGAL, ABORT -> new StreamPolicy.Abort();
            case BYPASS -> new StreamPolicy.Bypass();
            // A host nests stage 1 only: it owns stage 2.
            case TRANSLATE -> stream.stage2() ? new StreamPolicy.Abort() : translate(stream, id);
        };
    }

    private static StreamPolicy translate(StreamConfig stream, SmmuIdentity id) {
        Ste ste = stream.ste();
        long ste0 =
                Ste.V.of(1)
                        | Ste.CONFIG.of(Ste.Config.S1.bits())
                        | Ste.S1FMT.of(stream.cdFormat())
                        | ste.s1ContextPtr()
                        | Ste.S1CDMAX.of(stream.cdMax());
        long kept = Ste.S1CIR.mask() | Ste.S1COR.mask() | Ste.S1CSH.mask();
        long ste1 =
                (ste.w1() & kept)
                        | Ste.S1DSS.of(stream.dss())
                        | Ste.EATS.of(id.has0(Idr0.ATS) ? stream.eats() : 0)
                        | (ste.w1() & Ste.S1STALLD.mask());
        return new StreamPolicy.Translate(ste0, ste1);
    }
}
