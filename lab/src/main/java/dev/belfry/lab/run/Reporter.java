package dev.belfry.lab.run;

import dev.belfry.guest.DomainKind;
import dev.belfry.guest.GuestReport;
import dev.belfry.guest.dma.Direction;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.model.fabric.Doorbell;
import dev.belfry.vmm.iommu.AcceleratedSmmu;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.virt.CmdqvUnit;
import dev.belfry.vmm.virt.GuestFunction;
import dev.belfry.vmm.virt.PassedThrough;
import dev.belfry.vmm.virt.SmmuUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/// Turns a platform that has been exercised into a report.
record Reporter(Platform platform) {

    /// Of a machine to which nothing was done but to boot and exercise it.
    RunReport report(List<RunReport.Vector> vectors, List<RunReport.Note> notes) {
        return report(vectors, notes, List.of());
    }

    RunReport report(List<RunReport.Vector> vectors, List<RunReport.Note> notes, List<Step> steps) {
        GuestReport guest = platform.guest().report();
        GuestSide side = new GuestSide(platform);
        List<RunReport.Device> devices =
                guest.devices().stream()
                        .filter(GuestReport.Device::driven)
                        .sorted(Comparator.comparingInt(d -> d.bdf().routingId()))
                        .map(d -> device(side, d))
                        .toList();
        List<RunReport.Note> all = new ArrayList<>(notes);
        all.addAll(new Assumptions(platform.vm()).notes());
        platform.problems().forEach(p -> all.add(new RunReport.Note("warning", p)));
        guest.problems().forEach(p -> all.add(new RunReport.Note("warning", "guest: " + p)));
        platform.vm().problems().forEach(p -> all.add(new RunReport.Note("error", "VMM: " + p)));
        platform.host()
                .messages()
                .forEach(p -> all.add(new RunReport.Note("note", "host kernel: " + p)));
        return new RunReport(
                machine(),
                devices,
                vectors,
                guest.dma().stream()
                        .sorted(Comparator.comparingInt(t -> t.bdf().routingId()))
                        .map(Reporter::dma)
                        .toList(),
                new EventReporter(platform).events(guest),
                all,
                steps);
    }

    private RunReport.Machine machine() {
        MachineDescription m = platform.vm().described();
        return new RunReport.Machine(
                "virt",
                m.cpus().count(),
                m.memory().size(),
                m.accelerator().kind().name().toLowerCase(java.util.Locale.ROOT),
                "GICv" + m.gic().version(),
                switch (m.gic().msi()) {
                    case ITS -> "ITS";
                    case GICV2M -> "GICv2m";
                    case NONE -> "none";
                },
                platform.vm().doorbells().stream()
                        .findFirst()
                        .map(Doorbell::register)
                        .map(OptionalLong::of)
                        .orElse(OptionalLong.empty()),
                platform.firmwareName(),
                m.boot().append(),
                host(),
                platform.vm().smmus().stream().map(this::smmu).toList());
    }

    private String host() {
        var d = platform.host().machine().description();
        return "%s, Linux %s, %d SMMU%s, %d device%s"
                .formatted(
                        d.name(),
                        d.kernel(),
                        d.smmus().size(),
                        d.smmus().size() == 1 ? "" : "s",
                        d.devices().size(),
                        d.devices().size() == 1 ? "" : "s");
    }

    private RunReport.GuestSmmu smmu(SmmuUnit unit) {
        List<PassedThrough.Device> behind =
                platform.vm().passedThrough().devices().stream()
                        .filter(d ->
                                platform.vm()
                                        .smmuOf(d.function().described())
                                        .filter(unit::equals)
                                        .isPresent())
                        .toList();
        Optional<PassedThrough.Device> first = behind.stream().findFirst();
        boolean accelerated = unit.accelerated().isPresent();
        return new RunReport.GuestSmmu(
                unit.described().label(),
                unit.described().primaryBus(),
                unit.described().mmio().value(),
                accelerated ? "accelerated" : "emulated",
                SmmuProperties.of(unit.engine().setup().identity()),
                accelerated
                        ? first.map(d -> d.vfio().device().iommuDevice().iommu().name())
                        : Optional.empty(),
                accelerated
                        ? first.map(d -> OptionalInt.of(d.vfio().parentHwpt()))
                                .orElse(OptionalInt.empty())
                        : OptionalInt.empty(),
                new RunReport.Commands(
                        unit.engine().commandsConsumed(),
                        unit.cmdqv().map(c -> cmdqv(unit, c, first))));
    }

