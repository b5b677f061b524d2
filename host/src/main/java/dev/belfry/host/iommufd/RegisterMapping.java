package dev.belfry.host.iommufd;

import dev.belfry.model.memory.MmioDevice;

/// A page of hardware registers that a process mapped from an iommufd: it holds the object that the
/// page belongs to.
public final class RegisterMapping implements MmioDevice {

    private final IommufdObject owner;
    private final MmioDevice page;
    private boolean mapped = true;

    RegisterMapping(IommufdObject owner, MmioDevice page) {
        this.owner = owner;
        this.page = page;
        owner.addUser();
    }

    /// `munmap(2)`: what it belongs to can be destroyed again.
    public void unmap() {
        if (mapped) {
            mapped = false;
            owner.removeUser();
        }
    }

    @Override
    public long size() {
        return page.size();
    }

    @Override
    public boolean accepts(long offset, int width) {
        return mapped && page.accepts(offset, width);
    }

    @Override
    public long read(long offset, int width) {
        return mapped ? page.read(offset, width) : 0;
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        if (mapped) {
            page.write(offset, width, value, requester);
        }
    }
}
