package dev.belfry.host.iommufd;

/// A queue of page requests, which HWPTs may name. Nothing that is modelled raises any.
public final class FaultQueue extends IommufdObject {

    private final int fd;
    private boolean open = true;

    FaultQueue(int fd) {
        this.fd = fd;
        addUser();
    }

    /// The file descriptor's number.
    public int fd() {
        return fd;
    }

    /// The object's id, which HWPTs name.
    public int objectId() {
        return id();
    }

    /// `close(2)` of the queue's file descriptor.
    public void close() {
        if (open) {
            open = false;
            removeUser();
        }
    }

    @Override
    String kind() {
        return "a fault queue";
    }

    @Override
    void destroy() {}
}
