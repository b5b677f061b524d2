package dev.belfry.host.vfio;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.msi.DeviceMsi;
import dev.belfry.host.msi.EventIds;
import dev.belfry.host.msi.InterruptTable;
import dev.belfry.host.msi.MsiDesign;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.Machine;
import dev.belfry.kernel.its.MsiDomain;
import dev.belfry.kernel.its.SpiController;
import dev.belfry.kernel.pci.FunctionReset;
import dev.belfry.kernel.pci.MsixDriver;
import dev.belfry.kernel.pci.PciFunction;
import dev.belfry.kernel.pci.PciHost;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.MsiCapability;
import dev.belfry.model.pci.spec.MsixCapability;
import java.util.Optional;

/// A PCI function that is bound to vfio-pci, and may be opened.
public final class VfioFunction implements SetIrqs.Modes {

    /// What the host kernel knows of the function.
    ///
    /// @param machine the physical machine
    /// @param host its host bridge
    /// @param function as enumeration found it
    /// @param device as the IOMMU core knows it
    /// @param its its ITS
    /// @param itsDeviceId its DeviceID there
    /// @param msi how messages are chosen
    /// @param irqs where handlers are registered
    /// @param intx where its INTx pin leads
    /// @param version the kernel
    /// @param probe told when an eventfd is signalled
    public record Setup(
            Machine machine,
            PciHost host,
            PciFunction function,
            IommuDevice device,
            MsiDomain its,
            long itsDeviceId,
            DeviceMsi.Policy msi,
            InterruptTable irqs,
            IntxLine intx,
            KernelVersion version,
            Probe probe) {}

    /// An interrupt of the host that a pin leads to.
    ///
    /// @param spi its INTID
    /// @param gic who lets it through
    public record IntxLine(int spi, SpiController gic) {}

    private static final int COMMAND_MASTER = 4;

    private final Setup setup;
    private final Intx intx;
    private final LowPower lowPower;
    private final Regions regions;
    private Optional<EventIds> events = Optional.empty();
    private boolean open;

    public VfioFunction(Setup setup) {
        this.setup = setup;
        this.lowPower = new LowPower(setup.version.has(KernelVersion.V6_19));
        this.intx =
                new Intx(
                        new Intx.Wiring(
                                setup.device.name(),
                                setup.host.config(),
                                setup.function.routingId(),
                                setup.intx.spi(),
                                setup.intx.gic(),
                                setup.irqs,
                                setup.probe));
        this.regions = new Regions(setup.machine, setup.host.config(), setup.function, intx);
    }

    /// Its address.
    public Bdf bdf() {
        return setup.function.bdf();
    }

    String name() {
        return setup.device.name();
    }

    /// The device as the IOMMU core knows it.
    public IommuDevice iommuDevice() {
        return setup.device;
    }

    /// `open("/dev/vfio/devices/…")`.
    public VfioDevice open(IoctlFilter filter) {
        return new VfioDevice(this, filter);
    }

    boolean isOpen() {
        return open;
    }

    LowPower lowPower() {
        return lowPower;
    }

    Intx intx() {
        return intx;
    }

    Regions regions() {
        return regions;
    }

    VfioInterrupts.Context interruptContext() {
        return new VfioInterrupts.Context(name(), setup.irqs, dynamicMsix(), setup.probe);
    }

    /// The first open: memory decoding on, bus mastering off until the guest wants it.
    void enable() {
        open = true;
        setup.host.enable(setup.function, false);
        setMaster(false);
    }

    /// The last close.
    void disable() {
        lowPower.exit();
        reset();
        open = false;
    }

    private void setMaster(boolean on) {
        int id = setup.function.routingId();
        int command = setup.host.config().read(id, ConfigRegister.COMMAND);
        int next = on ? command | COMMAND_MASTER : command & ~COMMAND_MASTER;
        setup.host.config().write(id, ConfigRegister.COMMAND, next);
    }

    /// A function level reset; what the kernel wrote to configuration space is restored, bus
    /// mastering is off. From 7.0 on the device is parked meanwhile, ATS off.
    Result<Done> reset() {
        boolean parks = setup.version.has(KernelVersion.V7_0);
        Result<Done> ready = parks ? setup.device.prepareReset() : Result.done();
        return ready.map(d -> {
            FunctionReset.run(setup.host, setup.function);
            if (parks) {
                setup.device.resetDone();
            }
            setMaster(false);
            return d;
        });
    }

    @Override
    public int count(IrqIndex index) {
        return switch (index) {
            case INTX -> setup.function.space().read(ConfigRegister.INTERRUPT_PIN) == 0 ? 0 : 1;
            case MSI -> setup.function.space().msi().map(MsiCapability::vectorsCapable).orElse(0);
            case MSIX -> setup.function.space().msix().map(MsixCapability::vectors).orElse(0);
            case ERR, REQ -> 1;
        };
    }

    private boolean dynamicMsix() {
        return setup.version.has(KernelVersion.V7_3);
    }

    /// How many interrupts an index has is fixed, unless the ITS's domain lets MSI-X vectors come
    /// while it is on; INTx is one.
    IrqInfo irqInfo(IrqIndex index) {
        int flags =
                switch (index) {
                    case INTX -> IrqInfo.EVENTFD | IrqInfo.MASKABLE | IrqInfo.AUTOMASKED;
                    case MSIX -> IrqInfo.EVENTFD | (dynamicMsix() ? 0 : IrqInfo.NORESIZE);
                    case MSI, ERR, REQ -> IrqInfo.EVENTFD | IrqInfo.NORESIZE;
                };
        return new IrqInfo(flags, count(index));
    }

    @Override
    public Result<DeviceMsi> open(IrqIndex index) {
        // The ITS driver keeps a device of which EventIDs are taken, so also those that are lost.
        events = events.filter(e -> e.lost() > 0).or(() -> Optional.of(new EventIds(count(index))));
        return DeviceMsi.open(
                new DeviceMsi.Setup(
                        setup.device, setup.its, setup.itsDeviceId, events.orElseThrow()),
                setup.msi);
    }

    @Override
    public boolean takesAddresses() {
        return setup.msi.design().features().contains(MsiDesign.Feature.GIVEN_ADDRESSES);
    }

    @Override
    public VectorProgrammer programmer(IrqIndex index) {
        if (index == IrqIndex.MSI) {
            return new MsiProgrammer(
                    setup.host.config(),
                    setup.function.routingId(),
                    setup.function.space().msi().orElseThrow());
        }
        return new MsixProgrammer(
                MsixDriver.of(setup.machine, setup.host.config(), setup.function).orElseThrow());
    }
}
