package dev.belfry.host.iommufd;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;

/// `IOMMU_VFIO_IOAS`: the IOAS that the old VFIO calls of a file work on.
final class CompatIoas {

    private static final int GET = 0;
    private static final int SET = 1;
    private static final int CLEAR = 2;

    private final ObjectTable objects;
    private int ioasId;

    CompatIoas(ObjectTable objects) {
        this.objects = objects;
    }

    /// @return the IOAS's id, for GET
    Result<Integer> run(int op, int id) {
        return switch (op) {
            case GET ->
                    objects.get(ioasId, Ioas.class).isOk()
                            ? Result.ok(ioasId)
                            : Result.err(Errno.ENODEV, "no IOAS was set for VFIO");
            case SET ->
                    objects.get(id, Ioas.class)
                            .map(i -> {
                                ioasId = id;
                                return id;
                            });
            case CLEAR -> {
                ioasId = 0;
                yield Result.ok(0);
            }
            default -> Result.err(Errno.EOPNOTSUPP, "unknown operation");
        };
    }

    /// Its object is destroyed.
    void forget(int id) {
        if (id == ioasId) {
            ioasId = 0;
        }
    }
}
