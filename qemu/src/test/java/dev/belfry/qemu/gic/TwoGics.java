package dev.belfry.qemu.gic;

import dev.belfry.model.gic.GicIdentity;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.ItsIdentity;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.qemu.process.RealQemu;
import dev.belfry.qemu.qtest.QtestClient;
import java.util.ArrayList;
import java.util.List;

/// A GIC with an ITS and two CPUs in a real QEMU, and the same in the model. What is written goes
/// to both; what is read tells where they differ.
final class TwoGics implements AutoCloseable {

    static final long GICD = 0x800_0000L;
    static final long GITS = 0x808_0000L;
    static final long GICR = 0x80a_0000L;
    static final long RAM = 0x4000_0000L;
    static final long RAM_SIZE = 32L << 20;

    private final QemuProcess qemu;
    private final AddressMap model = new AddressMap();
    private final List<String> pending = new ArrayList<>();

    private TwoGics(List<String> machine, GicIdentity gicIdentity, ItsIdentity itsIdentity) {
        List<String> arguments = new ArrayList<>(machine);
        arguments.addAll(List.of("-smp", "2", "-nodefaults", "-m", "32M", "-S"));
        qemu = QemuProcess.start(arguments, RealQemu.PATIENCE);
        SparseRam ram = new SparseRam(RAM, RAM_SIZE);
        model.addMemory("RAM", RAM, RAM_SIZE, ram);
        // QEMU counts INTIDs one register short in GICD_TYPER before 8.1; nothing here asks it.
        GicV3 gic = new GicV3(new GicV3.Setup(gicIdentity, model, 2, 256));
        Its its = new Its(new Its.Setup("its", GITS, itsIdentity, gic, GICR, model, Probe.NONE));
        model.addDevice("GICD", GICD, gic.distributor());
        model.addDevice("GITS", GITS, its);
        model.addDevice("GICR", GICR, gic.redistributors());
    }

    static TwoGics v3() {
        return new TwoGics(
                List.of("-M", "virt,gic-version=3,its=on"),
                GicIdentity.QEMU_TCG,
                ItsIdentity.QEMU_TCG);
    }

    static TwoGics v4() {
        return new TwoGics(
                List.of("-M", "virt,gic-version=4,virtualization=on,its=on", "-cpu", "max"),
                GicIdentity.QEMU_TCG.withVirtualLpis(),
                ItsIdentity.QEMU_TCG.withVirtualLpis());
    }

    void write(long address, int width, long value) {
        pending.add(QtestClient.writeCommand(address, width, value));
        model.write(address, width, value);
        if (pending.size() >= 200) {
            flush();
        }
    }

    private void flush() {
        qemu.qtest().commands(pending);
        pending.clear();
    }

    long qemu(long address, int width) {
        flush();
        return qemu.qtest().read(address, width);
    }

    long model(long address, int width) {
        return model.read(address, width);
    }

    byte[] qemuBytes(long address, int length) {
        flush();
        return qemu.qtest().readBytes(address, length);
    }

    byte[] modelBytes(long address, int length) {
        byte[] bytes = new byte[length];
        model.readBytes(address, bytes, 0, length);
        return bytes;
    }

    @Override
    public void close() {
        qemu.close();
    }
}