    private static final int FIRST_SPI = 32;
    private static final int QUEUES = 2;

    private RunReport.Cmdqv cmdqv(
            SmmuUnit unit, CmdqvUnit cmdqv, Optional<PassedThrough.Device> first) {
        return new RunReport.Cmdqv(
                cmdqv.place().mmio().value(),
                cmdqv.place().spi() + FIRST_SPI,
                (int) IntStream.range(0, QUEUES).filter(cmdqv.device()::hasQueue).count(),
                first.map(d -> queued(unit, d)).orElse(0L),
                cmdqv.frame().exits(),
                cmdqv.frame().past());
    }

    /// Only the hardware knows.
    private long queued(SmmuUnit unit, PassedThrough.Device device) {
        return unit.accelerated()
                .flatMap(a -> a.stream(device.function()))
                .flatMap(s ->
                        s.viommu().isPresent()
                                ? device.vfio().iommufd().inspect().queuePage(s.viommu().getAsInt())
                                : Optional.empty())
                .map(page ->
                        platform.host()
                                .machine()
                                .queuedCommands(
                                        device.vfio().device().iommuDevice().iommu().name(), page)
                                .orElse(0))
                .orElse(0L);
    }

    private RunReport.Device device(GuestSide side, GuestReport.Device d) {
        Optional<GuestFunction> function = platform.vm().pci().find(d.bdf()).flatMap(side::of);
        Optional<PassedThrough.Device> through =
                function.flatMap(f -> platform.vm().passedThrough().of(f));
        Optional<SmmuUnit> unit = function.flatMap(f -> platform.vm().smmuOf(f.described()));
        return new RunReport.Device(
                d.bdf().withoutSegment(),
                function.map(GuestFunction::name).orElse(""),
                function.map(f -> f.described().plugged().driver()).orElse(""),
                through.map(t -> t.vfio().hostName()),
                d.streamId().isPresent() && d.domain() != DomainKind.NONE
                        ? OptionalInt.of((int) d.streamId().getAsLong())
                        : OptionalInt.empty(),
                through.flatMap(this::hostStream).map(OptionalInt::of).orElse(OptionalInt.empty()),
                unit.map(u -> u.described().label()),
                function.map(f -> platform.vm().addressSpace(f).name()).orElse("system memory"),
                policy(function, unit, d.domain()),
                through.flatMap(t -> hwpt(t, unit)));
    }

    private Optional<Integer> hostStream(PassedThrough.Device device) {
        return platform.host().machine().description().devices().stream()
                .filter(x -> x.bdf().toString().equals(device.vfio().hostName()))
                .findFirst()
                .map(x -> x.streamId());
    }

    /// What is installed on the host, or what the guest asked of an emulated SMMU.
    private static String policy(
            Optional<GuestFunction> function, Optional<SmmuUnit> unit, DomainKind domain) {
        if (function.isEmpty() || unit.isEmpty()) {
            return "no SMMU";
        }
        Optional<AcceleratedSmmu.StreamInfo> bound =
                unit.get().accelerated().flatMap(a -> a.stream(function.get()));
        return bound.map(AcceleratedSmmu.StreamInfo::policy)
                .orElse(
                        switch (domain) {
                            case NONE -> "abort";
                            case IDENTITY -> "bypass";
                            case DMA_STRICT, DMA_LAZY -> "translate";
                        });
    }

    private static Optional<String> hwpt(PassedThrough.Device device, Optional<SmmuUnit> unit) {
        Iommufd fd = device.vfio().iommufd();
        String viommu =
                unit.flatMap(SmmuUnit::accelerated)
                        .flatMap(a -> a.stream(device.function()))
                        .filter(s -> s.viommu().isPresent())
                        .map(s -> ", vIOMMU " + s.viommu().getAsInt())
                        .orElse("");
        return device.vfio()
                .device()
                .boundDevice()
                .flatMap(fd.inspect()::attachment)
                .map(a ->
                        a.nested()
                                ? "nested " + a.hwptId() + " on " + a.parentId() + viommu
                                : "paging " + a.hwptId());
    }

    static RunReport.Dma dma(GuestReport.Transfer t) {
        boolean out = t.direction() == Direction.TO_DEVICE;
        return new RunReport.Dma(
                t.bdf().withoutSegment(),
                out ? "toDevice" : "fromDevice",
                t.bytes(),
                t.verified(),
                (out ? "read" : "written")
                        + " at "
                        + dev.belfry.model.bits.Hex.of(t.address())
                        + (t.verified() ? ", all bytes arrived" : ", the bytes did not arrive"));
    }
}
