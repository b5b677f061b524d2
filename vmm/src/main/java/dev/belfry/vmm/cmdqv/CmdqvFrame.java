package dev.belfry.vmm.cmdqv;

import dev.belfry.host.iommufd.RegisterMapping;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.smmu.spec.CmdqvLayout;
import java.util.Optional;

/// A guest's CMDQ-V as its CPUs reach it. KVM maps page 0 of the virtual interface like RAM once
/// the guest has enabled the interface: accesses to it are the hardware's and never the VMM's.
public final class CmdqvFrame implements MmioDevice {

    private static final long MAPPED = CmdqvLayout.vintfPage0(0);

    private final GuestCmdqv vmm;
    private long exits;
    private long past;

    public CmdqvFrame(GuestCmdqv vmm) {
        this.vmm = vmm;
    }

    /// Accesses that the VMM emulated.
    public long exits() {
        return exits;
    }

    /// Accesses that went to the hardware past the VMM.
    public long past() {
        return past;
    }

    @Override
    public long size() {
        return vmm.size();
    }

    @Override
    public boolean accepts(long offset, int width) {
        return vmm.accepts(offset, width);
    }

    private Optional<RegisterMapping> mapped(long offset) {
        return offset >= MAPPED && offset < MAPPED + CmdqvLayout.PAGE
                ? vmm.shown()
                : Optional.empty();
    }

    @Override
    public long read(long offset, int width) {
        Optional<RegisterMapping> page = mapped(offset);
        if (page.isPresent()) {
            past++;
            return page.get().read(offset - MAPPED, width);
        }
        exits++;
        return vmm.read(offset, width);
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        Optional<RegisterMapping> page = mapped(offset);
        if (page.isPresent()) {
            past++;
            page.get().write(offset - MAPPED, width, value, requester);
        } else {
            exits++;
            vmm.write(offset, width, value, requester);
        }
    }
}
