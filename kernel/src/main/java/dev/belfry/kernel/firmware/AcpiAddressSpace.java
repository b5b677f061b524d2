package dev.belfry.kernel.firmware;

import dev.belfry.model.bits.Field;
import java.util.ArrayList;
import java.util.List;

/// An address space descriptor of a resource template (ACPI 6.5, 6.4.3.5).
///
/// @param kind what is addressed
/// @param prefetchable memory only
/// @param producer whether the device passes the range on to others
/// @param first `_MIN`: on the bus
/// @param size `_LEN`, at least 1
/// @param translation `_TRA`: what to add for the other side
public record AcpiAddressSpace(
        Kind kind,
        boolean prefetchable,
        boolean producer,
        long first,
        long size,
        long translation) {

    /// Kinds of addresses.
    public enum Kind {
        MEMORY,
        IO,
        BUS
    }

    private static final int DWORD = 0x87;
    private static final int WORD = 0x88;
    private static final int QWORD = 0x8a;
    private static final int EXTENDED = 0x8b;

    private static final Field CONSUMER = Field.bit(0);
    private static final Field MEMORY_ATTRIBUTE = Field.bits(2, 1);
    private static final int PREFETCHABLE = 3;

    /// The address space descriptors of a template, others left out.
    static List<AcpiAddressSpace> read(Table template) {
        List<AcpiAddressSpace> spaces = new ArrayList<>();
        for (AcpiResource r : AcpiResource.all(template)) {
            switch (r.tag()) {
                case WORD -> add(spaces, r.body(), 2, 3);
                case DWORD -> add(spaces, r.body(), 4, 3);
                case QWORD -> add(spaces, r.body(), 8, 3);
                case EXTENDED -> add(spaces, r.body(), 8, 5);
                default -> {}
            }
        }
        return spaces;
    }

    /// @param width of each of the five numbers
    /// @param numbers where they begin: granularity, minimum, maximum, translation, length
    private static void add(List<AcpiAddressSpace> spaces, Table body, int width, int numbers) {
        int type = body.u8(0);
        long size = body.number(numbers + 4L * width, width);
        if (type >= Kind.values().length || size == 0) {
            return;
        }
        Kind kind = type == 0 ? Kind.MEMORY : type == 1 ? Kind.IO : Kind.BUS;
        spaces.add(
                new AcpiAddressSpace(
                        kind,
                        kind == Kind.MEMORY && MEMORY_ATTRIBUTE.get(body.u8(2)) == PREFETCHABLE,
                        !CONSUMER.isSet(body.u8(1)),
                        body.number(numbers + (long) width, width),
                        size,
                        body.number(numbers + 3L * width, width)));
    }
}
