package dev.belfry.lab.explain;

import dev.belfry.lab.explain.Arrivals.Arrival;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.Gicd;
import dev.belfry.model.gic.spec.GicdCtlr;
import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.GicrTyper;
import dev.belfry.model.gic.spec.MsiTyper;
import dev.belfry.model.gic.spec.V2m;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import dev.belfry.model.system.KernelGic;
import dev.belfry.model.system.KernelGic.Interrupt;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Frame;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/// What becomes of a message at a GICv2m frame: the SPI that its data names, and the CPU to which
/// the distributor sends that.
final class SpiArrivals {

    private static final int FIRST_SPI = 32;
    private static final int ANY_CPU = 31;
    private static final int CPU_NUMBER = 5;

    private final SystemView view;
    private final Redistributors redistributors;

    SpiArrivals(SystemView view, Redistributors redistributors) {
        this.view = view;
        this.redistributors = redistributors;
    }

    /// A message at a frame.
    Arrival at(Frame v2m, int data) {
        int intId = data & 0x3ff;
        Observation spi = spi(v2m, intId);
        if (spi.verdict() != Verdict.OK) {
            return arrival(List.of(spi), intId, OptionalInt.empty());
        }
        Optional<Interrupt> kernel = kernel(intId);
        if (kernel.isPresent()) {
            return arrival(
                    List.of(spi, kernelCpu(intId, kernel.get())),
                    intId,
                    OptionalInt.of(kernel.get().cpu()));
        }
        OptionalInt target = target(intId);
        Optional<Observation> obstacle =
                target.isPresent()
                        ? redistributors.obstacle(target.getAsInt(), intId)
                        : Optional.empty();
        return arrival(List.of(spi, obstacle.orElseGet(() -> cpu(intId, target))), intId, target);
    }

    private static Arrival arrival(List<Observation> seen, int intId, OptionalInt cpu) {
        List<Hop> hops = seen.stream().map(o -> new Hop(Where.GUEST, o)).toList();
        return new Arrival(hops, seen.getLast().verdict(), OptionalInt.of(intId), cpu);
    }

    private Observation spi(Frame v2m, int intId) {
        Observation.Builder hop = Observation.of(HopKind.SPI).field("INTID", intId);
        OptionalLong word = v2m.registers().read32(V2m.MSI_TYPER.offset());
        if (word.isEmpty()) {
            return hop.unknown("MSI_TYPER of " + v2m.name() + " could not be read.");
        }
        MsiTyper typer = new MsiTyper((int) word.getAsLong());
        hop.hex("MSI_TYPER", word.getAsLong());
        if (!typer.covers(intId) || intId < FIRST_SPI) {
            return hop.broken(
                    "The data names INTID %d, which is not one of the frame's SPIs %d..%d (GICv2m, MSI_TYPER)."
                            .formatted(
                                    intId, typer.baseSpi(), typer.baseSpi() + typer.numSpis() - 1));
        }
        OptionalLong enabled =
                kernel(intId)
                        .map(i -> OptionalLong.of(i.enabled() ? 1 : 0))
                        .orElseGet(() -> bit(Gicd.GICD_ISENABLER, intId));
        if (enabled.isEmpty()) {
            return hop.unknown(
                    "The distributor's GICD_ISENABLER could not be read, so neither can be told"
                            + " whether SPI "
                            + intId
                            + " is enabled nor which CPU takes it: in the guest, /proc/interrupts"
                            + " shows both.");
        }
        hop.field("enabled", enabled.getAsLong() != 0);
        bit(Gicd.GICD_ISPENDR, intId).ifPresent(p -> hop.field("pending", p != 0));
        return enabled.getAsLong() != 0
                ? hop.ok("SPI " + intId + " is one of the frame's and is enabled.")
                : hop.broken(
                        "SPI "
                                + intId
                                + " is not enabled: it stays pending (IHI 0069, GICD_ISENABLER).");
    }

    private Optional<Interrupt> kernel(int intId) {
        return view.kernelGic().flatMap(gic -> gic.interrupt(intId));
    }

    private Observation kernelCpu(int intId, Interrupt spi) {
        boolean on = view.kernelGic().map(KernelGic::enabled).orElse(false);
        Observation.Builder hop =
                Observation.of(HopKind.CPU).field("cpu", spi.cpu()).field("enabled", on);
        if (!on) {
            return hop.broken("The distributor forwards nothing (IHI 0069, GICD_CTLR).");
        }
        return spi.cpu() < 0
                ? hop.broken("KVM has no CPU for SPI " + intId + ".")
                : hop.ok("CPU " + spi.cpu() + " takes SPI " + intId + ".");
    }

