package dev.belfry.lab.explain;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.V2m;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Frame;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What a physical address is: a doorbell, or what else.
final class Doorbells {

    /// Offsets of a doorbell in a page: in its own of 4 KiB, and in a larger one with the ITS's
    /// control frame before it.
    private static final List<Long> DOORBELLS_WITHIN = List.of(0x40L, 0x10040L);

    private static final long ITS_SIZE = 0x20000;
    private static final long SMMU_SIZE = 0x20000;
    private static final long GIC_FRAME = 0x10000;
    private static final long REDISTRIBUTOR_SIZE = 0x20000;

    /// Linux's software-managed MSI window on Arm: MSI_IOVA_BASE and MSI_IOVA_LENGTH of its SMMU
    /// drivers.
    static final long SW_MSI_BASE = 0x8000000;

    static final long SW_MSI_SIZE = 0x100000;

    private final SystemView view;
    private final WatchedMemory memory;
    private final Map<Long, Place> known = new HashMap<>();

    Doorbells(SystemView view, WatchedMemory memory) {
        this.view = view;
        this.memory = memory;
    }

    /// What an address is.
    sealed interface Place {
        /// In a few words: `GITS_TRANSLATER of its`.
        String name();

        /// GITS_TRANSLATER.
        record Its(Frame frame, String name) implements Place {}

        /// MSI_SETSPI_NS.
        record V2mFrame(Frame frame, String name) implements Place {}

        /// Anything else that is something.
        record Other(String name) implements Place {}

        /// Nothing that is known.
        record Nothing(String name) implements Place {}
    }

    /// What `address` is.
    Place at(long address) {
        Place place = known.get(address);
        if (place == null) {
            place = look(address);
            known.put(address, place);
        }
        return place;
    }

    /// The doorbell in a range that is mapped, wherever in it that is; else what its start is.
    Place inPage(long output, long size) {
        for (long within : DOORBELLS_WITHIN) {
            Place place = at(output + within);
            if (within < size && (place instanceof Place.Its || place instanceof Place.V2mFrame)) {
                return place;
            }
        }
        return at(output);
    }

    private Place look(long address) {
        for (Frame its : view.itss()) {
            long within = address - its.base();
            if (within == Gits.GITS_TRANSLATER.offset()) {
                return new Place.Its(its, "GITS_TRANSLATER of " + label(its, view.itss()));
            }
            if (Long.compareUnsigned(within, ITS_SIZE) < 0) {
                return new Place.Other(
                        (within < GIC_FRAME ? "the control frame" : "the translation frame")
                                + " of "
                                + label(its, view.itss())
                                + ", offset "
                                + Hex.of(within));
            }
        }
        for (Frame v2m : view.v2mFrames()) {
            long within = address - v2m.base();
            if (within == V2m.MSI_SETSPI_NS.offset()) {
                return new Place.V2mFrame(v2m, "MSI_SETSPI_NS of " + v2m.name());
            }
            if (Long.compareUnsigned(within, V2m.SIZE) < 0) {
                return new Place.Other("GICv2m frame, offset " + Hex.of(within));
            }
        }
        return other(address);
    }

    private static String label(Frame frame, List<Frame> all) {
        return all.size() == 1 ? "the ITS" : "the ITS at " + Hex.of(frame.base());
    }

    private Place other(long address) {
        if (memory.isRam(address)) {
            return new Place.Other("RAM");
        }
        String frame = in(address, view.smmus(), SMMU_SIZE, "registers of the SMMU");
        frame += in(address, view.redistributors(), REDISTRIBUTOR_SIZE, "a redistributor's frame");
        frame += in(address, view.distributors(), GIC_FRAME, "the GIC distributor");
        if (!frame.isEmpty()) {
            return new Place.Other(frame);
        }
        return new Place.Nothing("no RAM and no doorbell");
    }

    private static String in(long address, List<Frame> frames, long size, String name) {
        return frames.stream().anyMatch(f -> Long.compareUnsigned(address - f.base(), size) < 0)
                ? name
                : "";
    }

    /// Whether an IOVA lies in Linux's SW_MSI window.
    static boolean inSwMsiWindow(long iova) {
        return Long.compareUnsigned(iova - SW_MSI_BASE, SW_MSI_SIZE) < 0;
    }
}
