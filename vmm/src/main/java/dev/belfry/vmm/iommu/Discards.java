package dev.belfry.vmm.iommu;

import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.uapi.Result;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.ArrayList;
import java.util.List;

/// Gives objects of one iommufd back. What the host does not let go of is tried again whenever
/// something else goes, so that one failed call leaves no id behind for good.
public final class Discards {

    private final Iommufd iommufd;
    private final RefusalLog log;
    private final List<Integer> left = new ArrayList<>();

    public Discards(Iommufd iommufd, RefusalLog log) {
        this.iommufd = iommufd;
        this.log = log;
    }

    /// Gives an object back, and with it what is left from before.
    ///
    /// @param what it is, for the message: `the vIOMMU of smmuv3.1`
    public void discard(String what, int id) {
        Result<?> done = iommufd.destroy(id);
        if (!log.passed("giving back " + what, done)) {
            left.add(id);
            return;
        }
        sweep();
    }

    /// Tries what is left, until no more goes.
    public void sweep() {
        int before;
        do {
            before = left.size();
            left.removeIf(id -> iommufd.destroy(id).isOk());
        } while (left.size() < before && !left.isEmpty());
    }
}
