package dev.belfry.qemu.capture;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.SystemView.Ram;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// Guest memory as QEMU's `dump-guest-memory` writes it: an ELF64 core whose PT_LOAD segments are
/// RAM by physical address. Mapped, not loaded.
final class ElfCore implements PhysicalMemory, AutoCloseable {

    private static final ValueLayout.OfShort HALF =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt WORD =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong XWORD =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int HEADER = 64;

    /// `\x7fELF`, 64-bit, little-endian, version 1.
    private static final long IDENT = 0x01_01_02_46_4c_45_7fL;

    private static final int E_TYPE = 16;
    private static final int ET_CORE = 4;
    private static final int E_PHOFF = 32;
    private static final int E_PHENTSIZE = 54;
    private static final int E_PHNUM = 56;
    private static final int PROGRAM_HEADER = 56;
    private static final int PT_LOAD = 1;
    private static final int P_OFFSET = 8;
    private static final int P_PADDR = 24;
    private static final int P_FILESZ = 32;
    private static final long LARGEST = 1L << 52;

    private record Segment(long base, long size, long offset) {}

    private final Arena arena;
    private final MemorySegment file;
    private final List<Segment> segments;

    private ElfCore(Arena arena, MemorySegment file, List<Segment> segments) {
        this.arena = arena;
        this.file = file;
        this.segments = segments;
    }

    /// Maps the core in `path`.
    ///
    /// @throws CaptureError when it cannot be read or is no such core
    static ElfCore open(Path path) {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment file =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new ElfCore(arena, file, segments(path, file));
        } catch (IOException e) {
            arena.close();
            throw new CaptureError(path + " cannot be read: " + e.getMessage(), e);
        } catch (CaptureError e) {
            arena.close();
            throw e;
        }
    }

    private static List<Segment> segments(Path path, MemorySegment file) {
        boolean core =
                file.byteSize() >= HEADER
                        && (file.get(XWORD, 0) & 0xff_ffff_ffff_ffffL) == IDENT
                        && file.get(HALF, E_TYPE) == ET_CORE
                        && file.get(HALF, E_PHENTSIZE) == PROGRAM_HEADER;
        if (!core) {
            throw new CaptureError(path + " is not a 64-bit little-endian ELF core");
        }
        long at = file.get(XWORD, E_PHOFF);
        int count = file.get(HALF, E_PHNUM) & 0xffff;
        if (at < 0 || at > file.byteSize() - (long) count * PROGRAM_HEADER) {
            throw new CaptureError(path + " ends before its program headers");
        }
        List<Segment> out = new ArrayList<>();
        for (int i = 0; i < count; i++, at += PROGRAM_HEADER) {
            if (file.get(WORD, at) == PT_LOAD && file.get(XWORD, at + P_FILESZ) != 0) {
                out.add(segment(path, file, at));
            }
        }
        if (out.isEmpty()) {
            throw new CaptureError(path + " holds no memory");
        }
        return List.copyOf(out);
    }

    private static Segment segment(Path path, MemorySegment file, long header) {
        long offset = file.get(XWORD, header + P_OFFSET);
        long base = file.get(XWORD, header + P_PADDR);
        long size = file.get(XWORD, header + P_FILESZ);
        boolean inFile = offset >= 0 && size > 0 && size <= file.byteSize() - offset;
        if (!inFile || base < 0 || base > LARGEST - size) {
            throw new CaptureError(
                    path + " ends before the memory at " + Hex.of(base) + " that it announces");
        }
        return new Segment(base, size, offset);
    }

    /// The RAM it holds.
    List<Ram> ram() {
        return segments.stream().map(s -> new Ram(s.base, s.size)).toList();
    }

    /// Offset in the file, -1 when it does not hold all of these bytes in one segment.
    private long locate(long address, long length) {
        for (Segment s : segments) {
            long within = address - s.base;
            if (within >= 0 && within < s.size && length > 0 && length <= s.size - within) {
                return s.offset + within;
            }
        }
        return -1;
    }

    @Override
    public boolean accepts(long address, long length) {
        return locate(address, length) >= 0;
    }

    @Override
    public long read(long address, int width) {
        long at = locate(address, width);
        if (at < 0) {
            return 0;
        }
        return switch (width) {
            case 1 -> file.get(ValueLayout.JAVA_BYTE, at) & 0xffL;
            case 2 -> file.get(HALF, at) & 0xffffL;
            case 4 -> file.get(WORD, at) & 0xffff_ffffL;
            case 8 -> file.get(XWORD, at);
            default -> throw new IllegalArgumentException("width " + width);
        };
    }

    @Override
    public boolean readBytes(long address, byte[] into, int offset, int length) {
        long at = locate(address, length);
        if (at < 0) {
            return length == 0;
        }
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, at, into, offset, length);
        return true;
    }

    /// Nothing is ever written here.
    @Override
    public boolean write(long address, int width, long value, int requester) {
        return false;
    }

    @Override
    public void close() {
        arena.close();
    }
}
