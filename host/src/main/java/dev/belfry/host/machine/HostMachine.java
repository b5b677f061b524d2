package dev.belfry.host.machine;

import dev.belfry.host.description.CmdqvDescription;
import dev.belfry.host.description.DeviceDescription;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.description.ItsDescription;
import dev.belfry.host.description.SmmuDescription;
import dev.belfry.kernel.Machine;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.fabric.Doorbell;
import dev.belfry.model.gic.GicIdentity;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.ItsIdentity;
import dev.belfry.model.gic.spec.Icc;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.pci.Endpoint;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.model.smmu.Cmdqv;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.SmmuInterrupts;
import dev.belfry.model.smmu.spec.CmdqvLayout;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/// A host's hardware.
public final class HostMachine implements Machine {

    /// Frames of an ITS: control, then translation.
    private static final long TRANSLATER = 0x1_0040;

    private static final int SPIS = 256;

    /// SPIs of the SMMUs, four each.
    private static final int FIRST_SMMU_SPI = 32;

    /// SPIs of the CMDQ-Vs, one an SMMU.
    private static final int FIRST_CMDQV_SPI = 240;

    /// SPIs of devices' INTx pins, which share them.
    private static final int FIRST_INTX_SPI = 208;

    private static final int INTX_SPIS = 32;

    private final HostDescription description;
    private final Map<Integer, Set<Bdf>> intxUp = new HashMap<>();
    private final AddressMap map = new AddressMap();
    private final SparseRam ram;
    private final GicV3 gic;
    private final Map<String, Cmdqv> cmdqvs = new LinkedHashMap<>();
    private final Map<String, Smmu> smmus = new LinkedHashMap<>();
    private final Map<String, Its> itss = new LinkedHashMap<>();
    private final HostPci pci;
    private final InterruptSignal signal = new InterruptSignal();

    /// @param description what to build
    /// @param caches how the SMMUs cache
    /// @param probe told of all that happens on the host's side
    public HostMachine(HostDescription description, CacheMode caches, Probe probe) {
        this.description = description;
        ram = new SparseRam(description.ramBase(), description.ramSize());
        map.addMemory("RAM", ram.base(), ram.size(), ram);
        gic = new GicV3(new GicV3.Setup(GicIdentity.PHYSICAL, map, description.cpus(), SPIS));
        map.addDevice("GICD", description.gic().distributor(), gic.distributor());
        map.addDevice("GICR", description.gic().redistributors(), gic.redistributors());
        description.itss().forEach(i -> addIts(i, probe));
        description.smmus().forEach(s -> addSmmu(s, caches, probe));
        pci = new HostPci(this, description.devices(), probe);
    }

    private void addIts(ItsDescription d, Probe probe) {
        Its its =
                new Its(
                        new Its.Setup(
                                d.name(),
                                d.base(),
                                ItsIdentity.PHYSICAL,
                                gic,
                                description.gic().redistributors(),
                                map,
                                probe));
        itss.put(d.name(), its);
        map.addDevice(d.name(), d.base(), new SignallingFrame(its, signal));
    }

    private void addSmmu(SmmuDescription d, CacheMode caches, Probe probe) {
        int firstSpi = FIRST_SMMU_SPI + 4 * smmus.size();
        SmmuInterrupts lines = line -> pulse(firstSpi + offset(line));
        Smmu smmu = new Smmu(new Smmu.Setup(d.name(), d.identity(), map, lines, caches, probe));
        smmus.put(d.name(), smmu);
        map.addDevice(d.name(), d.base(), smmu);
        int spi = FIRST_CMDQV_SPI + smmus.size() - 1;
        d.cmdqv()
                .ifPresent(
                        c -> addCmdqv(d, c, new Cmdqv(smmu, c.parameters(), () -> userError(spi))));
    }

    private void addCmdqv(SmmuDescription smmu, CmdqvDescription d, Cmdqv cmdqv) {
        cmdqvs.put(smmu.name(), cmdqv);
        map.addDevice("CMDQ-V of " + smmu.name(), d.base(), cmdqv);
    }

    private void pulse(int spi) {
        gic.pulse(spi);
        signal.raise();
    }

    /// A process's own store led to it: the CPUs see it when the store is done.
    private void userError(int spi) {
        pulse(spi);
        signal.deliver();
    }

    /// How many commands the hardware took from the queues of one virtual interface.
    ///
    /// @param smmu whose CMDQ-V
    /// @param page0 physical address of page 0 of the interface
    public OptionalLong queuedCommands(String smmu, Hpa page0) {
        Cmdqv cmdqv = cmdqvs.get(smmu);
        if (cmdqv == null) {
            return OptionalLong.empty();
        }
        return description.smmus().stream()
                .filter(s -> s.name().equals(smmu))
                .flatMap(s -> s.cmdqv().stream())
                .mapToInt(d -> CmdqvLayout.vintfOfPage0(page0.value() - d.base()))
                .mapToLong(cmdqv::commands)
                .findFirst();
    }

