package dev.belfry.model.gic.spec;

import dev.belfry.model.bits.Hex;
import java.util.LinkedHashMap;
import java.util.Map;

/// A device table entry, whatever its format in memory ([ItsTableFormat]).
///
/// @param valid whether the device is mapped
/// @param size bits of its EventIDs less one, 0..31
/// @param ittAddr physical address of its interrupt translation table, 256-byte aligned
/// @param next distance to the next valid entry, where a format chains them; 0 otherwise
public record Dte(boolean valid, int size, long ittAddr, int next) {

    /// No device.
    public static final Dte INVALID = new Dte(false, 0, 0, 0);

    /// A mapped device.
    public static Dte of(int size, long ittAddr) {
        return new Dte(true, size, ittAddr, 0);
    }

    /// How many events its table has room for.
    public long events() {
        return 1L << ((size & 31) + 1);
    }

    /// Decoded, for journeys.
    public Map<String, String> fields() {
        Map<String, String> out = new LinkedHashMap<>();
        out.put("Valid", valid ? "1" : "0");
        out.put("Size", Integer.toString(size));
        out.put("ITT_addr", Hex.of(ittAddr));
        if (next != 0) {
            out.put("next", Integer.toString(next));
        }
        return out;
    }
}
