package dev.belfry.kernel.pci;

import dev.belfry.kernel.Machine;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.MsixCapability;
import dev.belfry.model.pci.spec.MsixEntry;
import java.util.Optional;

/// A function's MSI-X capability and table, in Linux's order: enabled with all vectors masked by
/// the function mask, entries written, INTx off, every vector masked by itself, function mask off;
/// then vectors are unmasked one by one.
public final class MsixDriver implements MessageVectors {

    private static final int ENABLE = 1 << 15;
    private static final int FUNCTION_MASK = 1 << 14;
    private static final int INTX_DISABLE = 1 << 10;

    private final Machine machine;
    private final ConfigAccess config;
    private final int id;
    private final MsixCapability capability;
    private final long table;

    private MsixDriver(
            Machine machine, ConfigAccess config, int id, MsixCapability capability, long table) {
        this.machine = machine;
        this.config = config;
        this.id = id;
        this.capability = capability;
        this.table = table;
    }

    /// For a function; empty when it has no MSI-X, or its table's BAR has no address.
    public static Optional<MsixDriver> of(
            Machine machine, ConfigAccess config, PciFunction function) {
        Optional<MsixCapability> msix = function.space().msix();
        if (msix.isEmpty()) {
            return Optional.empty();
        }
        MsixCapability found = msix.get();
        return function.bar(found.tableBar())
                .filter(BarResource::placed)
                .map(bar -> bar.cpuAddress() + found.tableOffset())
                .map(at -> new MsixDriver(machine, config, function.routingId(), found, at));
    }

    /// Vectors in its table.
    @Override
    public int vectors() {
        return capability.vectors();
    }

    /// Physical address of entry `vector`.
    public long entry(int vector) {
        return table + (long) vector * MsixEntry.SIZE;
    }

    /// Enables MSI-X, all vectors masked, and looks at the entries that will be used.
    @Override
    public void enable(int used) {
        control(ENABLE | FUNCTION_MASK, 0);
        config.read(id, capability.offset() + MsixCapability.TABLE, 4);
        for (int vector = 0; vector < used; vector++) {
            machine.read(entry(vector) + MsixEntry.VECTOR_CONTROL, 4);
        }
    }

    /// Writes the message of a masked vector.
    @Override
    public void program(int vector, long address, int data) {
        long at = entry(vector);
        machine.write(at + MsixEntry.ADDRESS, 4, address & 0xffff_ffffL);
        machine.write(at + MsixEntry.UPPER_ADDRESS, 4, address >>> 32);
        machine.write(at + MsixEntry.DATA, 4, data & 0xffff_ffffL);
        machine.read(at + MsixEntry.DATA, 4);
    }

    /// Turns INTx off, masks every vector by itself and takes the function mask away.
    @Override
    public void start() {
        int command = config.read(id, ConfigRegister.COMMAND);
        if ((command & INTX_DISABLE) == 0) {
            config.write(id, ConfigRegister.COMMAND, command | INTX_DISABLE);
        }
        for (int vector = 0; vector < vectors(); vector++) {
            machine.write(entry(vector) + MsixEntry.VECTOR_CONTROL, 4, 1);
        }
        control(0, FUNCTION_MASK);
    }

    /// Lets a vector through.
    @Override
    public void unmask(int vector) {
        machine.write(entry(vector) + MsixEntry.VECTOR_CONTROL, 4, 0);
    }

    /// Holds a vector back; the read makes sure that the write has arrived.
    @Override
    public void mask(int vector) {
        machine.write(entry(vector) + MsixEntry.VECTOR_CONTROL, 4, 1);
        machine.read(table, 4);
    }

    /// Turns MSI-X off and INTx on.
    @Override
    public void disable() {
        control(0, ENABLE);
        int command = config.read(id, ConfigRegister.COMMAND);
        config.write(id, ConfigRegister.COMMAND, command & ~INTX_DISABLE);
    }

    private void control(int set, int clear) {
        int at = capability.offset() + MsixCapability.MESSAGE_CONTROL;
        int control = config.read(id, at, 2);
        config.write(id, at, 2, (control & ~clear) | set);
    }
}
