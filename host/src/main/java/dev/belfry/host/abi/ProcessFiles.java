package dev.belfry.host.abi;

import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.iommufd.VeventRecord;
import dev.belfry.host.memory.MemFile;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;

/// A process's descriptors, and its system calls on them as bytes: what a VMM written in any
/// language would see of the kernel. Whatever the bytes are, nothing is thrown.
public final class ProcessFiles {

    private final UserMemory process;
    private final UserBytes memory;
    private final KernelVersion version;
    private final OpenFiles files;

    /// @param process whose memory pointers lead to
    /// @param version the kernel
    public ProcessFiles(UserMemory process, KernelVersion version) {
        this.process = process;
        this.memory = new UserBytes.OfProcess(process);
        this.version = version;
        this.files = new OpenFiles(process);
    }

    /// The process's memory.
    public UserMemory process() {
        return process;
    }

    /// A descriptor of an open `/dev/iommu`.
    public int add(Iommufd file) {
        return files.add(new OpenFiles.Iommu(file));
    }

    /// A descriptor of an open VFIO device.
    public int add(VfioDevice file) {
        return files.add(new OpenFiles.Vfio(file));
    }

    /// A descriptor of an eventfd.
    public int add(EventFd file) {
        return files.add(new OpenFiles.Event(file));
    }

    /// A descriptor of a memfd.
    public int add(MemFile file) {
        return files.add(new OpenFiles.Memory(file));
    }

    /// `ioctl(2)` with an argument in the process's memory.
    ///
    /// @param request the number
    /// @param argument address of the structure
    public Answer ioctl(int fd, int request, UserVa argument) {
        return ioctl(fd, request, memory, argument.value());
    }

    /// `ioctl(2)` with an argument of its own; pointers in it lead to the process's memory.
    ///
    /// @param argument the structure, which is changed in place
    public Answer ioctl(int fd, int request, byte[] argument) {
        return ioctl(fd, request, new UserBytes.OfBuffer(argument), 0);
    }

    private Answer ioctl(int fd, int request, UserBytes argument, long at) {
        return switch (files.get(fd).orElse(null)) {
            case null -> Answer.err(Errno.EBADF, "the descriptor is of no file");
            case OpenFiles.Iommu(Iommufd f) ->
                    new IommufdDoor(f, version, memory, files).ioctl(request, argument, at);
            case OpenFiles.Vfio(VfioDevice f) ->
                    new VfioDoor(f, version, memory, files).ioctl(request, argument, at);
            case OpenFiles.OpenFile _ -> Answer.err(Errno.ENOTTY, "the file has no ioctls");
        };
    }

    /// `read(2)` into the process's memory: an eventfd's count, or records of a vEVENTQ.
    ///
    /// @return how many bytes
    public Answer read(int fd, UserVa buffer, int count) {
        return switch (files.get(fd).orElse(null)) {
            case null -> Answer.err(Errno.EBADF, "the descriptor is of no file");
            case OpenFiles.Events(var queue) -> {
                if (count > 0 && !process.pin(buffer, count, true).isOk()) {
                    yield queue.readable() ? Answer.fault() : Answer.ZERO;
                }
                Result<List<VeventRecord>> records = queue.read(count, 0);
                yield records.isOk()
                        ? written(buffer, encode(records.orThrow()))
                        : Answer.of(records);
            }
            // A fault group never comes: nothing that is modelled raises one.
            case OpenFiles.Faults _ ->
                    count % AbiStruct.IOMMU_HWPT_PGFAULT.size() == 0
                            ? Answer.ZERO
                            : Answer.err(Errno.ESPIPE, "whole records are read");
            case OpenFiles.Event(EventFd f) -> {
                if (count < 8) {
                    yield Answer.err(Errno.EINVAL, "the count is 8 bytes");
                }
                long n = f.read();
                yield n == 0
                        ? Answer.err(Errno.EAGAIN, "nothing was signalled")
                        : written(buffer, encode(n));
            }
            case OpenFiles.OpenFile _ -> Answer.err(Errno.EINVAL, "the file is not read this way");
        };
    }

    private Answer written(UserVa buffer, byte[] bytes) {
        return memory.write(buffer.value(), bytes) ? Answer.of(bytes.length) : Answer.fault();
    }

    private static byte[] encode(long count) {
        return dev.belfry.model.journey.Bytes.ofWords(count).toArray();
    }

    private static byte[] encode(List<VeventRecord> records) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (VeventRecord r : records) {
            out.writeBytes(
                    StructBytes.of(AbiStruct.IOMMUFD_VEVENT_HEADER)
                            .set("flags", r.flags())
                            .set("sequence", r.sequence())
                            .bytes());
            out.writeBytes(r.event().toArray());
        }
        return out.toByteArray();
    }

    /// `close(2)`.
    public Answer close(int fd) {
        return files.close(fd)
                ? Answer.ZERO
                : Answer.err(Errno.EBADF, "the descriptor is of no file");
    }

    /// What a descriptor of an eventfd is of: for who listens to it.
    public Optional<EventFd> eventfd(int fd) {
        return files.get(fd)
                .filter(OpenFiles.Event.class::isInstance)
                .map(f -> ((OpenFiles.Event) f).file());
    }
}
