package dev.belfry.qemu.guestport;

import dev.belfry.model.system.SystemView.Frame;
import dev.belfry.model.system.SystemView.Ram;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.live.LiveSystem;
import dev.belfry.qemu.qmp.QmpClient;
import dev.belfry.qemu.qtest.QtestClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A QEMU's machine as code on its CPUs would see it.
public final class QtestMachine {

    private final QtestClient qtest;
    private final Ram ram;
    private final int cpus;
    private final PendingInterrupts interrupts;

    private QtestMachine(QtestClient qtest, Ram ram, int cpus, PendingInterrupts interrupts) {
        this.qtest = qtest;
        this.ram = ram;
        this.cpus = cpus;
        this.interrupts = interrupts;
    }

    /// The machine behind these connections; its CPUs should stand still.
    ///
    /// @throws QemuError when it has no RAM or no distributor that can be reached
    public static QtestMachine of(QmpClient qmp, QtestClient qtest) {
        try (LiveSystem view =
                LiveSystem.over(Path.of("qtest"), qmp, Optional.of(qtest), Optional.empty())) {
            if (view.ram().isEmpty() || view.distributors().isEmpty()) {
                throw new QemuError("the machine shows no RAM or no GIC distributor");
            }
            List<Long> gicrs = view.redistributors().stream().map(Frame::base).toList();
            long gicd = view.distributors().getFirst().base();
            return new QtestMachine(
                    qtest,
                    view.ram().getFirst(),
                    Math.max(1, gicrs.size()),
                    new PendingInterrupts(qtest, gicd, gicrs));
        }
    }

    /// Reads `width` bytes (1, 2, 4 or 8) at a physical address with one access, zero-extended.
    public long read(long address, int width) {
        return qtest.read(address, width);
    }

    /// Writes the low `width` bytes of `value` with one access.
    public void write(long address, int width, long value) {
        qtest.write(address, width, value);
    }

    /// Reads `length` bytes of RAM.
    public byte[] readBytes(long address, int length) {
        return qtest.readBytes(address, length);
    }

    /// Writes bytes to RAM.
    public void writeBytes(long address, byte[] bytes) {
        qtest.writeBytes(address, bytes);
    }

    /// RAM's first byte.
    public long ramBase() {
        return ram.base();
    }

    /// RAM's size in bytes.
    public long ramSize() {
        return ram.size();
    }

    /// How many CPUs there are.
    public int cpus() {
        return cpus;
    }

    /// CPU `cpu` takes its highest-priority pending interrupt: an INTID, 1023 when there is none.
    public int acknowledge(int cpu) {
        return interrupts.acknowledge(cpu);
    }

    /// CPU `cpu` is done with `intid`.
    public void endOfInterrupt(int cpu, int intid) {
        interrupts.end(cpu, intid);
    }
}
