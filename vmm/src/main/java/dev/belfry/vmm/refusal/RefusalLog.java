package dev.belfry.vmm.refusal;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.ArrayList;
import java.util.List;

/// What the host refused while a machine runs, as a monitor would print it: nothing that fails is
/// passed over in silence.
public final class RefusalLog {

    private final List<String> sentences = new ArrayList<>();

    /// Whether a call went through; keeps a sentence if not.
    ///
    /// @param what was tried: `the vDEVICE of 0009:01:00.0`
    public boolean passed(String what, Result<?> result) {
        if (result instanceof Result.Err<?>(Errno errno, String why)) {
            sentences.add(sentence(what, errno, why));
        }
        return result.isOk();
    }

    /// Keeps a sentence.
    public void add(String sentence) {
        sentences.add(sentence);
    }

    /// All of them, oldest first.
    public List<String> sentences() {
        return List.copyOf(sentences);
    }

    /// `the vDEVICE of 0009:01:00.0: EEXIST, IOMMU_VDEVICE_ALLOC: virtual id 8 is taken`; a call's
    /// own sentence begins with its name.
    public static String sentence(String what, Errno errno, String why) {
        return what + ": " + errno + ", " + why;
    }
}
