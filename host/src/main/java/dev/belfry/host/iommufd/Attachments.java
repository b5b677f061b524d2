package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.Iommu;
import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.iommu.StaticDomain;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Attaching, replacing and detaching, for one file (`drivers/iommu/iommufd/device.c`).
final class Attachments {

    private final ObjectTable objects;
    private final SwMsi swMsi;

    Attachments(ObjectTable objects, SwMsi swMsi) {
        this.objects = objects;
        this.swMsi = swMsi;
    }

    /// Attach, or replace when `device` is attached already.
    Result<Integer> changePt(BoundDevice device, int ptId) {
        return objects.get(ptId, IommufdObject.class)
                .then(o ->
                        switch (o) {
                            case Hwpt h -> change(device, h).map(d -> h.id());
                            case Ioas ioas -> auto(device, ioas);
                            case Viommu v -> notATable(v);
                            case Vdevice v -> notATable(v);
                            case Veventq v -> notATable(v);
                            case FaultQueue f -> notATable(f);
                            case HwQueue q -> notATable(q);
                            case BoundDevice b -> notATable(b);
                        });
    }

    /// The same for one PASID (`iommufd_hwpt_pasid_compat`, `iommu_attach_device_pasid`).
    Result<Integer> changePasid(BoundDevice device, int ptId, int pasid) {
        return objects.get(ptId, IommufdObject.class)
                .then(o ->
                        switch (o) {
                            case Hwpt h -> Result.ok(h);
                            case Ioas _ ->
                                    Result.<Hwpt>err(
                                            Errno.EINVAL,
                                            "the HWPT that an IOAS makes is not for PASIDs");
                            case IommufdObject other ->
                                    Result.<Hwpt>err(
                                            Errno.EINVAL,
                                            other.kind() + " is nothing to attach to");
                        })
                .then(h -> attachPasid(device, h, pasid));
    }

    private Result<Integer> attachPasid(BoundDevice device, Hwpt hwpt, int pasid) {
        Result<Done> done = pasidCompatible(device, hwpt, pasid);
        // A function without PASIDs never sends one: there is nothing to do for it.
        if (done.isOk() && device.device().hasPasids()) {
            done = device.device().attachPasid(hwpt.domain(), pasid);
        }
        if (!done.isOk()) {
            dropIfUnused(hwpt);
            return done.map(d -> 0);
        }
        hwpt.addUser();
        Hwpt old = device.pasids().put(pasid, hwpt);
        if (old != null) {
            leave(old);
        }
        return Result.ok(hwpt.id());
    }

    private static Result<Done> pasidCompatible(BoundDevice device, Hwpt hwpt, int pasid) {
        if (!hwpt.pasidCompatible()) {
            return Result.err(Errno.EINVAL, "the HWPT was not made for PASIDs");
        }
        boolean whole = device.group().hwpt().map(Hwpt::pasidCompatible).orElse(true);
        if (!whole) {
            return Result.err(Errno.EINVAL, "the device's own HWPT was not made for PASIDs");
        }
        int bits = device.device().hasPasids() ? device.device().maxPasidLog2() : Integer.SIZE - 1;
        return pasid == 0 || pasid >>> bits != 0
                ? Result.err(
                        Errno.EINVAL,
                        "PASIDs of "
                                + device.device().name()
                                + " have "
                                + device.device().maxPasidLog2()
                                + " bits, and 0 is the device")
                : Result.done();
    }

    /// An attachment to `hwpt` is over.
    void leave(Hwpt hwpt) {
        hwpt.removeUser();
        dropIfUnused(hwpt);
    }

    private static Result<Integer> notATable(IommufdObject o) {
        return Result.err(Errno.EINVAL, o.kind() + " is nothing to attach to");
    }

    private Result<Done> change(BoundDevice device, Hwpt hwpt) {
        if (!hwpt.pasidCompatible() && !device.pasids().isEmpty()) {
            return Result.err(Errno.EINVAL, "PASIDs are attached, and the HWPT is not for PASIDs");
        }
        return device.isAttached() ? replace(device.group(), hwpt) : attach(device, hwpt);
    }

