package dev.belfry.qemu.served;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Frame;
import dev.belfry.model.system.SystemView.FrameKind;
import dev.belfry.model.system.SystemView.Function;
import dev.belfry.model.system.SystemView.Ram;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A view as physical memory: its RAM, its register frames, its functions in an ECAM and with their
/// MSI-X tables. What the view does not know reads as 0, and nothing can be written.
final class ServedMemory {

    /// The object behind the RAM.
    static final String BACKEND = "ram0";

    private static final long ECAM = 0x40_1000_0000L;
    private static final long ECAM_SIZE = 0x1000_0000L;
    private static final int FUNCTION_BITS = 12;

    private final SystemView view;
    private final List<Region> regions = new ArrayList<>();

    /// A part of it.
    ///
    /// @param name QEMU's name of such a region
    /// @param kind QEMU's word for it
    private record Region(long base, long size, String kind, String name, Reader reader) {

        private boolean has(long address) {
            return Long.compareUnsigned(address - base, size) < 0;
        }

        private String line() {
            return "  %016x-%016x (prio 0, %s): %s\n".formatted(base, base + size - 1, kind, name);
        }
    }

    /// A byte, by its offset in a region.
    private interface Reader {
        int at(long offset);
    }

    ServedMemory(SystemView view) {
        this.view = view;
        for (Ram ram : view.ram()) {
            add(ram.base(), ram.size(), "ram", BACKEND, at -> memory(ram.base() + at));
        }
        frames(FrameKind.SMMU, 0x20000, "arm-smmuv3");
        frames(FrameKind.ITS, 0x10000, "control");
        for (Frame its : view.itss()) {
            add(its.base() + 0x10000, 0x10000, "i/o", "translation", at -> 0);
        }
        frames(FrameKind.DISTRIBUTOR, 0x10000, "gicv3_dist");
        frames(FrameKind.V2M, 0x1000, "gicv2m");
        int n = 0;
        for (Frame r : view.redistributors()) {
            add(r, 0x20000, "gicv3_redist_region[" + n++ + "]");
        }
        for (Function f : view.functions()) {
            Bytes table = f.msixTable();
            if (f.msixTableAddress() != 0 && table.length() > 0) {
                add(f.msixTableAddress(), table.length(), "i/o", "msix-table", at -> at(table, at));
            }
        }
        add(ECAM, ECAM_SIZE, "i/o", "pcie-mmcfg-mmio", this::config);
        regions.sort(Comparator.comparingLong(Region::base));
    }

    private void add(long base, long size, String kind, String name, Reader reader) {
        regions.add(new Region(base, size, kind, name, reader));
    }

    private void add(Frame frame, long size, String name) {
        add(
                frame.base(),
                size,
                "i/o",
                name,
                at ->
                        (int) (frame.registers().read32(at & -4).orElse(0) >>> (8 * (at & 3)))
                                & 0xff);
    }

    private void frames(FrameKind kind, long size, String name) {
        view.frames(kind).forEach(f -> add(f, size, name));
    }

    private int memory(long address) {
        return view.memory().accepts(address, 1) ? (int) view.memory().read(address, 1) : 0;
    }

    private int config(long offset) {
        int routingId = (int) (offset >>> FUNCTION_BITS);
        for (Function f : view.functions()) {
            if (f.bdf().segment() == 0 && f.bdf().routingId() == routingId) {
                return at(f.config(), offset & ((1 << FUNCTION_BITS) - 1));
            }
        }
        return 0xff;
    }

    private static int at(Bytes bytes, long offset) {
        return offset < bytes.length() ? bytes.at((int) offset) : 0;
    }

    /// Bytes at a physical address.
    byte[] read(long address, int length) {
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            long at = address + i;
            for (Region r : regions) {
                if (r.has(at)) {
                    out[i] = (byte) r.reader.at(at - r.base);
                    break;
                }
            }
        }
        return out;
    }

    /// As `info mtree -f` prints it.
    String tree() {
        StringBuilder out = new StringBuilder("FlatView #0\n AS \"memory\", root: system\n");
        regions.forEach(r -> out.append(r.line()));
        return out.toString();
    }
}
