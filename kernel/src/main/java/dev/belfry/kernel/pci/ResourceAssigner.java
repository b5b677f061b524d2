package dev.belfry.kernel.pci;

import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.ConfigRegister;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Places BARs and bridge windows in a host bridge's windows: per address space, what needs the
/// largest alignment first.
final class ResourceAssigner {

    /// What a bridge forwards in three windows (PCIe 7.5.1.3.8 and following).
    private enum Pool {
        IO(12, 12),
        MEMORY(20, 21),
        PREFETCHABLE(20, 21);

        private final int log2Granule;
        private final int log2HotPlug;

        Pool(int log2Granule, int log2HotPlug) {
            this.log2Granule = log2Granule;
            this.log2HotPlug = log2HotPlug;
        }
    }

    /// Something that wants addresses: a BAR, or a bridge's window with all below it.
    private record Want(
            Optional<BarResource> bar,
            PciFunction function,
            Pool pool,
            long size,
            long alignment,
            List<Want> below) {}

    private static final long MIN_IO = 0x1000;
    private static final int SLOT_HOT_PLUG = 1 << 6;
    private static final int EXPRESS_SLOT_CAPABILITIES = 0x14;

    private final ConfigAccess config;
    private final List<HostWindow> windows;
    private final boolean have64;
    private final long highForSlot;
    private final List<BarResource> unplaced = new ArrayList<>();
    private final Map<HostWindow, Long> used = new HashMap<>();

    /// @param highForSlot bytes of prefetchable memory beyond 4 GiB set aside for each hot-plug
    ///   slot
    ResourceAssigner(ConfigAccess config, List<HostWindow> windows, long highForSlot) {
        this.highForSlot = highForSlot;
        this.config = config;
        this.windows = windows;
        this.have64 = windows.stream().anyMatch(w -> w.space() == HostWindow.Space.MEM64);
    }

    /// Places everything below `roots`.
    ///
    /// @return BARs for which there was no room
    List<BarResource> assign(List<PciFunction> roots) {
        Map<HostWindow.Space, List<Want>> wants = new EnumMap<>(HostWindow.Space.class);
        for (Pool pool : Pool.values()) {
            for (Want want : wantsOf(roots, pool)) {
                wants.computeIfAbsent(spaceAtRoot(want), s -> new ArrayList<>()).add(want);
            }
        }
        wants.forEach(this::fill);
        return unplaced;
    }

    /// On the root bus a 64-bit BAR may lie beyond 4 GiB, prefetchable or not; a bridge forwards
    /// only prefetchable memory there.
    private HostWindow.Space spaceAtRoot(Want want) {
        boolean wideBar = want.bar.isPresent() && want.bar.get().kind() == Bar.Kind.MEMORY_64;
        boolean high = have64 && (want.pool == Pool.PREFETCHABLE || wideBar);
        return want.pool == Pool.IO
                ? HostWindow.Space.IO
                : high ? HostWindow.Space.MEM64 : HostWindow.Space.MEM32;
    }

    private List<Want> wantsOf(List<PciFunction> functions, Pool pool) {
        List<Want> wants = new ArrayList<>();
        for (PciFunction function : functions) {
            if (function.isBridge()) {
                bridgeWindow(function, pool).ifPresent(wants::add);
            }
            for (BarResource bar : function.bars()) {
                if (poolOf(bar) == pool) {
                    wants.add(
                            new Want(
                                    Optional.of(bar),
                                    function,
                                    pool,
                                    bar.size(),
                                    Math.max(bar.size(), pool == Pool.IO ? 1 : 4096),
                                    List.of()));
                }
            }
        }
        wants.sort(Comparator.comparingLong(Want::alignment).reversed());
        return wants;
    }

    private static Pool poolOf(BarResource bar) {
        if (bar.kind() == Bar.Kind.IO) {
            return Pool.IO;
        }
        boolean wide = bar.kind() == Bar.Kind.MEMORY_64 && bar.prefetchable();
        return wide ? Pool.PREFETCHABLE : Pool.MEMORY;
    }

    private Optional<Want> bridgeWindow(PciFunction bridge, Pool pool) {
        List<Want> below = wantsOf(bridge.children(), pool);
        long granule = 1L << pool.log2Granule;
        long alignment = granule;
        long size = 0;
        for (Want want : below) {
            size = align(size, want.alignment) + want.size;
            alignment = Math.max(alignment, want.alignment);
        }
        if (isHotPlug(bridge)) {
            boolean high = pool == Pool.PREFETCHABLE && have64;
            size = Math.max(size, high ? highForSlot : 1L << pool.log2HotPlug);
        }
        return size == 0
                ? Optional.empty()
                : Optional.of(
                        new Want(
                                Optional.empty(),
                                bridge,
                                pool,
                                align(size, granule),
                                alignment,
                                below));
    }

