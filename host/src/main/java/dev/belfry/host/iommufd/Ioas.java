package dev.belfry.host.iommufd;

import java.util.ArrayList;
import java.util.List;

/// An I/O address space: what is mapped where, for all HWPTs made of it.
final class Ioas extends IommufdObject {

    private final IovaSpace space;
    private final List<PagingHwpt> hwpts = new ArrayList<>();

    Ioas(long pageSize) {
        this.space = new IovaSpace(pageSize);
    }

    IovaSpace space() {
        return space;
    }

    /// HWPTs made of it, oldest first.
    List<PagingHwpt> hwpts() {
        return hwpts;
    }

    @Override
    String kind() {
        return "an IOAS";
    }

    @Override
    void destroy() {
        space.unmapAll();
    }
}