    /// The first HWPT of the IOAS's own that will do, else a new one.
    private Result<Integer> auto(BoundDevice device, Ioas ioas) {
        for (PagingHwpt h : List.copyOf(ioas.hwpts())) {
            if (!h.isAuto()) {
                continue;
            }
            Result<Done> changed = change(device, h);
            boolean tryNext =
                    changed instanceof Result.Err<Done>(Errno errno, _) && errno == Errno.EINVAL;
            if (!tryNext) {
                return changed.map(d -> h.id());
            }
        }
        return device.device()
                .iommu()
                .allocPaging(device.device(), Iommu.Use.PLAIN)
                .then(domain -> adopt(device, ioas, domain));
    }

    private Result<Integer> adopt(BoundDevice device, Ioas ioas, PagingDomain domain) {
        PagingHwpt hwpt =
                objects.add(
                        new PagingHwpt(
                                ioas, domain, PagingHwpt.Kind.automatic(false), Optional.empty()));
        Result<Done> done = ioas.space().addDomain(domain).then(d -> change(device, hwpt));
        if (!done.isOk()) {
            objects.remove(hwpt);
        }
        return done.map(d -> hwpt.id());
    }

    private Result<Done> attach(BoundDevice device, Hwpt hwpt) {
        GroupState group = device.group();
        if (group.hwpt().isPresent() && group.hwpt().get() != hwpt) {
            return Result.err(
                    Errno.EINVAL, "the devices of a group must use one HWPT, and it has another");
        }
        IovaSpace space = hwpt.paging().ioas().space();
        Result<OptionalLong> reserved =
                space.enforce(device.device(), device.window().regions(device.device()));
        if (!(reserved instanceof Result.Ok<OptionalLong>(OptionalLong window))) {
            return reserved.map(w -> Done.DONE);
        }
        if (window.isPresent()) {
            group.setSwMsiStart(window);
        }
        if (group.attached().isEmpty()) {
            Result<Done> done =
                    swMsi.installRequired(group, hwpt.paging())
                            .then(d -> group.group().attach(hwpt.domain()));
            if (!done.isOk()) {
                space.reservations().release(device.device());
                return done;
            }
            group.setHwpt(Optional.of(hwpt));
        }
        hwpt.addUser();
        group.attached().add(device);
        return Result.done();
    }

    /// The whole group goes over to `hwpt`.
    private Result<Done> replace(GroupState group, Hwpt hwpt) {
        Hwpt old = group.hwpt().orElseThrow();
        if (old == hwpt) {
            return Result.done();
        }
        IovaSpace space = hwpt.paging().ioas().space();
        IovaSpace oldSpace = old.paging().ioas().space();
        Result<Done> done =
                (space == oldSpace ? Result.done() : enforceAll(group, space))
                        .then(d -> swMsi.installRequired(group, hwpt.paging()))
                        .then(d -> group.group().attach(hwpt.domain()));
        IovaSpace left = done.isOk() ? oldSpace : space;
        if (space != oldSpace) {
            group.attached().forEach(d -> left.reservations().release(d.device()));
        }
        if (!done.isOk()) {
            return done;
        }
        group.setHwpt(Optional.of(hwpt));
        group.attached().forEach(d -> hwpt.addUser());
        group.attached().forEach(d -> old.removeUser());
        dropIfUnused(old);
        return Result.done();
    }

    private static Result<Done> enforceAll(GroupState group, IovaSpace space) {
        List<BoundDevice> done = new ArrayList<>();
        for (BoundDevice d : group.attached()) {
            Result<OptionalLong> r = space.enforce(d.device(), d.window().regions(d.device()));
            if (!r.isOk()) {
                done.forEach(b -> space.reservations().release(b.device()));
                return r.map(w -> Done.DONE);
            }
            done.add(d);
        }
        return Result.done();
    }

    void detach(BoundDevice device) {
        GroupState group = device.group();
        Hwpt hwpt = group.hwpt().orElseThrow();
        group.attached().remove(device);
        if (group.attached().isEmpty()) {
            group.group().attach(StaticDomain.BLOCKED);
            group.setHwpt(Optional.empty());
        }
        hwpt.paging().ioas().space().reservations().release(device.device());
        hwpt.removeUser();
        dropIfUnused(hwpt);
    }

    private void dropIfUnused(Hwpt hwpt) {
        if (hwpt instanceof PagingHwpt p && p.isAuto() && p.users() == 0) {
            objects.remove(p);
        }
    }
}
