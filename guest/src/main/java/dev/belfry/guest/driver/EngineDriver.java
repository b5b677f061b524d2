package dev.belfry.guest.driver;

import dev.belfry.guest.dma.Direction;
import dev.belfry.guest.dma.DmaSpace;
import dev.belfry.guest.irq.InterruptTable;
import dev.belfry.kernel.Machine;
import dev.belfry.kernel.its.MsiDomain;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.kernel.pci.BarResource;
import dev.belfry.kernel.pci.ConfigAccess;
import dev.belfry.kernel.pci.MessageVectors;
import dev.belfry.kernel.pci.MsiDriver;
import dev.belfry.kernel.pci.MsixDriver;
import dev.belfry.kernel.pci.PciFunction;
import dev.belfry.kernel.pci.PciHost;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Drives one endpoint.
public final class EngineDriver {

    /// What the kernel offers a driver.
    ///
    /// @param machine the machine
    /// @param pages memory for buffers
    /// @param interrupts who handles what
    public record Services(Machine machine, PageAllocator pages, InterruptTable interrupts) {}

    /// What the kernel knows about the device.
    ///
    /// @param host its host bridge
    /// @param function the function
    /// @param space addresses for its DMA
    /// @param msi who gives it vectors; empty when it can have none
    /// @param deviceId DeviceID there
    public record Resources(
            PciHost host,
            PciFunction function,
            DmaSpace space,
            Optional<MsiDomain> msi,
            long deviceId) {}

    /// A copy that the device did.
    ///
    /// @param direction which way
    /// @param address what the device was given; 0 when it could not be given any
    /// @param bytes how many
    /// @param verified what was sent came back
    public record Transfer(Direction direction, long address, int bytes, boolean verified) {}

    private static final int POLLS = 1000;
    private static final int EDU_VENDOR = 0x1234;
    private static final int EDU_DEVICE = 0x11e8;
    private static final long EDU_MASK = (1L << 28) - 1;

    private final Services services;
    private final Resources resources;
    private final OptionalLong engine;
    private final Optional<DeviceVectors> vectors;

    private EngineDriver(
            Services services,
            Resources resources,
            Optional<MessageVectors> messages,
            OptionalLong engine) {
        this.services = services;
        this.resources = resources;
        this.engine = engine;
        this.vectors =
                messages.flatMap(table ->
                                resources.msi.map(domain ->
                                        new DeviceVectors.Source(
                                                table,
                                                domain,
                                                resources.deviceId,
                                                resources.space,
                                                dmaMask(),
                                                services.interrupts)))
                        .map(source -> new DeviceVectors(source, index -> {}));
    }

    /// Takes a function if it is an endpoint with a DMA engine, MSI-X or MSI, and enables it.
    public static Optional<EngineDriver> probe(Services services, Resources resources) {
        PciFunction function = resources.function;
        if (function.isBridge()) {
            return Optional.empty();
        }
        Machine machine = services.machine;
        resources.host.enable(function, false);
        Optional<MessageVectors> messages = messages(machine, resources.host.config(), function);
        OptionalLong engine = findEngine(machine, function);
        if (messages.isEmpty() && engine.isEmpty()) {
            return Optional.empty();
        }
        resources.host.enable(function, true);
        return Optional.of(new EngineDriver(services, resources, messages, engine));
    }

    /// MSI-X where there is any, else MSI.
    static Optional<MessageVectors> messages(
            Machine machine, ConfigAccess config, PciFunction function) {
        Optional<MsixDriver> msix = MsixDriver.of(machine, config, function);
        return msix.isPresent()
                ? msix.map(MessageVectors.class::cast)
                : MsiDriver.of(config, function).map(MessageVectors.class::cast);
    }

    private static OptionalLong findEngine(Machine machine, PciFunction function) {
        Optional<BarResource> bar = function.bar(0).filter(BarResource::placed);
        if (bar.isEmpty() || bar.get().size() < 0x1000) {
            return OptionalLong.empty();
        }
        long registers = bar.get().cpuAddress();
        long id = machine.read(registers + EngineRegisters.IDENTIFICATION, 4);
        boolean isEngine =
                (id & EngineRegisters.IDENTIFICATION_MASK) == EngineRegisters.IDENTIFICATION_EDU;
        return isEngine ? OptionalLong.of(registers) : OptionalLong.empty();
    }

    /// `edu` reaches 28 bits unless it is told otherwise; the others reach everything.
    private long dmaMask() {
        boolean edu =
                resources.function.space().vendorId() == EDU_VENDOR
                        && resources.function.space().deviceId() == EDU_DEVICE;
        return edu ? EDU_MASK : -1;
    }

