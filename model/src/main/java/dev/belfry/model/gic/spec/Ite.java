package dev.belfry.model.gic.spec;

import java.util.LinkedHashMap;
import java.util.Map;

/// An interrupt translation entry, whatever its format in memory ([ItsTableFormat]).
///
/// @param valid whether the event is mapped
/// @param physical a physical LPI; false for a virtual one
/// @param intid the interrupt it becomes
/// @param icid the collection that says where it goes
/// @param vpeid the vPE of a virtual one, 0 otherwise
/// @param doorbell the doorbell of a virtual one; QEMU writes 1023 (none) into physical ones
/// @param next distance to the next valid entry, where a format chains them; 0 otherwise
public record Ite(
        boolean valid, boolean physical, int intid, int icid, int vpeid, int doorbell, int next) {

    /// No event.
    public static final Ite INVALID = new Ite(false, false, 0, 0, 0, 0, 0);

    /// No doorbell.
    public static final int NO_DOORBELL = 1023;

    /// An event that becomes the physical LPI `intid`.
    public static Ite of(int intid, int icid) {
        return new Ite(true, true, intid, icid, 0, NO_DOORBELL, 0);
    }

    /// An event that becomes the virtual LPI `intid` of a vPE.
    ///
    /// @param doorbell a physical LPI, or [#NO_DOORBELL]
    public static Ite virtual(int intid, int vpeid, int doorbell) {
        return new Ite(true, false, intid, 0, vpeid, doorbell, 0);
    }

    /// The same event in another collection.
    public Ite withIcid(int other) {
        return new Ite(valid, physical, intid, other, vpeid, doorbell, next);
    }

    /// The same event with another distance to the next one.
    public Ite withNext(int other) {
        return new Ite(valid, physical, intid, icid, vpeid, doorbell, other);
    }

    /// Decoded, for journeys.
    public Map<String, String> fields() {
        Map<String, String> out = new LinkedHashMap<>();
        out.put("Valid", valid ? "1" : "0");
        out.put("IntType", physical ? "physical" : "virtual");
        out.put("INTID", Integer.toString(intid));
        out.put("ICID", Integer.toString(icid));
        if (!physical) {
            out.put("vPEID", Integer.toString(vpeid));
            out.put("Doorbell", Integer.toString(doorbell));
        }
        if (next != 0) {
            out.put("next", Integer.toString(next));
        }
        return out;
    }
}
