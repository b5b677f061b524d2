package dev.belfry.lab.explain;

import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.guest.firmware.FirmwareReader;
import dev.belfry.kernel.firmware.FirmwareError;
import dev.belfry.kernel.firmware.FirmwareMemory;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Ram;
import java.util.Optional;

/// Finds what firmware left in memory: ACPI tables, or the device tree where QEMU and its loaders
/// put it.
final class Firmware {

    private static final long STEP = 1L << 21;
    private static final int MOST_PROBES = 2048;
    private static final long MAGIC = 0xedfe0dd0L;

    private Firmware() {}

    /// Tables that were found.
    ///
    /// @param address where they begin
    /// @param info what they say
    record Found(long address, FirmwareInfo info) {}

    /// `RSD PTR ` as it lies in memory.
    private static final long RSDP = 0x2052_5450_2044_5352L;

    /// Firmware's tables; empty when they were not found.
    ///
    /// A tree at the very start of RAM is QEMU's, made for firmware or for code that boots bare:
    /// when there are ACPI tables as well, firmware gave the OS those. A loader that boots a kernel
    /// puts the tree elsewhere, and there is no ACPI then.
    static Optional<Found> find(SystemView view) {
        Optional<Found> tree = tree(view);
        boolean loaded =
                tree.isPresent()
                        && view.ram().stream().noneMatch(r -> r.base() == tree.get().address);
        if (loaded) {
            return tree;
        }
        return acpi(view).or(() -> tree);
    }

    private static Optional<Found> acpi(SystemView view) {
        for (long at : view.search(RSDP)) {
            Optional<FirmwareInfo> info = read(view, at);
            if (info.isPresent()) {
                return Optional.of(new Found(at, info.get()));
            }
        }
        return Optional.empty();
    }

    private static Optional<Found> tree(SystemView view) {
        PhysicalMemory memory = view.memory();
        for (Ram ram : view.ram()) {
            long end = ram.base() + ram.size();
            long at = ram.base();
            for (int i = 0; i < MOST_PROBES && Long.compareUnsigned(at, end) < 0; i++, at += STEP) {
                if (memory.accepts(at, 4) && memory.read(at, 4) == MAGIC) {
                    Optional<FirmwareInfo> info = read(view, at);
                    if (info.isPresent()) {
                        return Optional.of(new Found(at, info.get()));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /// The platform as the tables at an address describe it; empty when they cannot be read.
    static Optional<FirmwareInfo> read(SystemView view, long at) {
        FirmwareMemory reader =
                (address, length) -> {
                    byte[] bytes = new byte[length];
                    if (!view.memory().readBytes(address, bytes, 0, length)) {
                        throw new FirmwareError(Hex.of(address) + " could not be read");
                    }
                    return bytes;
                };
        try {
            return Optional.of(FirmwareReader.read(reader, at));
        } catch (FirmwareError e) {
            return Optional.empty();
        }
    }
}
