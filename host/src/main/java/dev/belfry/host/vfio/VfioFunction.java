package dev.belfry.host.vfio;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.msi.DeviceMsi;
import dev.belfry.host.msi.InterruptTable;
import dev.belfry.host.msi.MsiDesign;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.Machine;
import dev.belfry.kernel.its.MsiDomain;
import dev.belfry.kernel.pci.FunctionReset;
import dev.belfry.kernel.pci.MsixDriver;
import dev.belfry.kernel.pci.PciFunction;
import dev.belfry.kernel.pci.PciHost;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.MsiCapability;
import dev.belfry.model.pci.spec.MsixCapability;

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
            Probe probe) {}

    private static final int COMMAND_MASTER = 4;

    private final Setup setup;
    private final Regions regions;
    private boolean open;

    public VfioFunction(Setup setup) {
        this.setup = setup;
        this.regions = new Regions(setup.machine, setup.host.config(), setup.function);
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

    Regions regions() {
        return regions;
    }

    VfioInterrupts.Context interruptContext() {
        return new VfioInterrupts.Context(name(), setup.irqs, setup.probe);
    }

    /// The first open: memory decoding on, bus mastering off until the guest wants it.
    void enable() {
        open = true;
        setup.host.enable(setup.function, false);
        setMaster(false);
    }

    /// The last close.
    void disable() {
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
    /// mastering is off.
    void reset() {
        FunctionReset.run(setup.host, setup.function);
        setMaster(false);
    }

    @Override
    public int count(IrqIndex index) {
        return switch (index) {
            case INTX -> 0;
            case MSI -> setup.function.space().msi().map(MsiCapability::vectorsCapable).orElse(0);
            case MSIX -> setup.function.space().msix().map(MsixCapability::vectors).orElse(0);
            case ERR, REQ -> 1;
        };
    }

    /// MSI-X vectors can be added while it is on: the ITS domain allows that.
    IrqInfo irqInfo(IrqIndex index) {
        int flags =
                switch (index) {
                    case INTX ->
                            IrqInfo.EVENTFD
                                    | IrqInfo.MASKABLE
                                    | IrqInfo.AUTOMASKED
                                    | IrqInfo.NORESIZE;
                    case MSIX -> IrqInfo.EVENTFD;
                    case MSI, ERR, REQ -> IrqInfo.EVENTFD | IrqInfo.NORESIZE;
                };
        return new IrqInfo(flags, count(index));
    }

    @Override
    public Result<DeviceMsi> open(IrqIndex index) {
        return DeviceMsi.open(setup.device, setup.its, setup.itsDeviceId, count(index), setup.msi);
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