    /// The distributor forwards a group only while that is enabled, and an interrupt only to a CPU
    /// that there is.
    private Observation cpu(int intId, OptionalInt target) {
        Observation.Builder hop = Observation.of(HopKind.CPU);
        OptionalLong ctlr = register(Gicd.GICD_CTLR.offset());
        OptionalLong group = bit(Gicd.GICD_IGROUPR, intId);
        ctlr.ifPresent(v -> hop.hex("GICD_CTLR", v));
        group.ifPresent(g -> hop.field("group", (int) g));
        target.ifPresent(c -> hop.field("cpu", c));
        List<Integer> several = targets(ctlr, intId);
        if (several.size() > 1) {
            hop.field("targets", several.toString());
        }
        if (ctlr.isEmpty() || group.isEmpty()) {
            return hop.unknown("The distributor's GICD_CTLR or GICD_IGROUPR could not be read.");
        }
        boolean on =
                (group.getAsLong() == 0 ? GicdCtlr.ENABLE_GRP0 : GicdCtlr.ENABLE_GRP1)
                        .isSet(ctlr.getAsLong());
        if (!on) {
            return hop.broken(
                    "GICD_CTLR.EnableGrp%d is 0: no CPU gets SPI %d (IHI 0069, GICD_CTLR)."
                            .formatted(group.getAsLong(), intId));
        }
        if (several.size() > 1) {
            return hop.ok(
                    "GICD_ITARGETSR names CPUs %s for SPI %d: the first of them that is free takes it (IHI 0048 4.3.12)."
                            .formatted(several, intId));
        }
        if (target.isPresent()) {
            return hop.ok("CPU " + target.getAsInt() + " takes SPI " + intId + ".");
        }
        if (routed(ctlr.getAsLong())) {
            return router(hop, intId);
        }
        return register(targets(intId)).isEmpty()
                ? hop.unknown("The distributor's GICD_ITARGETSR could not be read.")
                : hop.broken(
                        "GICD_ITARGETSR names no CPU interface for SPI %d (IHI 0048 4.3.12)."
                                .formatted(intId));
    }

    private Observation router(Observation.Builder hop, int intId) {
        OptionalLong router = router(intId);
        if (router.isEmpty()) {
            return hop.unknown("The distributor's GICD_IROUTER could not be read.");
        }
        hop.hex("GICD_IROUTER", router.getAsLong());
        if ((router.getAsLong() >>> ANY_CPU & 1) != 0) {
            return hop.ok("Any one CPU takes SPI " + intId + " (Interrupt_Routing_Mode 1).");
        }
        String what = " the affinity " + Hex.of(affinity(router.getAsLong()));
        return view.redistributors().isEmpty()
                ? hop.ok("The CPU with" + what + " takes SPI " + intId + ".")
                : hop.broken(
                        "GICD_IROUTER names"
                                + what
                                + ", which no redistributor has (IHI 0069, GICD_IROUTER).");
    }

    /// The CPU that an SPI goes to; empty when it is none, any, or not known.
    private OptionalInt target(int intId) {
        OptionalLong ctlr = register(Gicd.GICD_CTLR.offset());
        if (ctlr.isEmpty()) {
            return OptionalInt.empty();
        }
        if (!routed(ctlr.getAsLong())) {
            return listed(intId);
        }
        OptionalLong router = router(intId);
        if (router.isEmpty() || (router.getAsLong() >>> ANY_CPU & 1) != 0) {
            return OptionalInt.empty();
        }
        for (Frame r : view.redistributors()) {
            OptionalLong word = r.registers().read64(Gicr.GICR_TYPER.offset());
            GicrTyper typer = new GicrTyper(word.orElse(0));
            if (word.isPresent() && typer.affinity() == affinity(router.getAsLong())) {
                return OptionalInt.of(typer.processorNumber());
            }
        }
        return OptionalInt.empty();
    }

    /// With several, the first one that is free takes it; with one CPU, GICD_ITARGETSR is RAZ.
    private OptionalInt listed(int intId) {
        OptionalLong typer = register(Gicd.GICD_TYPER.offset());
        if (typer.isPresent() && (typer.getAsLong() >>> CPU_NUMBER & 7) == 0) {
            return OptionalInt.of(0);
        }
        long word = register(targets(intId)).orElse(0);
        int targets = (int) (word >>> (8 * (intId & 3))) & 0xff;
        return targets == 0
                ? OptionalInt.empty()
                : OptionalInt.of(Integer.numberOfTrailingZeros(targets));
    }

    /// The CPUs that GICD_ITARGETSR names; none while affinity routing is on.
    private List<Integer> targets(OptionalLong ctlr, int intId) {
        if (ctlr.isEmpty() || routed(ctlr.getAsLong())) {
            return List.of();
        }
        int targets = (int) (register(targets(intId)).orElse(0) >>> (8 * (intId & 3))) & 0xff;
        return IntStream.range(0, 8).filter(c -> (targets >>> c & 1) != 0).boxed().toList();
    }

    private static int targets(int intId) {
        return Gicd.GICD_ITARGETSR.offset() + (intId & ~3);
    }

    /// Whether affinity routing is on, as always in a GICv3 that Linux drives.
    private static boolean routed(long ctlr) {
        return GicdCtlr.ARE.isSet(ctlr);
    }

    private OptionalLong router(int intId) {
        int offset = Gicd.GICD_IROUTER.offset() + 8 * intId;
        OptionalLong low = register(offset);
        OptionalLong high = register(offset + 4);
        return low.isEmpty() || high.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(low.getAsLong() | high.getAsLong() << 32);
    }

    /// Aff3 to Aff0 without what is between them in GICD_IROUTER.
    private static int affinity(long router) {
        return (int) (router & 0xff_ffff) | (int) (router >>> 8 & 0xff00_0000L);
    }

    private OptionalLong bit(Gicd array, int intId) {
        OptionalLong word = register(array.offset() + intId / 32 * 4);
        return word.isEmpty() ? word : OptionalLong.of(word.getAsLong() >>> (intId % 32) & 1);
    }

    private OptionalLong register(int offset) {
        return view.distributors().isEmpty()
                ? OptionalLong.empty()
                : view.distributors().getFirst().registers().read32(offset);
    }
}
