package dev.belfry.lab.explain;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.system.PageImage;
import dev.belfry.model.system.RegisterImage;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.Snapshot.FrameImage;
import dev.belfry.model.system.SystemView.FrameKind;
import dev.belfry.model.system.SystemView.Function;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;

/// A capture with something in it changed.
final class Poked {

    private Poked() {}

    static Snapshot word(Snapshot view, long address, LongUnaryOperator change) {
        Map<Long, byte[]> pages = new HashMap<>();
        for (long page : view.memory().addresses()) {
            pages.put(page, view.memory().page(page).toArray());
        }
        byte[] page = pages.get(address & -4096);
        ByteBuffer b = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        int at = (int) (address & 4095);
        b.putLong(at, change.applyAsLong(b.getLong(at)));
        return new Snapshot(
                view.source(),
                view.notes(),
                view.ram(),
                view.frames(),
                view.functions(),
                new PageImage(pages));
    }

    static Snapshot register(Snapshot view, FrameKind kind, long offset, long value) {
        List<FrameImage> frames = new ArrayList<>();
        for (FrameImage f : view.frames()) {
            TreeMap<Long, Long> values = new TreeMap<>(f.registers().values());
            if (f.kind() == kind) {
                values.put(offset, value);
            }
            frames.add(new FrameImage(f.kind(), f.name(), f.base(), new RegisterImage(values)));
        }
        return new Snapshot(
                view.source(), view.notes(), view.ram(), frames, view.functions(), view.memory());
    }

    /// One byte of a function's configuration space, or with `table` of its MSI-X table.
    static Snapshot function(
            Snapshot view, String bdf, boolean table, int offset, int width, long value) {
        List<Function> functions = new ArrayList<>();
        for (Function f : view.functions()) {
            byte[] config = f.config().toArray();
            byte[] entries = f.msixTable().toArray();
            for (int i = 0; i < width && f.bdf().withoutSegment().equals(bdf); i++) {
                (table ? entries : config)[offset + i] = (byte) (value >>> (8 * i));
            }
            functions.add(
                    new Function(
                            f.bdf(), Bytes.of(config), Bytes.of(entries), f.msixTableAddress()));
        }
        return new Snapshot(
                view.source(), view.notes(), view.ram(), view.frames(), functions, view.memory());
    }
}
