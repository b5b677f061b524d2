package dev.belfry.lab.explain;

import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.guest.firmware.FirmwareReader;
import dev.belfry.kernel.firmware.FirmwareError;
import dev.belfry.kernel.firmware.FirmwareMemory;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Ram;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// Finds what firmware left in memory: ACPI tables, or the device tree where QEMU and its loaders
/// put it.
final class Firmware {

    private static final long STEP = 1L << 21;
    private static final int MOST_PROBES = 2048;
    private static final int AT_ONCE = 64;
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
        for (Ram ram : view.ram()) {
            List<Long> candidates =
                    LongStream.range(0, Math.min(MOST_PROBES, (ram.size() + STEP - 1) / STEP))
                            .mapToObj(i -> ram.base() + i * STEP)
                            .toList();
            for (int i = 0; i < candidates.size(); i += AT_ONCE) {
                List<Long> some = candidates.subList(i, Math.min(i + AT_ONCE, candidates.size()));
                Optional<Found> found = tree(view, some);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Found> tree(SystemView view, List<Long> candidates) {
        List<OptionalLong> words = view.glance(candidates);
        for (int i = 0; i < candidates.size(); i++) {
            if (words.get(i).orElse(0) == MAGIC) {
                long at = candidates.get(i);
                Optional<FirmwareInfo> info = read(view, at);
                if (info.isPresent()) {
                    return Optional.of(new Found(at, info.get()));
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
