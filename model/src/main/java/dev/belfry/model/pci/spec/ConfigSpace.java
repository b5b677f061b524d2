package dev.belfry.model.pci.spec;

import static dev.belfry.model.pci.spec.ConfigRegister.CAPABILITIES_POINTER;
import static dev.belfry.model.pci.spec.ConfigRegister.COMMAND;
import static dev.belfry.model.pci.spec.ConfigRegister.DEVICE_ID;
import static dev.belfry.model.pci.spec.ConfigRegister.HEADER_TYPE;
import static dev.belfry.model.pci.spec.ConfigRegister.MEMORY_BASE;
import static dev.belfry.model.pci.spec.ConfigRegister.MEMORY_LIMIT;
import static dev.belfry.model.pci.spec.ConfigRegister.PREFETCHABLE_BASE_UPPER;
import static dev.belfry.model.pci.spec.ConfigRegister.PREFETCHABLE_LIMIT_UPPER;
import static dev.belfry.model.pci.spec.ConfigRegister.PREFETCHABLE_MEMORY_BASE;
import static dev.belfry.model.pci.spec.ConfigRegister.PREFETCHABLE_MEMORY_LIMIT;
import static dev.belfry.model.pci.spec.ConfigRegister.PRIMARY_BUS_NUMBER;
import static dev.belfry.model.pci.spec.ConfigRegister.REVISION_ID;
import static dev.belfry.model.pci.spec.ConfigRegister.SECONDARY_BUS_NUMBER;
import static dev.belfry.model.pci.spec.ConfigRegister.STATUS;
import static dev.belfry.model.pci.spec.ConfigRegister.SUBORDINATE_BUS_NUMBER;
import static dev.belfry.model.pci.spec.ConfigRegister.VENDOR_ID;

import dev.belfry.model.journey.Bytes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntBinaryOperator;

/// A function's configuration space to look at. Whatever it holds, each method here ends and stays
/// within it.
///
/// @param size bytes that can be read: 256 or 4,096
/// @param reader reads `(offset, width)`, width 1, 2 or 4, zero-extended; only asked within `size`
public record ConfigSpace(int size, IntBinaryOperator reader) {

    /// Bytes of a conventional configuration space.
    public static final int CONVENTIONAL = 256;

    /// Bytes of a PCI Express configuration space.
    public static final int EXPRESS = 4096;

    /// Over bytes as they were captured.
    public static ConfigSpace of(byte[] bytes) {
        byte[] copy = bytes.clone();
        return new ConfigSpace(
                copy.length, (offset, width) -> (int) LittleEndian.get(copy, offset, width));
    }

    /// Over bytes as they were captured.
    public static ConfigSpace of(Bytes bytes) {
        return of(bytes.toArray());
    }

    /// Reads `width` bytes, 1, 2 or 4, zero-extended to 32 bits; all ones outside.
    public int read(int offset, int width) {
        if (offset < 0 || offset > size - width) {
            return width == 4 ? -1 : (1 << (8 * width)) - 1;
        }
        return reader.applyAsInt(offset, width);
    }

    /// Reads a register of the header.
    public int read(ConfigRegister register) {
        return read(register.offset(), register.width());
    }

    /// Whether a function answers here.
    public boolean isPresent() {
        return vendorId() != 0xffff;
    }

    public int vendorId() {
        return read(VENDOR_ID);
    }

    public int deviceId() {
        return read(DEVICE_ID);
    }

    /// Base class, sub-class and programming interface: 24 bits.
    public int classCode() {
        return read(REVISION_ID.offset(), 4) >>> 8;
    }

    public Command command() {
        return new Command(read(COMMAND));
    }

    public HeaderType headerType() {
        return new HeaderType(read(HEADER_TYPE));
    }

    /// A bridge's primary bus number.
    public int primaryBus() {
        return read(PRIMARY_BUS_NUMBER);
    }

    /// A bridge's secondary bus number.
    public int secondaryBus() {
        return read(SECONDARY_BUS_NUMBER);
    }

    /// A bridge's subordinate bus number.
    public int subordinateBus() {
        return read(SUBORDINATE_BUS_NUMBER);
    }

    /// A bridge's memory window.
    public BridgeWindow memoryWindow() {
        return BridgeWindow.memory(read(MEMORY_BASE), read(MEMORY_LIMIT));
    }

    /// A bridge's prefetchable window.
    public BridgeWindow prefetchableWindow() {
        return BridgeWindow.prefetchable(
                read(PREFETCHABLE_MEMORY_BASE),
                read(PREFETCHABLE_MEMORY_LIMIT),
                read(PREFETCHABLE_BASE_UPPER),
                read(PREFETCHABLE_LIMIT_UPPER));
    }