    private static boolean isHotPlug(PciFunction bridge) {
        return bridge.space()
                .express()
                .filter(e ->
                        (bridge.space().read(e.offset() + EXPRESS_SLOT_CAPABILITIES, 4)
                                        & SLOT_HOT_PLUG)
                                != 0)
                .isPresent();
    }

    private static long align(long value, long alignment) {
        return (value + alignment - 1) & -alignment;
    }

    private void fill(HostWindow.Space space, List<Want> wants) {
        wants.sort(Comparator.comparingLong(Want::alignment).reversed());
        List<HostWindow> candidates = windows.stream().filter(w -> w.space() == space).toList();
        long[] next = new long[candidates.size()];
        for (int i = 0; i < next.length; i++) {
            long base = candidates.get(i).pciBase();
            next[i] = space == HostWindow.Space.IO ? Math.max(base, MIN_IO) : base;
        }
        for (Want want : wants) {
            boolean done = false;
            for (int i = 0; i < next.length && !done; i++) {
                HostWindow window = candidates.get(i);
                long at = align(next[i], want.alignment);
                long room = window.pciBase() + window.size() - at;
                if (at >= next[i] && room >= want.size) {
                    place(want, at, window);
                    next[i] = at + want.size;
                    used.put(window, next[i]);
                    done = true;
                }
            }
            if (!done) {
                giveUp(want);
            }
        }
    }

    /// What is left of the windows behind everything that was placed.
    List<HostWindow> left() {
        return windows.stream().map(w -> w.from(used.getOrDefault(w, w.pciBase()))).toList();
    }

    private void giveUp(Want want) {
        want.bar.ifPresent(BarResource::unplace);
        want.bar.ifPresent(unplaced::add);
        if (want.bar.isEmpty()) {
            close(want.function, want.pool);
        }
        want.below.forEach(this::giveUp);
    }

    private void place(Want want, long at, HostWindow window) {
        if (want.bar.isPresent()) {
            BarResource bar = want.bar.get();
            bar.place(at, window.toCpu(at));
            writeBar(config, want.function.routingId(), bar);
            return;
        }
        long next = at;
        for (Want inner : want.below) {
            next = align(next, inner.alignment);
            place(inner, next, window);
            next += inner.size;
        }
        open(want.function, want.pool, at, at + want.size - 1);
    }

    static void writeBar(ConfigAccess config, int id, BarResource bar) {
        int offset = ConfigRegister.bar(bar.index());
        long low = (bar.pciAddress() & 0xffff_ffffL) | bar.kind().bits();
        low |= bar.prefetchable() ? Bar.PREFETCHABLE.mask() : 0;
        config.write(id, offset, 4, low);
        config.read(id, offset, 4);
        if (bar.kind() == Bar.Kind.MEMORY_64) {
            config.write(id, offset + 4, 4, bar.pciAddress() >>> 32);
            config.read(id, offset + 4, 4);
        }
    }

    private void close(PciFunction bridge, Pool pool) {
        open(bridge, pool, 0xfff0_0000L, 0xf_ffffL);
    }

    /// Writes a bridge's window; a base above the limit closes it.
    private void open(PciFunction bridge, Pool pool, long base, long limit) {
        int id = bridge.routingId();
        switch (pool) {
            case IO -> {
                config.write(id, ConfigRegister.IO_BASE.offset(), 2, ioWindow(base, limit));
            }
            case MEMORY ->
                    config.write(
                            id, ConfigRegister.MEMORY_BASE.offset(), 4, memoryWindow(base, limit));
            case PREFETCHABLE -> {
                config.write(id, ConfigRegister.PREFETCHABLE_LIMIT_UPPER, 0);
                config.write(
                        id,
                        ConfigRegister.PREFETCHABLE_MEMORY_BASE.offset(),
                        4,
                        memoryWindow(base, limit));
                config.write(id, ConfigRegister.PREFETCHABLE_BASE_UPPER, base >>> 32);
                config.write(id, ConfigRegister.PREFETCHABLE_LIMIT_UPPER, limit >>> 32);
            }
        }
    }

    private static long ioWindow(long base, long limit) {
        return (base >>> 8 & 0xf0) | (limit & 0xf000);
    }

    private static long memoryWindow(long base, long limit) {
        return (base >>> 16 & 0xfff0) | (limit & 0xfff0_0000L);
    }
}
