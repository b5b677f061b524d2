package dev.belfry.model.system;

import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.Snapshot.FrameImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/// Stands in front of a view and remembers every page and register that was asked for, as it was
/// seen then: asking again gives the same answer. [#snapshot] is what explains the same questions
/// without the system.
public final class RecordingView implements SystemView {

    private record Recorded(FrameKind kind, Frame frame, RecordedRegisters registers) {}

    private final SystemView system;
    private final RecordedMemory memory;
    private final List<Recorded> frames = new ArrayList<>();
    private final List<Function> functions;

    /// Records what is asked of `system` from now on.
    public RecordingView(SystemView system) {
        this.system = system;
        this.memory = new RecordedMemory(system.memory());
        this.functions = List.copyOf(system.functions());
        for (FrameKind kind : FrameKind.values()) {
            add(kind, system.frames(kind));
        }
    }

    private void add(FrameKind kind, List<Frame> of) {
        for (Frame f : of) {
            RecordedRegisters registers = new RecordedRegisters(f.registers());
            frames.add(new Recorded(kind, new Frame(f.name(), f.base(), registers), registers));
        }
    }

    /// What was asked for so far, with the functions, the RAM ranges and the notes.
    public Snapshot snapshot() {
        List<FrameImage> images = new ArrayList<>();
        for (Recorded r : frames) {
            RegisterImage image = new RegisterImage(r.registers.seen());
            images.add(new FrameImage(r.kind, r.frame.name(), r.frame.base(), image));
        }
        return new Snapshot(
                source(),
                notes(),
                ram(),
                images,
                functions,
                new PageImage(memory.pages),
                kernelGic());
    }

    @Override
    public String source() {
        return system.source();
    }

    @Override
    public List<String> notes() {
        return system.notes();
    }

    @Override
    public PhysicalMemory memory() {
        return memory;
    }

    @Override
    public List<Ram> ram() {
        return system.ram();
    }

    @Override
    public List<Function> functions() {
        return functions;
    }

    @Override
    public List<Change> changes() {
        return system.changes();
    }

    @Override
    public Optional<KernelGic> kernelGic() {
        return system.kernelGic();
    }

    @Override
    public List<Frame> frames(FrameKind kind) {
        return frames.stream().filter(r -> r.kind == kind).map(Recorded::frame).toList();
    }

    private static final class RecordedRegisters implements Registers {
        private final Registers registers;
        private final NavigableMap<Long, OptionalLong> asked = new TreeMap<>();

        RecordedRegisters(Registers registers) {
            this.registers = registers;
        }

        @Override
        public OptionalLong read32(long offset) {
            return asked.computeIfAbsent(offset, registers::read32);
        }

        NavigableMap<Long, Long> seen() {
            NavigableMap<Long, Long> out = new TreeMap<>();
            for (Map.Entry<Long, OptionalLong> e : asked.entrySet()) {
                e.getValue().ifPresent(v -> out.put(e.getKey(), v));
            }
            return out;
        }
    }

    /// Only whole pages are kept; one that the system cannot give whole stays unknown, here as in
    /// the snapshot, so that both answer alike.
    private static final class RecordedMemory implements PhysicalMemory {
        private final PhysicalMemory memory;
        private final Map<Long, byte[]> pages = new TreeMap<>();

        RecordedMemory(PhysicalMemory memory) {
            this.memory = memory;
        }

        private boolean have(long page) {
            if (pages.containsKey(page)) {
                return true;
            }
            byte[] bytes = new byte[PageImage.PAGE];
            if (!memory.accepts(page, PageImage.PAGE)
                    || !memory.readBytes(page, bytes, 0, PageImage.PAGE)) {
                return false;
            }
            pages.put(page, bytes);
            return true;
        }

        @Override
        public boolean accepts(long address, long length) {
            // A question about more than this system holds is answered before any page is read.
            if (!memory.accepts(address, length)) {
                return false;
            }
            long last = (address + length - 1) & -PageImage.PAGE;
            for (long page = address & -PageImage.PAGE; ; page += PageImage.PAGE) {
                if (!have(page)) {
                    return false;
                }
                if (page == last) {
                    return true;
                }
            }
        }

        @Override
        public long read(long address, int width) {
            if (!accepts(address, width)) {
                return 0;
            }
            long value = 0;
            for (int i = width - 1; i >= 0; i--) {
                value = value << 8 | (byteAt(address + i) & 0xff);
            }
            return value;
        }

        private byte byteAt(long address) {
            byte[] page = pages.get(address & -PageImage.PAGE);
            return page == null ? 0 : page[(int) (address & (PageImage.PAGE - 1))];
        }

        @Override
        public boolean readBytes(long address, byte[] into, int offset, int length) {
            int done = 0;
            while (done < length) {
                long at = address + done;
                long page = at & -PageImage.PAGE;
                byte[] from = have(page) ? pages.get(page) : null;
                if (from == null) {
                    return false;
                }
                int within = (int) (at - page);
                int n = Math.min(length - done, PageImage.PAGE - within);
                System.arraycopy(from, within, into, offset + done, n);
                done += n;
            }
            return true;
        }

        /// Looking changes nothing.
        @Override
        public boolean write(long address, int width, long value, int requester) {
            return false;
        }
    }
}
