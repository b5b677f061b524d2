package dev.belfry.model.gic.spec;

import dev.belfry.model.bits.Hex;
import java.util.LinkedHashMap;
import java.util.Map;

/// A vPE table entry (GICv4), whatever its format in memory ([ItsTableFormat]).
///
/// @param valid whether the vPE is mapped
/// @param vptSize bits of its INTIDs less one, 0..31
/// @param vptAddr physical address of its virtual pending table, 64 KiB aligned
/// @param rdbase the processor number of the Redistributor it goes to
public record Vte(boolean valid, int vptSize, long vptAddr, int rdbase) {

    /// No vPE.
    public static final Vte INVALID = new Vte(false, 0, 0, 0);

    /// Whether its pending table has room for a virtual LPI.
    public boolean hasRoomFor(int intid) {
        return intid >= LpiConfig.FIRST_LPI && intid < 1L << (vptSize + 1);
    }

    /// The same vPE at another Redistributor.
    public Vte withRdbase(int other) {
        return new Vte(valid, vptSize, vptAddr, other);
    }

    /// Decoded, for journeys.
    public Map<String, String> fields() {
        Map<String, String> out = new LinkedHashMap<>();
        out.put("Valid", valid ? "1" : "0");
        out.put("VPT_size", Integer.toString(vptSize));
        out.put("VPT_addr", Hex.of(vptAddr));
        out.put("RDbase", Integer.toString(rdbase));
        return out;
    }
}
