package dev.belfry.host.abi;

import dev.belfry.host.iommufd.FaultQueue;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.iommufd.Veventq;
import dev.belfry.host.memory.MemFile;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.vfio.VfioDevice;
import java.util.Optional;
import java.util.TreeMap;

/// The files that a process has open, by descriptor: the lowest free number from 3.
final class OpenFiles {

    /// What a descriptor can be of.
    sealed interface OpenFile {}

    /// `/dev/iommu`.
    record Iommu(Iommufd file) implements OpenFile {}

    /// `/dev/vfio/devices/vfioN`.
    record Vfio(VfioDevice file) implements OpenFile {}

    /// `eventfd(2)`.
    record Event(EventFd file) implements OpenFile {}

    /// `memfd_create(2)`.
    record Memory(MemFile file) implements OpenFile {}

    /// `[iommufd-viommu-event]`.
    record Events(Veventq file) implements OpenFile {}

    /// `[iommufd-pgfault]`.
    record Faults(FaultQueue file) implements OpenFile {}

    private static final int FIRST = 3;

    private final TreeMap<Integer, OpenFile> files = new TreeMap<>();
    private final MemFile noMemory;

    OpenFiles(UserMemory process) {
        noMemory = MemFile.empty(process);
    }

    int add(OpenFile file) {
        int fd = FIRST;
        while (files.containsKey(fd)) {
            fd++;
        }
        files.put(fd, file);
        return fd;
    }

    Optional<OpenFile> get(int fd) {
        return Optional.ofNullable(files.get(fd));
    }

    /// The memfd; of another file, one that has no page that could be pinned.
    Optional<MemFile> memFile(int fd) {
        return get(fd).map(f -> f instanceof Memory(MemFile m) ? m : noMemory);
    }

    /// The eventfd, or one that calls refuse as they refuse this descriptor.
    EventFd eventfd(int fd) {
        return switch (files.get(fd)) {
            case null -> EventFd.refusedWith(Errno.EBADF);
            case Event(EventFd f) -> f;
            case OpenFile _ -> EventFd.refusedWith(Errno.EINVAL);
        };
    }

    /// @return false when the descriptor is of no file
    boolean close(int fd) {
        OpenFile file = files.remove(fd);
        switch (file) {
            case null -> {
                return false;
            }
            case Iommu f -> f.file().close();
            case Vfio f -> f.file().close();
            case Event f -> f.file().close();
            case Memory _ -> {}
            case Events f -> f.file().close();
            case Faults f -> f.file().close();
        }
        return true;
    }
}
