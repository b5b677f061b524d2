package dev.belfry.host.vfio;

import dev.belfry.host.memory.PhysicalFrame;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.Machine;
import dev.belfry.kernel.pci.BarResource;
import dev.belfry.kernel.pci.ConfigAccess;
import dev.belfry.kernel.pci.PciFunction;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.pci.spec.Command;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.MsixCapability;
import java.util.Optional;

/// The regions of a VFIO PCI device: BARs, and configuration space.
///
/// Of configuration space, writes to the command register reach the device; the rest is kept by the
/// kernel and changes nothing there, since VMMs emulate it.
final class Regions {

    static final int COUNT = 9;

    private static final int BARS = 6;
    private static final int CONFIG = 7;

    /// Counted, but Arm has none.
    private static final int VGA = 8;

    private static final int CONFIG_SIZE = 4096;
    private static final int COMMAND_MEMORY = 2;

    private static final int BYTE = 0xff;

    private final Machine machine;
    private final ConfigAccess config;
    private final PciFunction function;
    private final Intx intx;

    Regions(Machine machine, ConfigAccess config, PciFunction function, Intx intx) {
        this.machine = machine;
        this.config = config;
        this.function = function;
        this.intx = intx;
    }

    private Optional<BarResource> bar(int index) {
        return index >= 0 && index < BARS
                ? function.bar(index).filter(BarResource::placed)
                : Optional.empty();
    }

    Result<RegionInfo> info(int index) {
        if (index < 0 || index >= VGA) {
            return Result.err(Errno.EINVAL, "no region " + index);
        }
        if (index == CONFIG) {
            return Result.ok(new RegionInfo(RegionInfo.READ | RegionInfo.WRITE, CONFIG_SIZE));
        }
        boolean table = function.space().msix().map(m -> m.tableBar() == index).orElse(false);
        int all =
                RegionInfo.READ
                        | RegionInfo.WRITE
                        | RegionInfo.MMAP
                        | (table ? RegionInfo.CAPS : 0);
        return Result.ok(
                bar(index).map(b -> new RegionInfo(all, b.size())).orElse(new RegionInfo(0, 0)));
    }

    /// Where an access goes, after the checks that reads and writes share.
    private Result<Long> address(int region, long offset, int width) {
        Optional<BarResource> bar = bar(region);
        long size = region == CONFIG ? CONFIG_SIZE : bar.map(BarResource::size).orElse(0L);
        boolean inside =
                offset >= 0
                        && (width == 1 || width == 2 || width == 4 || width == 8)
                        && offset <= size - width;
        if (!inside) {
            return Result.err(Errno.EINVAL, "region " + region + " has " + size + " bytes");
        }
        if (region != CONFIG && !memoryEnabled()) {
            return Result.err(Errno.EIO, "memory decoding is off");
        }
        return Result.ok(bar.map(b -> b.cpuAddress() + offset).orElse(offset));
    }

    private boolean memoryEnabled() {
        return (config.read(function.routingId(), ConfigRegister.COMMAND) & COMMAND_MEMORY) != 0;
    }

    /// The kernel keeps the MSI-X table to itself.
    private boolean inMsixTable(int region, long offset) {
        Optional<MsixCapability> msix = function.space().msix();
        return msix.isPresent()
                && msix.get().tableBar() == region
                && offset >= msix.get().tableOffset()
                && offset < msix.get().tableOffset() + msix.get().vectors() * 16L;
    }

    Result<Long> read(int region, long offset, int width) {
        return address(region, offset, width)
                .map(at -> {
                    if (region == CONFIG) {
                        return readConfig((int) offset, width);
                    }
                    return inMsixTable(region, offset)
                            ? -1L >>> (64 - 8 * width)
                            : machine.read(at, width);
                });
    }

    private long readConfig(int offset, int width) {
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= (configByte(offset + i) & 0xffL) << (8 * i);
        }
        return value;
    }

    /// Interrupt Disable is shown as the guest wrote it; the device's own is how the kernel masks.
    private int configByte(int at) {
        int value = config.read(function.routingId(), at, 1);
        if (at != ConfigRegister.COMMAND.offset() + 1) {
            return value;
        }
        long command = (long) value << 8;
        return (int) Command.INTERRUPT_DISABLE.set(command, intx.disabledByGuest() ? 1 : 0) >>> 8
                & BYTE;
    }

    Result<Done> write(int region, long offset, int width, long value) {
        return address(region, offset, width)
                .map(at -> {
                    if (region == CONFIG) {
                        writeConfig((int) offset, width, value);
                    } else if (!inMsixTable(region, offset)) {
                        machine.write(at, width, value);
                    }
                    return Done.DONE;
                });
    }

    private void writeConfig(int offset, int width, long value) {
        if (offset == ConfigRegister.COMMAND.offset() && width >= 2) {
            long own = config.read(function.routingId(), ConfigRegister.COMMAND);
            long disable = Command.INTERRUPT_DISABLE.get(own);
            long written = Command.INTERRUPT_DISABLE.set(value & 0xffff, disable);
            config.write(function.routingId(), offset, 2, written);
            intx.guestDisables(Command.INTERRUPT_DISABLE.isSet(value));
        }
    }

    Result<MmioDevice> mmap(int region) {
        Optional<BarResource> bar = bar(region);
        return bar.isPresent()
                ? Result.ok(new PhysicalFrame(machine, bar.get().cpuAddress(), bar.get().size()))
                : Result.err(Errno.EINVAL, "region " + region + " cannot be mapped");
    }
}
