package dev.belfry.model.pci;

import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.Command;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.pci.spec.HeaderType;
import dev.belfry.model.pci.spec.MsixCapability;
import dev.belfry.model.pci.spec.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A function: configuration space, BARs, MSI and MSI-X, and its way to memory.
public abstract sealed class PciFunction permits Bridge, Endpoint {

    private final FunctionIdentity identity;
    private final ConfigStore config;
    private final Bars bars;
    private final List<PciListener> listeners = new ArrayList<>();
    private @Nullable PciBus bus;
    private @Nullable Msix msix;
    private @Nullable Msi msi;
    private Optional<IntxPin> pin = Optional.empty();
    private int devfn;
    private int deviceControl;

    PciFunction(FunctionIdentity identity, int configSize, int headerLayout) {
        this.identity = identity;
        this.config = new ConfigStore(configSize);
        this.bars = new Bars(config, headerLayout == 0 ? 6 : 2);
        config.fix(ConfigRegister.VENDOR_ID.offset(), 2, identity.vendorId())
                .fix(ConfigRegister.DEVICE_ID.offset(), 2, identity.deviceId())
                .fix(ConfigRegister.REVISION_ID.offset(), 1, identity.revisionId())
                .fix(ConfigRegister.PROGRAMMING_INTERFACE.offset(), 3, identity.classCode())
                .fix(ConfigRegister.HEADER_TYPE.offset(), 1, headerLayout)
                .writable(ConfigRegister.COMMAND.offset(), 2, writableCommandBits())
                .writable(ConfigRegister.CACHE_LINE_SIZE.offset(), 1, 0xff)
                .writable(ConfigRegister.INTERRUPT_LINE.offset(), 1, 0xff)
                .writeOneToClear(ConfigRegister.STATUS.offset(), 2, Status.WRITE_ONE_TO_CLEAR);
        if (headerLayout == 0) {
            config.fix(ConfigRegister.SUBSYSTEM_VENDOR_ID.offset(), 2, identity.subsystemVendorId())
                    .fix(ConfigRegister.SUBSYSTEM_ID.offset(), 2, identity.subsystemId());
        }
    }

    private static long writableCommandBits() {
        return Command.IO_SPACE_ENABLE.mask()
                | Command.MEMORY_SPACE_ENABLE.mask()
                | Command.BUS_MASTER_ENABLE.mask()
                | Command.SERR_ENABLE.mask()
                | Command.INTERRUPT_DISABLE.mask();
    }

    // ---- what it is and where

    public final FunctionIdentity identity() {
        return identity;
    }

    /// The raw configuration space, for whoever builds the function.
    public final ConfigStore config() {
        return config;
    }

    /// The configuration space to look at; follows later writes.
    public final ConfigSpace configSpace() {
        return new ConfigSpace(config.size(), (offset, width) -> (int) config.read(offset, width));
    }

    /// A copy of the configuration space, 256 or 4,096 bytes.
    public final byte[] configBytes() {
        return config.toArray();
    }

    /// Whether the function is on a bus now.
    public final boolean isAttached() {
        return bus != null;
    }

    /// The bus that it is on.
    ///
    /// @throws IllegalStateException when it is on none
    public final PciBus bus() {
        PciBus b = bus;
        if (b == null) {
            throw new IllegalStateException("this function is on no bus");
        }
        return b;
    }

    /// Device and function number, 0..255.
    public final int devfn() {
        return devfn;
    }

    /// Where software finds it now: the bus number is the one that software gave to its bus.
    public final Bdf bdf() {
        return Bdf.of(bus().segment().number(), bus().number() << 8 | devfn);
    }

    /// The requester id of what it sends now: its own, or that of the topmost PCIe-to-PCI bridge
    /// above it, which sends on behalf of those below as device 0 of its secondary bus (PCIe to
    /// PCI/PCI-X Bridge 2.3).
    public final int requesterId() {
        PciBus b = bus;
        if (b == null) {
            return devfn;
        }
        int id = b.number() << 8 | devfn;
        for (Bridge above = b.parent(); above != null; above = above.bus().parent()) {
            if (above instanceof PcieToPciBridge) {
                id = above.secondaryBusNumber() << 8;
            }
        }
        return id;
    }

