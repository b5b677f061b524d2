package dev.belfry.model.pci;

import static dev.belfry.model.pci.spec.ConfigRegister.BRIDGE_CONTROL;
import static dev.belfry.model.pci.spec.ConfigRegister.IO_BASE;
import static dev.belfry.model.pci.spec.ConfigRegister.MEMORY_BASE;
import static dev.belfry.model.pci.spec.ConfigRegister.MEMORY_LIMIT;
import static dev.belfry.model.pci.spec.ConfigRegister.PREFETCHABLE_BASE_UPPER;
import static dev.belfry.model.pci.spec.ConfigRegister.PREFETCHABLE_LIMIT_UPPER;
import static dev.belfry.model.pci.spec.ConfigRegister.PREFETCHABLE_MEMORY_BASE;
import static dev.belfry.model.pci.spec.ConfigRegister.PREFETCHABLE_MEMORY_LIMIT;
import static dev.belfry.model.pci.spec.ConfigRegister.PRIMARY_BUS_NUMBER;
import static dev.belfry.model.pci.spec.ConfigRegister.SECONDARY_BUS_NUMBER;
import static dev.belfry.model.pci.spec.ConfigRegister.SECONDARY_STATUS;
import static dev.belfry.model.pci.spec.ConfigRegister.SUBORDINATE_BUS_NUMBER;

import dev.belfry.model.bits.Field;
import dev.belfry.model.pci.spec.BridgeWindow;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.pci.spec.Status;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A function with a Type 1 header: a secondary bus that software numbers, and windows that
/// software opens. After reset its bus numbers are 0 and its windows closed (base above limit).
public abstract sealed class Bridge extends PciFunction
        permits RootPort, SwitchUpstream, SwitchDownstream, PcieToPciBridge {

    /// Secondary Bus Reset, in Bridge Control.
    public static final Field SECONDARY_BUS_RESET = Field.bit(6);

    private static final long WRITABLE_CONTROL = 0x5f;

    private final SecondaryBus secondary;
    private int busNumbersBefore;
    private long controlBefore;
    private @Nullable HotPlugSlot slot;

    Bridge(FunctionIdentity identity, String busName) {
        super(identity, ConfigSpace.EXPRESS, 1);
        this.secondary = new SecondaryBus(busName, this);
        config().writable(PRIMARY_BUS_NUMBER.offset(), 3, 0xff_ffff)
                // I/O: 16-bit addresses, 4 KiB granules; closed
                .fix(IO_BASE.offset(), 2, 0x00f0)
                .writable(IO_BASE.offset(), 2, 0xf0f0)
                .writeOneToClear(SECONDARY_STATUS.offset(), 2, Status.WRITE_ONE_TO_CLEAR)
                .fix(MEMORY_BASE.offset(), 2, 0xfff0)
                .writable(MEMORY_BASE.offset(), 4, 0xfff0_fff0L)
                .fix(PREFETCHABLE_MEMORY_BASE.offset(), 2, 0xfff1)
                .fix(PREFETCHABLE_MEMORY_LIMIT.offset(), 2, 0x0001)
                .writable(PREFETCHABLE_MEMORY_BASE.offset(), 4, 0xfff0_fff0L)
                .writable(PREFETCHABLE_BASE_UPPER.offset(), 8, -1)
                .writable(BRIDGE_CONTROL.offset(), 2, WRITABLE_CONTROL);
    }

    /// The bus below.
    public final SecondaryBus secondary() {
        return secondary;
    }

    void setSlot(HotPlugSlot made) {
        slot = made;
    }

    /// The slot below; empty for what has no link.
    public final Optional<HotPlugSlot> slot() {
        return Optional.ofNullable(slot);
    }

    /// Whether software finds what is on the bus below.
    final boolean powersSecondary() {
        return slot == null || slot.hasPower();
    }

    /// Number of the bus below, as software gave it; 0 when it did not.
    public final int secondaryBusNumber() {
        return (int) config().read(SECONDARY_BUS_NUMBER.offset(), 1);
    }

    /// Highest bus number below, as software gave it.
    public final int subordinateBusNumber() {
        return (int) config().read(SUBORDINATE_BUS_NUMBER.offset(), 1);
    }

    /// Whether it passes configuration requests for bus `number` on.
    final boolean claimsBus(int number) {
        // 0 is a root bus; a bridge that still says 0 was not configured
        return secondaryBusNumber() != 0
                && secondaryBusNumber() <= number
                && number <= subordinateBusNumber();
    }

    /// The window of I/O ports as programmed.
    public final BridgeWindow ioWindow() {
        int both = word(IO_BASE.offset());
        return BridgeWindow.io(both & 0xff, both >>> 8);
    }

    /// Makes it one that forwards no I/O ports: the window stays closed, whatever software writes.
    public final void closeIoWindow() {
        config().fix(IO_BASE.offset(), 2, 0x00f0).readOnly(IO_BASE.offset(), 2);
    }

    /// The memory window as programmed.
    public final BridgeWindow memoryWindow() {
        return BridgeWindow.memory(word(MEMORY_BASE.offset()), word(MEMORY_LIMIT.offset()));
    }

    /// The prefetchable window as programmed.
    public final BridgeWindow prefetchableWindow() {
        return BridgeWindow.prefetchable(
                word(PREFETCHABLE_MEMORY_BASE.offset()),
                word(PREFETCHABLE_MEMORY_LIMIT.offset()),
                (int) config().read(PREFETCHABLE_BASE_UPPER.offset(), 4),
                (int) config().read(PREFETCHABLE_LIMIT_UPPER.offset(), 4));
    }

    private int word(int offset) {
        return (int) config().read(offset, 2);
    }

    @Override
    void attach(PciBus to, int at) {
        super.attach(to, at);
        to.segment().topologyChanged();
    }

    @Override
    void claim(BusClaims.Builder claims) {
        super.claim(claims);
        if (memorySpaceEnable()) {
            claims.add(memoryWindow(), secondary);
            claims.add(prefetchableWindow(), secondary);
        }
    }

    @Override
    void beforeWrite(int offset, int width) {
        busNumbersBefore = busNumbers();
        controlBefore = config().read(BRIDGE_CONTROL.offset(), 2);
        if (slot != null) {
            slot.beforeWrite();
        }
    }

    @Override
    void afterWrite(int offset, int width) {
        if (busNumbers() != busNumbersBefore) {
            numbersChanged();
        }
        long control = config().read(BRIDGE_CONTROL.offset(), 2);
        if (SECONDARY_BUS_RESET.isSet(control & ~controlBefore)) {
            resetBelow();
        }
        if (slot != null) {
            slot.afterWrite(offset, width);
        }
    }

    private int busNumbers() {
        return (int) config().read(PRIMARY_BUS_NUMBER.offset(), 4) & 0xff_ffff;
    }

    private void numbersChanged() {
        if (isAttached()) {
            bus().segment().busNumbersChanged(this);
        }
    }

    private void resetBelow() {
        for (PciFunction f : secondary.functions()) {
            f.reset();
        }
    }

    /// Resets the bridge and everything below it.
    @Override
    public void reset() {
        int before = busNumbers();
        resetBelow();
        super.reset();
        if (slot != null) {
            slot.powerOn();
        }
        if (busNumbers() != before) {
            numbersChanged();
        }
    }
}
