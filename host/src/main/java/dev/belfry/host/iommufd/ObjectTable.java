package dev.belfry.host.iommufd;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;

/// The objects of one file, by id (the kernel's xarray: the lowest free id from 1).
final class ObjectTable {

    private final TreeMap<Integer, IommufdObject> objects = new TreeMap<>();
    private final BitSet taken = new BitSet();

    /// Gives `object` an id.
    <T extends IommufdObject> T add(T object) {
        int id = taken.nextClearBit(1);
        taken.set(id);
        object.setId(id);
        objects.put(id, object);
        return object;
    }

    /// The object with `id` if it is of `type`.
    ///
    /// @return `ENOENT` otherwise: the kernel looks up by id and type at once
    <T extends IommufdObject> Result<T> get(int id, Class<T> type) {
        IommufdObject o = objects.get(id);
        return type.isInstance(o)
                ? Result.ok(type.cast(o))
                : Result.err(Errno.ENOENT, describe(id) + ", not " + type.getSimpleName());
    }

    private String describe(int id) {
        IommufdObject o = objects.get(id);
        return "object " + id + (o == null ? " does not exist" : " is " + o.kind());
    }

    /// `IOMMU_DESTROY`.
    Result<Done> destroy(int id) {
        IommufdObject o = objects.get(id);
        if (o == null) {
            return Result.err(Errno.ENOENT, describe(id));
        }
        boolean held = o.users() > 0 || o instanceof BoundDevice;
        if (held) {
            return Result.err(Errno.EBUSY, describe(id) + " and still in use");
        }
        remove(o);
        return Result.done();
    }

    /// Destroys `o`, which has no users.
    void remove(IommufdObject o) {
        objects.remove(o.id());
        taken.clear(o.id());
        o.destroy();
    }

    /// Destroys `o`, which the VMM forgot; its id is not used again while the file is open.
    void removeToTombstone(IommufdObject o) {
        objects.remove(o.id());
        o.destroy();
    }

    /// Destroys all that has no users, again and again, until nothing is left that can go.
    void destroyAll() {
        boolean progress = true;
        while (progress) {
            List<IommufdObject> leaves =
                    objects.values().stream()
                            .filter(o -> o.users() == 0 && !(o instanceof BoundDevice))
                            .toList();
            progress = !leaves.isEmpty();
            leaves.forEach(this::remove);
        }
    }

    List<IommufdObject> all() {
        return List.copyOf(objects.values());
    }

    boolean isEmpty() {
        return objects.isEmpty();
    }
}
