package dev.belfry.host.iommufd;

import static dev.belfry.host.iommufd.GroupState.NO_PASID;

import dev.belfry.host.iommu.Iommu;
import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.iommu.StaticDomain;
import dev.belfry.host.iommufd.GroupState.Attached;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Attaching, replacing and detaching, for one file (`drivers/iommu/iommufd/device.c`): a device,
/// or one of its PASIDs.
final class Attachments {

    /// Which of the two calls of the kernel's a caller makes: VFIO knows whether it attached
    /// before.
    enum Change {
        ATTACH,
        REPLACE
    }

    private final ObjectTable objects;
    private final SwMsi swMsi;

    Attachments(ObjectTable objects, SwMsi swMsi) {
        this.objects = objects;
        this.swMsi = swMsi;
    }

    /// One device, or one PASID of it.
    private record Target(BoundDevice device, int pasid) {
        GroupState group() {
            return device.group();
        }

        /// PASIDs need no reserved regions: the device has them.
        boolean reserves() {
            return pasid == NO_PASID;
        }
    }

    /// `iommufd_device_change_pt`.
    ///
    /// @return the HWPT's id
    Result<Integer> changePt(BoundDevice device, int pasid, int ptId, Change change) {
        Target target = new Target(device, pasid);
        return objects.get(ptId, IommufdObject.class)
                .then(o ->
                        switch (o) {
                            case Hwpt h -> change(target, h, change).map(d -> h.id());
                            case Ioas ioas -> auto(target, ioas, change);
                            case Viommu v -> notATable(v);
                            case Vdevice v -> notATable(v);
                            case Veventq v -> notATable(v);
                            case FaultQueue f -> notATable(f);
                            case HwQueue q -> notATable(q);
                            case BoundDevice b -> notATable(b);
                        });
    }

    private static Result<Integer> notATable(IommufdObject o) {
        return Result.err(Errno.EINVAL, o.kind() + " is nothing to attach to");
    }

    private Result<Done> change(Target target, Hwpt hwpt, Change change) {
        return switch (change) {
            case ATTACH -> attach(target, hwpt);
            case REPLACE -> replace(target, hwpt);
        };
    }

    /// The first HWPT of the IOAS's own that will do, else a new one.
    private Result<Integer> auto(Target target, Ioas ioas, Change change) {
        for (PagingHwpt h : List.copyOf(ioas.hwpts())) {
            if (!h.isAuto()) {
                continue;
            }
            Result<Done> changed = change(target, h, change);
            boolean tryNext =
                    changed instanceof Result.Err<Done>(Errno errno, _) && errno == Errno.EINVAL;
            if (!tryNext) {
                return changed.map(d -> h.id());
            }
        }
        return target.device()
                .device()
                .iommu()
                .allocPaging(target.device().device(), Iommu.Use.PLAIN)
                .then(domain -> adopt(target, ioas, domain, change));
    }

    /// A first attach comes before the IOAS's mappings, a replacement after them
    /// (`immediate_attach`).
    private Result<Integer> adopt(Target target, Ioas ioas, PagingDomain domain, Change change) {
        PagingHwpt hwpt =
                objects.add(
                        new PagingHwpt(
                                ioas, domain, PagingHwpt.Kind.automatic(), Optional.empty()));
        Result<Done> done =
                switch (change) {
                    case ATTACH ->
                            attach(target, hwpt)
                                    .then(d -> {
                                        Result<Done> mapped = ioas.space().addDomain(domain);
                                        if (!mapped.isOk()) {
                                            release(target);
                                        }
                                        return mapped;
                                    });
                    case REPLACE -> ioas.space().addDomain(domain).then(d -> replace(target, hwpt));
                };
        if (!done.isOk()) {
            objects.remove(hwpt);
        }
        return done.map(d -> hwpt.id());
    }

    /// `iommufd_hw_pagetable_attach`.
    private Result<Done> attach(Target target, Hwpt hwpt) {
        GroupState group = target.group();
        Optional<Attached> present = group.attached(target.pasid);
        if (present.filter(a -> a.devices().contains(target.device)).isPresent()) {
            return Result.err(
                    Errno.EBUSY,
                    target.device.device().name() + " is attached already, as PASID 0");
        }
        if (present.filter(a -> a.hwpt() != hwpt).isPresent()) {
            return Result.err(
                    Errno.EINVAL, "the devices of a group must use one HWPT, and it has another");
        }
        Result<Done> reserved = target.reserves() ? reserve(target, hwpt) : Result.done();
        if (!reserved.isOk()) {
            return reserved;
        }
        if (present.isEmpty()) {
            Result<Done> done = attachFirst(target, hwpt);
            if (!done.isOk()) {
                unreserve(target, hwpt);
                return done;
            }
            group.attach(target.pasid, new Attached(hwpt));
        }
        hwpt.addUser();
        group.attached(target.pasid).orElseThrow().devices().add(target.device);
        return Result.done();
    }

    /// `iommufd_hwpt_attach_device`.
    private static Result<Done> attachFirst(Target target, Hwpt hwpt) {
        return pasidCompatible(target, hwpt)
                .then(d ->
                        target.pasid == NO_PASID
                                ? target.group().group().attach(hwpt.domain())
                                : target.group().group().attachPasid(hwpt.domain(), target.pasid));
    }

