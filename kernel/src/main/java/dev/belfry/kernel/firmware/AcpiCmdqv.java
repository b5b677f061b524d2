package dev.belfry.kernel.firmware;

import java.util.Optional;

/// A device NVDA200C of the ACPI namespace: the Tegra241 CMDQ-V beside an SMMU.
///
/// @param path such as `\_SB_.CV00`
/// @param uid `_UID` as text: the identifier of the SMMU's IORT node
/// @param base first byte of its frame
/// @param size bytes of it
/// @param gsi its error interrupt; 0 without one
public record AcpiCmdqv(String path, String uid, long base, long size, int gsi) {

    static final String HID = "NVDA200C";

    /// As Linux takes its `_CRS`: the first address space of memory, the first interrupt. Without
    /// memory it is of no use.
    static Optional<AcpiCmdqv> of(String path, String uid, Table resources) {
        return AcpiAddressSpace.read(resources).stream()
                .filter(r -> r.kind() == AcpiAddressSpace.Kind.MEMORY)
                .findFirst()
                .map(r ->
                        new AcpiCmdqv(
                                path,
                                uid,
                                r.first() + r.translation(),
                                r.size(),
                                AcpiInterrupt.first(resources)));
    }
}
