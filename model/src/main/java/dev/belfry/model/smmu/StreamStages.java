package dev.belfry.model.smmu;

import org.jspecify.annotations.Nullable;

/// Which stages translate a stream, as its STE and the identity say: where [StreamPolicy] is about
/// what a nesting host takes over, this is about what happens to an access.
public enum StreamStages {
    /// Accesses are terminated: by the STE, or because there is no valid one.
    NONE_ABORT,
    /// Accesses pass as they are.
    NONE_BYPASS,
    STAGE_1,
    STAGE_2,
    STAGE_1_AND_2;

    static StreamStages of(@Nullable StreamConfig stream) {
        if (stream == null) {
            return NONE_ABORT;
        }
        return switch (stream.kind()) {
            case ILLEGAL, ABORT -> NONE_ABORT;
            case BYPASS -> NONE_BYPASS;
            case TRANSLATE -> {
                if (stream.stage1()) {
                    yield stream.stage2() ? STAGE_1_AND_2 : STAGE_1;
                }
                yield stream.stage2() ? STAGE_2 : NONE_BYPASS;
            }
        };
    }
}