    void attach(PciBus to, int at) {
        if (bus != null) {
            throw new IllegalArgumentException("this function is on a bus already");
        }
        bus = to;
        devfn = at;
    }

    void detach() {
        bus = null;
    }

    /// Marks the function as one of several of its device.
    void setMultiFunction() {
        int offset = ConfigRegister.HEADER_TYPE.offset();
        config.fix(offset, 1, config.read(offset, 1) | HeaderType.MULTI_FUNCTION.mask());
    }

    // ---- parts

    /// Adds a BAR; 64-bit BARs take the next register too.
    ///
    /// @param index 0..5, for a bridge 0..1
    /// @param size bytes, a power of two
    /// @return what is behind it, to be filled
    /// @throws IllegalArgumentException when the register is taken or the size impossible
    public final BarFrame addBar(int index, Bar.Kind kind, boolean prefetchable, long size) {
        return bars.add(index, kind, prefetchable, size);
    }

    /// BAR `index`, also under the upper index of a 64-bit BAR; empty when there is none.
    public final Optional<BarFrame> bar(int index) {
        return bars.find(index);
    }

    /// Where software placed BAR `index`; empty when it is no memory BAR or was not placed.
    public final OptionalLong barAddress(int index) {
        return bars.placed(index, false);
    }

    /// Where software placed BAR `index`; empty when it is no I/O BAR or was not placed.
    public final OptionalLong barPort(int index) {
        return bars.placed(index, true);
    }

    /// Adds MSI-X: the capability, and its table and Pending Bit Array in BARs that exist.
    ///
    /// @param offset of the capability
    /// @param vectors 1..2048
    public final Msix addMsix(
            int offset, int vectors, int tableBar, long tableOffset, int pbaBar, long pbaOffset) {
        Msix added = new Msix(this, offset, vectors, tableBar, tableOffset);
        added.declare(pbaBar, pbaOffset);
        bar(tableBar).orElseThrow().place(tableOffset, added.table());
        bar(pbaBar).orElseThrow().place(pbaOffset, added.pba());
        msix = added;
        return added;
    }

    /// Adds MSI.
    ///
    /// @param offset of the capability
    /// @param vectors 1, 2, 4, 8, 16 or 32
    public final Msi addMsi(int offset, int vectors, boolean is64, boolean perVectorMasking) {
        Msi added = new Msi(this, offset);
        added.declare(vectors, is64, perVectorMasking);
        msi = added;
        return added;
    }

    /// Adds an INTx pin.
    ///
    /// @param number 1 = INTA to 4 = INTD
    public final IntxPin addPin(int number) {
        IntxPin added = new IntxPin(this, number);
        pin = Optional.of(added);
        return added;
    }

    /// Its INTx pin.
    public final Optional<IntxPin> pin() {
        return pin;
    }

    public final Optional<Msix> msix() {
        return Optional.ofNullable(msix);
    }

    public final Optional<Msi> msi() {
        return Optional.ofNullable(msi);
    }

    /// Signals interrupt `vector` the way that software enabled: MSI-X, else MSI. A wired interrupt
    /// is no signal but a level: see [IntxPin].
    public final MsiOutcome signal(int vector) {
        Msix x = msix;
        Msi m = msi;
        if (m != null && (x == null || !x.enabled()) && m.enabled()) {
            return m.fire(vector);
        }
        return x != null ? x.fire(vector) : m != null ? m.fire(vector) : MsiOutcome.DISABLED;
    }

    /// Where Device Control is, of a function that can be reset alone; see [Capabilities].
    void setFunctionLevelReset(int deviceControl) {
        this.deviceControl = deviceControl;
    }

    /// Whom to tell of configuration writes and resets of this function.
    public final void addListener(PciListener listener) {
        listeners.add(listener);
    }

    // ---- software's view

    final boolean memorySpaceEnable() {
        return Command.MEMORY_SPACE_ENABLE.isSet(config.read(ConfigRegister.COMMAND.offset(), 2));
    }