    /// The function it drives.
    public PciFunction function() {
        return resources.function;
    }

    /// Whether the device can copy, as far as it reaches memory.
    public boolean hasEngine() {
        return engine.isPresent();
    }

    /// Requests up to `limit` vectors, fewer where there are not so many, spreads them over the
    /// CPUs and lets them through.
    ///
    /// @return how many there are
    public int requestVectors(int limit) {
        return vectors.map(v -> v.request(limit)).orElse(0);
    }

    /// Lets a vector through: table entry first, then the interrupt controller.
    public void unmask(int index) {
        vectors.ifPresent(v -> v.unmask(index));
    }

    /// Holds a vector back: table entry first, then the interrupt controller.
    public void mask(int index) {
        vectors.ifPresent(v -> v.mask(index));
    }

    /// Sends a vector to another CPU. The message stays as it is.
    public void setAffinity(int index, int cpu) {
        vectors.ifPresent(v -> v.setAffinity(index, cpu));
    }

    /// The vectors as they are now.
    public List<VectorState> vectors() {
        return vectors.map(DeviceVectors::states).orElse(List.of());
    }

    /// Has the device raise a vector.
    public void raise(int index) {
        engine.ifPresent(registers ->
                services.machine.write(registers + EngineRegisters.RAISE_VECTOR, 4, index));
    }

    /// Sends `pattern` (at most 4 KiB) to the device and fetches it back into another buffer.
    ///
    /// @return both transfers; none when the device has no engine, or can put out no address that
    ///   leads to a buffer (`DMA_MAPPING_ERROR`)
    public List<Transfer> copyThere(byte[] pattern) {
        if (engine.isEmpty()) {
            return List.of();
        }
        PageAllocator pages = services.pages;
        long there = pages.allocate(pattern.length);
        long back = pages.allocate(pattern.length);
        services.machine.writeBytes(there, pattern);
        Optional<Copy> went = copy(engine.getAsLong(), there, pattern.length, Direction.TO_DEVICE);
        Optional<Copy> came = copy(engine.getAsLong(), back, pattern.length, Direction.FROM_DEVICE);
        byte[] arrived = services.machine.readBytes(back, pattern.length);
        boolean same = Arrays.equals(arrived, pattern);
        pages.free(there);
        pages.free(back);
        if (went.isEmpty() || came.isEmpty()) {
            return List.of();
        }
        Copy out = went.get();
        Copy in = came.get();
        // A device that does not say how a copy went is only known by what came back.
        boolean sent = out.result == EngineRegisters.RESULT_UNKNOWN ? same : out.isDone();
        boolean fetched = in.result == EngineRegisters.RESULT_UNKNOWN || in.isDone();
        return List.of(
                new Transfer(Direction.TO_DEVICE, out.address, pattern.length, sent),
                new Transfer(Direction.FROM_DEVICE, in.address, pattern.length, same && fetched));
    }

    private record Copy(long address, long result) {
        boolean isDone() {
            return result == EngineRegisters.RESULT_DONE;
        }
    }

    /// One copy: map, program, start, wait, unmap; empty when it could not be mapped.
    private Optional<Copy> copy(long registers, long buffer, int bytes, Direction direction) {
        OptionalLong mapped = resources.space.map(buffer, bytes, direction, dmaMask());
        if (mapped.isEmpty()) {
            return Optional.empty();
        }
        Machine machine = services.machine;
        boolean out = direction == Direction.TO_DEVICE;
        long address = mapped.getAsLong();
        machine.write(
                registers + EngineRegisters.DMA_SOURCE, 8, out ? address : EngineRegisters.BUFFER);
        machine.write(
                registers + EngineRegisters.DMA_DESTINATION,
                8,
                out ? EngineRegisters.BUFFER : address);
        machine.write(registers + EngineRegisters.DMA_COUNT, 8, bytes);
        int command =
                EngineRegisters.COMMAND_START | (out ? 0 : EngineRegisters.COMMAND_FROM_DEVICE);
        machine.write(registers + EngineRegisters.DMA_COMMAND, 8, command);
        for (int poll = 0; poll < POLLS; poll++) {
            long now = machine.read(registers + EngineRegisters.DMA_COMMAND, 8);
            if ((now & EngineRegisters.COMMAND_START) == 0) {
                break;
            }
        }
        long result = machine.read(registers + EngineRegisters.RESULT, 4);
        resources.space.unmap(address, bytes);
        return Optional.of(new Copy(address, result));
    }

    /// Gives everything back: vectors are masked and released, MSI-X is off.
    public void detach() {
        vectors.ifPresent(DeviceVectors::release);
    }
}
