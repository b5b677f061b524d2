package dev.belfry.model.gic.spec;

import java.util.LinkedHashMap;
import java.util.Map;

/// A collection table entry, whatever its format in memory ([ItsTableFormat]).
///
/// @param valid whether the collection is mapped
/// @param rdbase the processor number of the Redistributor it goes to; [#NOWHERE] for a collection
///   that events are in and no MAPC mapped, which KVM's tables know
/// @param icid the collection, where the format stores it; -1 where the index says it
public record Cte(boolean valid, int rdbase, int icid) {

    /// No collection.
    public static final Cte INVALID = new Cte(false, 0, -1);

    /// Not mapped to a Redistributor.
    public static final int NOWHERE = -1;

    /// Decoded, for journeys.
    public Map<String, String> fields() {
        Map<String, String> out = new LinkedHashMap<>();
        out.put("Valid", valid ? "1" : "0");
        out.put("RDbase", Integer.toString(rdbase));
        if (icid >= 0) {
            out.put("ICID", Integer.toString(icid));
        }
        return out;
    }
}