    /// SPI of the CMDQ-V of an SMMU.
    public int cmdqvSpi(String name) {
        return FIRST_CMDQV_SPI + List.copyOf(smmus.keySet()).indexOf(name);
    }

    /// What it was built from.
    public HostDescription description() {
        return description;
    }

    /// Its physical address space.
    public AddressMap memory() {
        return map;
    }

    /// How much of RAM was ever written, bytes.
    public long touchedBytes() {
        return ram.touchedBytes();
    }

    /// The SMMU of that name.
    public Optional<Smmu> smmu(String name) {
        return Optional.ofNullable(smmus.get(name));
    }

    /// SPI of one of an SMMU's lines.
    public int smmuSpi(String name, SmmuInterrupts.Line line) {
        return FIRST_SMMU_SPI + 4 * List.copyOf(smmus.keySet()).indexOf(name) + offset(line);
    }

    private static int offset(SmmuInterrupts.Line line) {
        return switch (line) {
            case EVENTQ -> 0;
            case PRIQ -> 1;
            case CMD_SYNC -> 2;
            case GERROR -> 3;
        };
    }

    /// SPI that a device's INTx pin leads to (`_PRT`).
    public int intxSpi(Bdf bdf) {
        return FIRST_INTX_SPI + (bdf.routingId() & (INTX_SPIS - 1));
    }

    /// The wire from a device's pin: up as long as one of those that share it is.
    Consumer<Boolean> intx(DeviceDescription d) {
        int spi = intxSpi(d.bdf());
        Set<Bdf> up = intxUp.computeIfAbsent(spi, s -> new HashSet<>());
        return level -> {
            boolean changed = level ? up.add(d.bdf()) : up.remove(d.bdf());
            if (changed && up.size() == (level ? 1 : 0)) {
                gic.setLine(spi, level);
                signal.raise();
                signal.deliver();
            }
        };
    }

    /// The ITS of that name.
    public Optional<Its> its(String name) {
        return Optional.ofNullable(itss.get(name));
    }

    /// The GIC.
    public GicV3 gic() {
        return gic;
    }

    /// Host bridges, as firmware describes them.
    public List<HostBridge> hostBridges() {
        return pci.bridges();
    }

    /// The function at `bdf`.
    public Optional<Endpoint> function(Bdf bdf) {
        return pci.function(bdf);
    }

    /// The frames where a write becomes an interrupt.
    List<Doorbell> doorbells() {
        return description.itss().stream()
                .map(i ->
                        new Doorbell(
                                "GITS_TRANSLATER of " + i.name(),
                                i.base(),
                                2 * 0x1_0000,
                                i.base() + TRANSLATER))
                .toList();
    }

    Smmu smmuOf(DeviceDescription device) {
        Smmu smmu = smmus.get(device.smmu());
        if (smmu == null) {
            throw new IllegalArgumentException(
                    device.bdf() + " is behind " + device.smmu() + ", which is not described");
        }
        return smmu;
    }

    InterruptSignal signal() {
        return signal;
    }

    /// Calls `handler` whenever a CPU has an interrupt to take, once the transaction that led to it
    /// is done.
    public void onInterrupt(Runnable handler) {
        signal.connect(handler);
    }

    /// The affinity of CPU `cpu`, as MPIDR_EL1 has it: 16 to a cluster.
    public static long mpidr(int cpu) {
        return (cpu & ~15L) << 4 | (cpu & 15L);
    }

    @Override
    public long read(long address, int width) {
        return map.read(address, width);
    }

    @Override
    public void write(long address, int width, long value) {
        map.write(address, width, value);
    }

    @Override
    public byte[] readBytes(long address, int length) {
        byte[] bytes = new byte[length];
        map.readBytes(address, bytes, 0, length);
        return bytes;
    }

    @Override
    public void writeBytes(long address, byte[] bytes) {
        map.writeBytes(address, bytes, 0, bytes.length);
    }

    @Override
    public long ramBase() {
        return description.ramBase();
    }

    @Override
    public long ramSize() {
        return description.ramSize();
    }

    @Override
    public int cpus() {
        return description.cpus();
    }

    @Override
    public void writeIcc(int cpu, Icc register, long value) {
        gic.writeIcc(cpu, register, value);
    }

    @Override
    public int acknowledge(int cpu) {
        return gic.acknowledge(cpu);
    }

    @Override
    public void endOfInterrupt(int cpu, int intid) {
        gic.endOfInterrupt(cpu, intid);
    }
}