    /// The BARs; those that were never placed and read as 0 cannot be told from none and are left
    /// out.
    public List<Bar> bars() {
        List<Bar> out = new ArrayList<>();
        int count = headerType().isBridge() ? 2 : headerType().isEndpoint() ? 6 : 0;
        for (int i = 0; i < count; i++) {
            int low = read(ConfigRegister.bar(i), 4);
            if (low == 0) {
                continue;
            }
            Bar bar = Bar.of(i, low, i + 1 < count ? read(ConfigRegister.bar(i + 1), 4) : 0);
            out.add(bar);
            if (bar.kind() == Bar.Kind.MEMORY_64) {
                i++;
            }
        }
        return out;
    }

    /// The PCI-compatible capabilities in list order. A list that loops or leaves its region ends
    /// there.
    public List<Capability> capabilities() {
        List<Capability> out = new ArrayList<>();
        if (!isPresent() || !new Status(read(STATUS)).capabilitiesList()) {
            return out;
        }
        BitSet seen = new BitSet(CONVENTIONAL);
        int at = read(CAPABILITIES_POINTER) & 0xfc;
        while (at >= 0x40 && at < Math.min(size, CONVENTIONAL) && !seen.get(at)) {
            seen.set(at);
            out.add(new Capability(read(at, 1), at));
            at = read(at + 1, 1) & 0xfc;
        }
        return out;
    }

    /// The extended capabilities in list order. A list that loops or leaves its region ends there.
    public List<ExtendedCapability> extendedCapabilities() {
        List<ExtendedCapability> out = new ArrayList<>();
        BitSet seen = new BitSet(EXPRESS);
        int at = 0x100;
        while (isPresent() && at >= 0x100 && at <= size - 4 && !seen.get(at)) {
            seen.set(at);
            int header = read(at, 4);
            if (header == 0 || header == -1) {
                break;
            }
            // ID 0 is a null capability: only its link counts (PCIe 7.6.3)
            ExtendedCapability found = ExtendedCapability.of(header, at);
            if (found.code() != 0) {
                out.add(found);
            }
            at = ExtendedCapability.NEXT.getInt(header) & 0xffc;
        }
        return out;
    }

    /// The first capability with this id.
    public Optional<Capability> find(CapabilityId id) {
        return capabilities().stream().filter(c -> c.id() == id).findFirst();
    }

    /// The first extended capability with this id.
    public Optional<ExtendedCapability> find(ExtendedCapabilityId id) {
        return extendedCapabilities().stream().filter(c -> c.id() == id).findFirst();
    }

    /// The MSI-X capability.
    public Optional<MsixCapability> msix() {
        return find(CapabilityId.MSI_X)
                .map(Capability::offset)
                .map(at ->
                        new MsixCapability(
                                at,
                                read(at + MsixCapability.MESSAGE_CONTROL, 2),
                                read(at + MsixCapability.TABLE, 4),
                                read(at + MsixCapability.PBA, 4)));
    }

    /// The MSI capability.
    public Optional<MsiCapability> msi() {
        return find(CapabilityId.MSI).map(c -> msiAt(c.offset()));
    }

    private MsiCapability msiAt(int at) {
        int control = read(at + MsiCapability.MESSAGE_CONTROL, 2);
        long address = read(at + MsiCapability.ADDRESS, 4) & 0xffff_ffffL;
        if (MsiCapability.is64(control)) {
            address |= (long) read(at + MsiCapability.UPPER_ADDRESS, 4) << 32;
        }
        boolean masks = MsiCapability.perVectorMasking(control);
        return new MsiCapability(
                at,
                control,
                address,
                read(at + MsiCapability.dataOffset(control), 2),
                masks ? read(at + MsiCapability.maskOffset(control), 4) : 0,
                masks ? read(at + MsiCapability.pendingOffset(control), 4) : 0);
    }

    /// The PCI Express capability.
    public Optional<ExpressCapability> express() {
        return find(CapabilityId.PCI_EXPRESS)
                .map(Capability::offset)
                .map(at ->
                        new ExpressCapability(
                                at,
                                read(at + ExpressCapability.CAPABILITIES, 2),
                                read(at + ExpressCapability.DEVICE_CAPABILITIES, 4)));
    }

    /// Physical address of the MSI-X table: empty without MSI-X, or when its BAR is no memory BAR
    /// or was not placed.
    public OptionalLong msixTableAddress() {
        Optional<MsixCapability> msix = msix();
        if (msix.isEmpty()) {
            return OptionalLong.empty();
        }
        return inBar(msix.get().tableBar(), msix.get().tableOffset());
    }

    private OptionalLong inBar(int index, long offset) {
        for (Bar bar : bars()) {
            if (bar.index() == index && bar.kind() != Bar.Kind.IO && bar.address() != 0) {
                return OptionalLong.of(bar.address() + offset);
            }
        }
        return OptionalLong.empty();
    }
}
