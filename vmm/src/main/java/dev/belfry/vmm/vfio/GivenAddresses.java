package dev.belfry.vmm.vfio;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.IrqSet;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import dev.belfry.model.pci.Msix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Hands the addresses that the guest wrote to the host, where a design wants them. They are opaque
/// here: what the guest's tables make of them is not asked.
final class GivenAddresses {

    /// `VFIO_PCI_MSIX_IRQ_INDEX`.
    private static final int MSIX = 2;

    private final VfioDevice device;
    private final Msix table;
    private final boolean wanted;
    private final Map<Integer, Long> given = new TreeMap<>();

    GivenAddresses(VfioDevice device, Msix table, boolean wanted) {
        this.device = device;
        this.table = table;
        this.wanted = wanted;
    }

    boolean wanted() {
        return wanted;
    }

    /// Whether the vector has an address by now that is not the one it was given.
    boolean isOther(int vector) {
        Long before = given.get(vector);
        return before != null && before != table.entry(vector).address();
    }

    /// Hands over the addresses of vectors `first` to `last`.
    Result<Done> give(int first, int last) {
        if (!wanted) {
            return Result.done();
        }
        List<Iova> addresses = new ArrayList<>();
        for (int v = first; v <= last; v++) {
            addresses.add(new Iova(table.entry(v).address()));
            given.put(v, table.entry(v).address());
        }
        return device.setIrqs(IrqSet.prepare(MSIX, first, addresses)).map(n -> Done.DONE);
    }

    void forget() {
        given.clear();
    }
}
