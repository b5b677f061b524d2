package dev.belfry.lab.run;

import dev.belfry.guest.GuestReport;
import dev.belfry.host.msi.DeviceMsi;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.journey.Where;
import dev.belfry.vmm.msi.KvmRoutes;
import dev.belfry.vmm.virt.GuestFunction;
import dev.belfry.vmm.virt.PassedThrough;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// The main addresses on a vector's way, from what guest, VMM and host say of themselves.
record WayReader(Platform platform, GuestSide guestSide) {

    RunReport.Way read(GuestReport.Vector v, List<Hop> hops, boolean taken) {
        Optional<GuestFunction> function = platform.vm().pci().find(v.bdf()).flatMap(guestSide::of);
        OptionalLong guestDoorbell =
                function.map(f -> guestSide.walk(f, v.messageAddress(), Probe.NONE))
                        .orElse(OptionalLong.empty());
        Optional<PassedThrough.Device> device =
                function.flatMap(f -> platform.vm().passedThrough().of(f));
        Optional<KvmRoutes.Route> route = device.flatMap(d -> d.route(v.vector()));
        Optional<DeviceMsi.Vector> physical =
                device.flatMap(d ->
                        d.vfio().device().vectors().stream()
                                .filter(p -> p.index() == v.vector())
                                .findFirst());
        OptionalLong hostIova = hostIova(hops, physical);
        OptionalLong hostIpa =
                hostIova.isPresent() && function.isPresent()
                        ? guestSide.walk(function.get(), hostIova.getAsLong(), Probe.NONE)
                        : OptionalLong.empty();
        return new RunReport.Way(
                OptionalLong.of(v.messageAddress()),
                guestDoorbell,
                route.map(r -> OptionalInt.of(r.gsi())).orElse(OptionalInt.empty()),
                route.map(r -> OptionalLong.of(r.address())).orElse(OptionalLong.empty()),
                route.map(r -> OptionalLong.of(Integer.toUnsignedLong(r.data())))
                        .orElse(OptionalLong.empty()),
                route.map(KvmRoutes.Route::deviceId).orElse(OptionalInt.empty()),
                hostIova,
                hostIpa,
                hostDoorbell(hops),
                physical.map(p -> OptionalInt.of(p.lpi())).orElse(OptionalInt.empty()),
                OptionalInt.of(v.intId()),
                taken ? OptionalInt.of(v.cpu()) : OptionalInt.empty());
    }

    /// What the device's own table has, where it was seen; else the message as composed.
    private static OptionalLong hostIova(List<Hop> hops, Optional<DeviceMsi.Vector> composed) {
        Optional<Long> written =
                hops.stream()
                        .filter(h -> h.where() == Where.HOST && h.kind() == HopKind.MSI_ENTRY)
                        .findFirst()
                        .flatMap(h -> Optional.ofNullable(h.fields().get("address")))
                        .map(Long::decode);
        return written.or(() -> composed.map(p -> p.message().address().value()))
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    private static OptionalLong hostDoorbell(List<Hop> hops) {
        return hops.stream()
                .filter(h -> h.where() == Where.HOST && h.kind() == HopKind.DOORBELL)
                .findFirst()
                .map(Hop::address)
                .orElse(OptionalLong.empty());
    }
}
