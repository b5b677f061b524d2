package dev.belfry.vmm.rule.pci;

import dev.belfry.host.description.BarDescription;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.rule.Subject;

/// How much of the 64-bit PCI window a function takes, with everything below it.
final class WindowSize {

    private WindowSize() {}

    /// Bytes; a power of two or 0 for endpoints, what the bridge's window has for bridges.
    static long of(Subject s, PciFunction function) {
        return switch (function) {
            case PciFunction.Bridge bridge -> {
                long below = 0;
                long largest = 1 << 20;
                for (PciFunction f : bridge.secondary().functions()) {
                    long size = of(s, f);
                    largest = Math.max(largest, Long.highestOneBit(Math.max(1, size)));
                    below = alignUp(below, size) + size;
                }
                long reserve =
                        Quantities.size(bridge.plugged().params().get("pref64-reserve", "0"))
                                .orElse(0);
                yield alignUp(Math.max(below, reserve), largest);
            }
            case PciFunction.Vfio vfio ->
                    s.hostDevice(vfio).stream()
                            .flatMap(d -> d.bars().stream())
                            .filter(b -> b.wide() && b.prefetchable())
                            .mapToLong(BarDescription::size)
                            .sum();
            case PciFunction.Emulated _, PciFunction.Pxb _, PciFunction.RootComplex _ -> 0;
        };
    }

    /// The next multiple of a size, rounded up to a power of two.
    static long alignUp(long value, long size) {
        long unit = size <= 1 ? 1 : Long.highestOneBit(2 * size - 1);
        return (value + unit - 1) & -unit;
    }
}
