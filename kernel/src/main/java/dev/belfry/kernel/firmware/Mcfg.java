package dev.belfry.kernel.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where configuration spaces are (PCI Firmware 3.3, 4.1.2).
///
/// @param spaces in the table's order
public record Mcfg(List<Space> spaces) {

    public Mcfg {
        spaces = List.copyOf(spaces);
    }

    /// One range of buses.
    ///
    /// @param base address that bus 0 has or would have, whatever `firstBus` is
    /// @param segment PCI segment
    /// @param firstBus first bus
    /// @param lastBus last bus, inclusive
    public record Space(long base, int segment, int firstBus, int lastBus) {}

    private static final int FIRST = 44;
    private static final int LENGTH = 16;

    static Mcfg read(Table table) {
        List<Space> spaces = new ArrayList<>();
        for (int at = FIRST; at + LENGTH <= table.length(); at += LENGTH) {
            spaces.add(
                    new Space(
                            table.u64(at),
                            table.u16(at + 8L),
                            table.u8(at + 10L),
                            table.u8(at + 11L)));
        }
        return new Mcfg(spaces);
    }

    /// The space that has all of a range of buses.
    public Optional<Space> of(int segment, int firstBus, int lastBus) {
        return spaces.stream()
                .filter(s -> s.segment() == segment)
                .filter(s -> s.firstBus() <= firstBus && lastBus <= s.lastBus())
                .findFirst();
    }
}