    /// `iommufd_device_attach_reserved_iova`.
    private Result<Done> reserve(Target target, Hwpt hwpt) {
        BoundDevice device = target.device;
        IovaSpace space = hwpt.paging().ioas().space();
        Result<OptionalLong> reserved =
                space.enforce(device.device(), device.window().regions(device.device()));
        if (!(reserved instanceof Result.Ok<OptionalLong>(OptionalLong window))) {
            return reserved.map(w -> Done.DONE);
        }
        if (window.isPresent()) {
            target.group().setSwMsiStart(window);
        }
        Result<Done> pages =
                target.group().devices().isEmpty()
                        ? swMsi.installRequired(target.group(), hwpt.paging())
                        : Result.done();
        if (!pages.isOk()) {
            unreserve(target, hwpt);
        }
        return pages;
    }

    private static void unreserve(Target target, Hwpt hwpt) {
        if (target.reserves()) {
            hwpt.paging().ioas().space().reservations().release(target.device.device());
        }
    }

    /// `iommufd_hwpt_pasid_compat`: a HWPT that was not made for PASIDs cannot have them beside it.
    private static Result<Done> pasidCompatible(Target target, Hwpt hwpt) {
        if (target.pasid == NO_PASID) {
            return hwpt.pasidCompatible() || !target.group().hasPasids()
                    ? Result.done()
                    : Result.err(
                            Errno.EINVAL, "PASIDs are attached, and the HWPT is not for PASIDs");
        }
        if (!hwpt.pasidCompatible()) {
            return Result.err(Errno.EINVAL, "the HWPT was not made for PASIDs");
        }
        return target.group().hwpt().map(Hwpt::pasidCompatible).orElse(true)
                ? Result.done()
                : Result.err(Errno.EINVAL, "the device's own HWPT was not made for PASIDs");
    }

    /// `iommufd_device_do_replace`: the whole group goes over to `hwpt`.
    private Result<Done> replace(Target target, Hwpt hwpt) {
        GroupState group = target.group();
        Attached attached = group.attached(target.pasid).orElseThrow();
        Hwpt old = attached.hwpt();
        if (old == hwpt) {
            return Result.done();
        }
        Result<Done> done =
                (target.reserves() ? reserveAll(group, old, hwpt) : Result.done())
                        .then(d -> replaceDomain(target, hwpt));
        if (!done.isOk()) {
            return done;
        }
        if (target.reserves() && old.paging().ioas() != hwpt.paging().ioas()) {
            unreserveAll(group, old);
        }
        attached.setHwpt(hwpt);
        attached.devices().forEach(d -> hwpt.addUser());
        attached.devices().forEach(d -> old.removeUser());
        dropIfUnused(old);
        return Result.done();
    }

    /// A failure takes the regions away that the new IOAS had reserved: also when it is the old
    /// one, which then has none any more, as the kernel does it.
    private static Result<Done> replaceDomain(Target target, Hwpt hwpt) {
        Result<Done> done = attachFirst(target, hwpt);
        if (!done.isOk() && target.reserves()) {
            unreserveAll(target.group(), hwpt);
        }
        return done;
    }

    /// `iommufd_group_do_replace_reserved_iova`.
    private Result<Done> reserveAll(GroupState group, Hwpt old, Hwpt hwpt) {
        IovaSpace space = hwpt.paging().ioas().space();
        boolean moves = old.paging().ioas() != hwpt.paging().ioas();
        Result<Done> done = Result.done();
        if (moves) {
            for (BoundDevice d : group.devices()) {
                done =
                        done.then(x ->
                                space.enforce(d.device(), d.window().regions(d.device()))
                                        .map(w -> Done.DONE));
            }
        }
        done = done.then(d -> swMsi.installRequired(group, hwpt.paging()));
        if (!done.isOk()) {
            unreserveAll(group, hwpt);
        }
        return done;
    }

    private static void unreserveAll(GroupState group, Hwpt hwpt) {
        Reservations reservations = hwpt.paging().ioas().space().reservations();
        group.devices().forEach(d -> reservations.release(d.device()));
    }

    /// Undoes an attachment; nothing happens when there is none.
    void detach(BoundDevice device, int pasid) {
        Target target = new Target(device, pasid);
        if (target.group().attached(pasid).filter(a -> a.devices().contains(device)).isPresent()) {
            dropIfUnused(release(target));
        }
    }

    /// `iommufd_hw_pagetable_detach`.
    private static Hwpt release(Target target) {
        GroupState group = target.group();
        Attached attached = group.attached(target.pasid).orElseThrow();
        attached.devices().remove(target.device);
        if (attached.devices().isEmpty()) {
            if (target.pasid == NO_PASID) {
                group.group().attach(StaticDomain.BLOCKED);
            } else {
                group.group().detachPasid(target.pasid);
            }
            group.forget(target.pasid);
        }
        unreserve(target, attached.hwpt());
        attached.hwpt().removeUser();
        return attached.hwpt();
    }

    private void dropIfUnused(Hwpt hwpt) {
        if (hwpt instanceof PagingHwpt p && p.isAuto() && p.users() == 0) {
            objects.remove(p);
        }
    }
}