    final boolean busMasterEnable() {
        return Command.BUS_MASTER_ENABLE.isSet(config.read(ConfigRegister.COMMAND.offset(), 2));
    }

    /// A configuration read of 1, 2 or 4 bytes.
    public final long configRead(int offset, int width) {
        return config.read(offset, width);
    }

    /// A configuration write of 1, 2 or 4 bytes, with all its effects.
    public final void configWrite(int offset, int width, long value) {
        beforeWrite(offset, width);
        config.write(offset, width, value);
        PciBus b = bus;
        if (b != null && offset < 0x40) {
            b.decodingChanged();
        }
        afterWrite(offset, width);
        Msix x = msix;
        if (x != null && overlaps(offset, width, x.offset(), MsixCapability.LENGTH)) {
            x.controlWritten();
        }
        Msi m = msi;
        if (m != null && overlaps(offset, width, m.offset(), m.length())) {
            m.written();
        }
        pin.ifPresent(IntxPin::update);
        if (asksForReset(offset, width, value)) {
            reset();
        }
        for (PciListener l : listeners) {
            l.configWritten(this, offset, width, value);
        }
        if (b != null) {
            b.segment().configWritten(this, offset, width, value);
        }
    }

    /// Initiate Function Level Reset is bit 15: in the second byte (PCIe 7.5.3.4).
    private boolean asksForReset(int offset, int width, long value) {
        int at = deviceControl + 1;
        return deviceControl != 0
                && overlaps(offset, width, at, 1)
                && (value & 0x80L << (8 * (at - offset))) != 0;
    }

    /// Before a write takes effect: to remember what it may change.
    void beforeWrite(int offset, int width) {}

    /// After a write took effect.
    void afterWrite(int offset, int width) {}

    static boolean overlaps(int offset, int width, int other, int length) {
        return offset < other + length && other < offset + width;
    }

    /// Everything as after a reset of the function.
    public void reset() {
        config.reset();
        Msix x = msix;
        if (x != null) {
            x.reset();
        }
        pin.ifPresent(p -> p.ask(false));
        PciBus b = bus;
        if (b != null) {
            b.decodingChanged();
            b.segment().functionReset(this);
        }
        for (PciListener l : listeners) {
            l.functionReset(this);
        }
    }

    /// Adds the addresses that it answers on its bus.
    void claim(BusClaims.Builder claims) {
        if (memorySpaceEnable()) {
            bars.claim(claims);
        }
    }

    // ---- its way to memory

    /// The function whose Bus Master Enable keeps its requests from memory: itself, or a bridge
    /// above it.
    public final Optional<PciFunction> dmaBlockedBy() {
        return Optional.ofNullable(blocker());
    }

    final @Nullable PciFunction blocker() {
        if (!busMasterEnable()) {
            return this;
        }
        PciBus b = bus;
        Bridge above = b == null ? null : b.parent();
        while (above != null) {
            if (!above.busMasterEnable()) {
                return above;
            }
            above = above.bus().parent();
        }
        return null;
    }

    /// Reads memory by DMA.
    ///
    /// @param address as the function puts it on the bus
    /// @return false when any part was aborted, or Bus Master Enable is off on the way
    public final boolean dmaRead(long address, byte[] into) {
        PciBus b = bus;
        boolean done =
                b != null && blocker() == null && b.root().dma().read(requesterId(), address, into);
        if (!done) {
            // a read is non-posted: its abort comes back to the requester
            int status = ConfigRegister.STATUS.offset();
            config.set(status, 2, config.read(status, 2) | Status.RECEIVED_MASTER_ABORT.mask());
        }
        return done;
    }

    /// Writes memory by DMA; a write of 4 bytes may be a message.
    ///
    /// @return false when any part was aborted, or Bus Master Enable is off on the way
    public final boolean dmaWrite(long address, byte[] from) {
        PciBus b = bus;
        return b != null && blocker() == null && b.root().dma().write(requesterId(), address, from);
    }

    @Override
    public String toString() {
        return bus == null ? "detached function" : bdf().toString();
    }
}
