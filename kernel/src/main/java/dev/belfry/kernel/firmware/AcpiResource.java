package dev.belfry.kernel.firmware;

import java.util.ArrayList;
import java.util.List;

/// A descriptor of a resource template (ACPI 6.5, 6.4).
///
/// @param tag its first byte; a small descriptor's has its length in `[2:0]`
/// @param body what follows tag and length
record AcpiResource(int tag, Table body) {

    private static final int LARGE = 0x80;
    private static final int END_TAG = 0xf;

    /// All descriptors up to the end tag.
    static List<AcpiResource> all(Table template) {
        List<AcpiResource> resources = new ArrayList<>();
        int at = 0;
        while (at < template.length()) {
            int tag = template.u8(at);
            boolean large = (tag & LARGE) != 0;
            if (!large && tag >>> 3 == END_TAG) {
                break;
            }
            int header = large ? 3 : 1;
            int length = large ? template.u16(at + 1L) : tag & 7;
            resources.add(
                    new AcpiResource(
                            tag, new Table("resource", template.copy((long) at + header, length))));
            at += header + length;
        }
        return resources;
    }
}
